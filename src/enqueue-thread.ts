/** The entry of a worker thread: it lists, sorts and sends, so that the editor's own thread is free. */
import { constants, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { ENQUEUE_WORK } from './app/batch/enqueue-work.ts';
import { DynamoBatchStore } from './aws/batch-store.ts';
import { S3BucketStore } from './aws/bucket-store.ts';
import { AwsClients } from './aws/connection.ts';
import { SqsQueueService } from './aws/queue-service.ts';
import { SharedQueueService } from './aws/shared-queue-service.ts';
import { WorkerBackground } from './aws/worker-background.ts';
import type { ThreadData } from './aws/thread-messages.ts';
import { serveThread } from './aws/thread-server.ts';

// On Linux this is the thread's own priority, elsewhere the process's (setpriority(2), "C library/kernel differences").
if (parentPort && process.platform === 'linux') setPriority(constants.priority.PRIORITY_BELOW_NORMAL);

/** Of the thread that sends, MB. */
const LIMITS = { maxOldGenerationSizeMb: 64 };

if (parentPort) {
  const { connection, file } = workerData as ThreadData;
  serveThread(
    parentPort,
    (credentials) => {
      const clients = new AwsClients(connection, connection.credentials ?? credentials);
      const sender =
        file === undefined
          ? undefined
          : new WorkerBackground({ file, data: { connection }, credentials, limits: LIMITS });
      return {
        buckets: new S3BucketStore(clients),
        queues: sender ? new SharedQueueService(clients, sender) : new SqsQueueService(clients),
        batches: new DynamoBatchStore(clients),
      };
    },
    ENQUEUE_WORK,
  );
}

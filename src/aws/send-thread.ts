/** The entry of a worker thread that sends messages, beside the one that lists. */
import { parentPort, workerData } from 'node:worker_threads';
import pLimit from 'p-limit';
import { AwsClients } from './connection.ts';
import { SqsQueueService } from './queue-service.ts';
import { SEND_WORK, SENDS } from './send-work.ts';
import type { ThreadData } from './thread-messages.ts';
import { serveThread } from './thread-server.ts';

if (parentPort) {
  const { connection } = workerData as ThreadData;
  serveThread(
    parentPort,
    (credentials) => {
      const queues = new SqsQueueService(new AwsClients(connection, connection.credentials ?? credentials));
      // Not by the clients' connections: what waits 5 s for one has failed.
      const limit = pLimit(SENDS);
      return { send: (...request) => limit(() => queues.send(...request)) };
    },
    SEND_WORK,
  );
}

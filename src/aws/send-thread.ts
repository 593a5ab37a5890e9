/** The entry of a worker thread that sends messages, beside the one that lists. */
import { parentPort, workerData } from 'node:worker_threads';
import { AwsClients } from './connection.ts';
import { SqsQueueService } from './queue-service.ts';
import { SEND_CONNECTIONS, SEND_WORK } from './send-work.ts';
import type { ThreadData } from './thread-messages.ts';
import { serveThread } from './thread-server.ts';

if (parentPort) {
  const { connection } = workerData as ThreadData;
  serveThread(
    parentPort,
    (credentials) => {
      const source = connection.credentials ?? credentials;
      return new SqsQueueService(new AwsClients(connection, source, SEND_CONNECTIONS));
    },
    SEND_WORK,
  );
}

import { decodeQueueMessage } from '../../core/batch/queue-message.ts';
import type { OutgoingMessage, QueueService } from '../../core/batch/queue-service.ts';
import { s3Uri } from '../../core/files/s3-location.ts';
import type { FaultPlan } from './choose-faults.ts';
import type { FileFault } from './file-faults.ts';

/** A queue that takes every message, sends some of them twice, and loses others. All else is as in the real one. */
export function faultyQueue(queues: QueueService, plan: FaultPlan<FileFault>): QueueService {
  const times = ({ body }: OutgoingMessage): number => {
    const input = s3Uri(decodeQueueMessage(body));
    if (plan.get('message-never-seen')?.has(input) === true) return 0;
    return plan.get('message-doubled')?.has(input) === true ? 2 : 1;
  };
  return {
    async send(queueUrl, messages, signal) {
      const failures = await queues.send(
        queueUrl,
        messages.filter((message) => times(message) > 0),
        signal,
      );
      const again = messages.filter((message) => times(message) > 1);
      // A call takes 10 messages, so the copies have one of their own.
      return [...failures, ...(await queues.send(queueUrl, again, signal))];
    },
    receive: (...request) => queues.receive(...request),
    delete: (...request) => queues.delete(...request),
    release: (...request) => queues.release(...request),
    depth: (...request) => queues.depth(...request),
    startMove: (...request) => queues.startMove(...request),
    moves: (...request) => queues.moves(...request),
    cancelMove: (...request) => queues.cancelMove(...request),
  };
}

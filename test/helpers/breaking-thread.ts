import { parentPort } from 'node:worker_threads';
import { AwsError } from '../../src/core/errors.ts';
import { sentError, type FromThread, type ToThread } from '../../src/aws/thread-messages.ts';

const post = (message: FromThread): void => {
  parentPort?.postMessage(message);
};

/** A thread that lists one page, and then AWS does not answer any more. */
parentPort?.on('message', ({ kind, id }: ToThread) => {
  if (kind !== 'call') return;
  post({ kind: 'page', id, objects: [] });
  const lost = { operation: 's3:ListObjectsV2', awsCode: 'TimeoutError' };
  post({ kind: 'failure', id, error: sentError(new AwsError('unreachable', 'AWS does not answer.', lost)) });
});

import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { poll } from '../../app/poll.ts';
import { MediaBatchError } from '../../core/errors.ts';
import { readSummary, type ReconcilerCounts } from '../../core/stack/reconciler-run.ts';
import type { StackOutputs } from '../../core/stack/stack-contract.ts';
import type { LocalConnection } from './local-connection.ts';

/**
 * Runs the reconciler now, as the account's owner: every open file, and not only those whose look is due. While another
 * run is at work it waits for its end.
 * @param batch only the files of this one; absent: of all batches
 * @returns what the run did
 * @throws MediaBatchError `local-cloud` with the function's own words
 */
export async function reconcileNow(
  { region, endpoint, credentials }: LocalConnection,
  { reconcilerFunction: FunctionName = '' }: StackOutputs,
  { batch, signal }: { batch?: string; signal?: AbortSignal | undefined } = {},
): Promise<ReconcilerCounts> {
  const lambda = new LambdaClient({ region, endpoint, credentials });
  const run = async (): Promise<ReconcilerCounts | undefined> => {
    const Payload = JSON.stringify({ now: true, batch });
    const answer = await lambda.send(new InvokeCommand({ FunctionName, Payload }), {
      ...(signal && { abortSignal: signal }),
    });
    const text = Buffer.from(answer.Payload ?? []).toString();
    const summary = answer.FunctionError === undefined ? readSummary(JSON.parse(text)) : undefined;
    if (!summary) throw new MediaBatchError('local-cloud', `The reconciler failed: ${text}`);
    return summary.busy ? undefined : summary.did;
  };
  try {
    return await poll(run, 250, signal);
  } finally {
    lambda.destroy();
  }
}

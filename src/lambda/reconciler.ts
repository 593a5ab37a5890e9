import type { Context } from 'aws-lambda';
import { reconcile } from '../app/batch/reconcile.ts';
import { reconcileDispatch } from '../app/stack/reconcile-dispatch.ts';
import { dynamoOpenFiles } from '../aws/open-files.ts';
import { isQueueEmpty, letterQueue, messageSender } from '../aws/queue-mail.ts';
import { beginRun } from '../aws/reconciler-log.ts';
import { messageOf } from '../core/errors.ts';
import { readRequest, type ReconcilerSummary } from '../core/stack/reconciler-run.ts';
import { fromEnv } from './env.ts';
import { createStackParts } from './stack-parts.ts';

/** What is left of a run after its last file, in ms: enough for one request to Ittybit and the record of the run. */
const RESERVE_MS = 15_000;

/**
 * The reconciler: EventBridge runs it each minute, and the editor on demand. A run raises the error that its record
 * has as well, so that the function's metric of errors counts it.
 * @throws Error naming a missing variable
 */
export function createReconciler(): (event: unknown, context: Context) => Promise<ReconcilerSummary> {
  const env = fromEnv([
    'WORK_QUEUE_URL',
    'WORK_QUEUE_ARN',
    'DEAD_LETTER_QUEUE_URL',
    'CONSUMER_FUNCTION_NAME',
    'BRAKE_PERCENT',
  ]);
  const stack = createStackParts('reconciler');
  const { dynamo, table, sqs, now } = stack;
  const dispatch = stack.dispatchOf(env.CONSUMER_FUNCTION_NAME, env.WORK_QUEUE_ARN);

  return async (event, context) => {
    const deadlineMs = now() + context.getRemainingTimeInMillis() - RESERVE_MS;
    const end = await beginRun(dynamo, table, stack.stackId, now);
    if (!end) return { busy: true, did: {} };
    const did: Record<string, number> = {};
    let isEmpty: boolean;
    try {
      await reconcileDispatch(dispatch, did, now());
      const state = dispatch.readDispatch();
      let key: Promise<string> | undefined;
      const services = {
        ...stack,
        openFiles: dynamoOpenFiles(dynamo, table),
        letters: letterQueue(sqs, env.DEAD_LETTER_QUEUE_URL),
        send: messageSender(sqs, env.WORK_QUEUE_URL),
        dispatch: () => state,
        order: stack.createOrders(),
        apiKey: () => (key ??= stack.apiKey(true)),
        random: Math.random,
        brakePercent: Number(env.BRAKE_PERCENT),
      };
      Object.assign(did, await reconcile({ ...readRequest(event), deadlineMs }, services));
      isEmpty = await isQueueEmpty(sqs, env.WORK_QUEUE_URL);
    } catch (error) {
      await end(did, messageOf(error));
      throw error;
    }
    await end(did, undefined, isEmpty);
    console.log(JSON.stringify({ did }));
    return { busy: false, did };
  };
}

import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { reconcileDispatch } from '../app/stack/reconcile-dispatch.ts';
import { dispatchSwitch } from '../aws/dispatch-switch.ts';
import { beginRun } from '../aws/reconciler-log.ts';
import { messageOf } from '../core/errors.ts';
import type { ReconcilerSummary } from '../core/stack/reconciler-run.ts';
import { fromEnv } from './env.ts';

const env = fromEnv(['TABLE_NAME', 'STACK_ID', 'WORK_QUEUE_ARN', 'CONSUMER_FUNCTION_NAME']);
const dynamo = DynamoDBDocumentClient.from(new DynamoDBClient({}), {
  marshallOptions: { removeUndefinedValues: true },
});
const now = () => Date.now();
const dispatch = dispatchSwitch({
  dynamo,
  lambda: new LambdaClient({}),
  table: env.TABLE_NAME,
  stackId: env.STACK_ID,
  functionName: env.CONSUMER_FUNCTION_NAME,
  queueArn: env.WORK_QUEUE_ARN,
  by: 'reconciler',
  now,
});

/**
 * The reconciler: EventBridge runs it each minute, and the editor on demand.
 * @param event with `now` on demand
 * @throws Error that the run's record has as well, so that the function's metric of errors counts it
 */
export async function handler({ now: onDemand = false }: { now?: boolean }): Promise<ReconcilerSummary> {
  const end = await beginRun(dynamo, env.TABLE_NAME, env.STACK_ID, now);
  if (!end) return { busy: true, did: {} };
  const did: Record<string, number> = {};
  try {
    await reconcileDispatch(dispatch, did, now());
  } catch (error) {
    await end(did, messageOf(error));
    throw error;
  }
  await end(did, undefined);
  console.log(JSON.stringify({ onDemand, did }));
  return { busy: false, did };
}

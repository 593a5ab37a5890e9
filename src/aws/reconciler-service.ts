import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { DescribeRuleCommand, EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { marshall } from '@aws-sdk/util-dynamodb';
import { MediaBatchError } from '../core/errors.ts';
import { fieldsOf, isText, parseJson } from '../core/foreign-json.ts';
import type { DispatchPlace } from '../core/stack/dispatch-control.ts';
import {
  readRun,
  readSummary,
  reconcilerKey,
  type ReconcilerRun,
  type ReconcilerSummary,
} from '../core/stack/reconciler-run.ts';
import type { ReconcilerService } from '../core/stack/reconciler-service.ts';
import { readJobAnswer, type JobAnswer } from '../core/batch/job-answer.ts';
import { visibleText } from '../core/visible-text.ts';
import { abortable, type AwsClients, type ServiceCaller } from './connection.ts';
import { plain } from './index-place.ts';

/** The reconciler's record in the results table, its rule in EventBridge, and its function in Lambda. */
export class AwsReconcilerService implements ReconcilerService {
  readonly #dynamo: ServiceCaller<DynamoDBClient>;
  readonly #lambda: ServiceCaller<LambdaClient>;
  readonly #events: ServiceCaller<EventBridgeClient>;

  constructor(clients: AwsClients) {
    this.#dynamo = clients.service('dynamodb', (config) => new DynamoDBClient(config));
    this.#lambda = clients.service('lambda', (config) => new LambdaClient(config));
    this.#events = clients.service('events', (config) => new EventBridgeClient(config));
  }

  async readRun(
    { resultsTable, stackId }: Pick<DispatchPlace, 'resultsTable' | 'stackId'>,
    signal?: AbortSignal,
  ): Promise<ReconcilerRun | undefined> {
    const command = new GetItemCommand({ TableName: resultsTable, Key: marshall(reconcilerKey(stackId)) });
    const { Item } = await this.#dynamo.call('GetItem', (dynamo) => dynamo.send(command, abortable(signal)), {
      subject: `table "${resultsTable}"`,
    });
    return readRun(Item && plain(Item));
  }

  async readRule(rule: string, signal?: AbortSignal): Promise<boolean> {
    const command = new DescribeRuleCommand({ Name: rule });
    const read = async (events: EventBridgeClient): Promise<boolean> => {
      const { State = '' } = await events.send(command, abortable(signal));
      return State.startsWith('ENABLED');
    };
    return this.#events.call('DescribeRule', read, {
      subject: `rule "${rule}"`,
      recover: ({ name }) => (name === 'ResourceNotFoundException' ? false : undefined),
    });
  }

  async run(functionName: string, batch?: string, signal?: AbortSignal): Promise<ReconcilerSummary> {
    const result = await this.#invoke(functionName, { now: true, batch }, signal);
    const summary = readSummary(result);
    if (summary) return summary;
    throw failure(result);
  }

  async askJob(functionName: string, jobId: string, signal?: AbortSignal): Promise<JobAnswer | undefined> {
    const result = await this.#invoke(functionName, { job: jobId }, signal);
    const answer = readJobAnswer(result);
    if (answer) return answer;
    // An older function takes the question for a run.
    if (readSummary(result)) return undefined;
    throw failure(result);
  }

  async #invoke(functionName: string, event: object, signal: AbortSignal | undefined): Promise<unknown> {
    const Payload = Buffer.from(JSON.stringify(event));
    const command = new InvokeCommand({ FunctionName: functionName, Payload });
    const { Payload: answer = new Uint8Array() } = await this.#lambda.call(
      'Invoke',
      (lambda) => lambda.send(command, abortable(signal)),
      { subject: `function "${functionName}"` },
    );
    return parseJson(Buffer.from(answer).toString());
  }
}

/** What a function throws comes back in this form (Lambda Developer Guide, "Function errors in Node.js"). */
function failure(result: unknown): MediaBatchError {
  const { errorMessage } = fieldsOf(result) ?? {};
  const words =
    isText(errorMessage) && errorMessage !== '' ? visibleText(errorMessage, 500) : 'no reason given';
  return new MediaBatchError(
    'reconcile-failed',
    `The reconciler failed (${words}): correct the cause, or read its logs in CloudWatch.`,
  );
}

import { setTimeout as delay } from 'node:timers/promises';
import {
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import {
  GetAccountSettingsCommand,
  GetEventSourceMappingCommand,
  LambdaClient,
  UpdateEventSourceMappingCommand,
  type EventSourceMappingConfiguration,
} from '@aws-sdk/client-lambda';
import { marshall } from '@aws-sdk/util-dynamodb';
import {
  dispatchCondition,
  dispatchItem,
  laterDispatch,
  oldDispatchItem,
  readDispatch,
} from '../core/stack/dispatch-codec.ts';
import { AwsError } from '../core/errors.ts';
import type { Fields } from '../core/foreign-json.ts';
import type {
  DispatchControl,
  DispatchPlace,
  DispatchState,
  MappingState,
} from '../core/stack/dispatch-control.ts';
import { mostUpdate, pacedQuery, paceKey, readPaced } from '../core/stack/pace-codec.ts';
import type { LiveMost } from '../core/stack/pace.ts';
import type { PacedDispatch } from '../core/stack/dispatch-control.ts';
import type { Tuning } from '../core/stack/stack-contract.ts';
import { DISPATCH_KEY } from '../core/batch/table-keys.ts';
import { abortable, type AwsClients, type ServiceCaller } from './connection.ts';
import { plain } from './index-place.ts';

const POLL_MS = 1_000;
/** A change usually takes up to a minute (not documented); three leave room. */
const MAX_POLLS = 180;

/** Whether dispatch runs, and how fast: the control item and the consumer's event source mapping. */
export class LambdaDispatchControl implements DispatchControl {
  readonly #dynamo: ServiceCaller<DynamoDBClient>;
  readonly #lambda: ServiceCaller<LambdaClient>;

  constructor(clients: AwsClients) {
    this.#dynamo = clients.service('dynamodb', (config) => new DynamoDBClient(config));
    this.#lambda = clients.service('lambda', (config) => new LambdaClient(config));
  }

  /** No item means that dispatch was never paused. An item of the older kind may be left of an older template. */
  async readState(place: DispatchPlace, signal?: AbortSignal): Promise<DispatchState> {
    return (await this.readPaced(place, signal)).state;
  }

  async readPaced({ resultsTable, stackId }: DispatchPlace, signal?: AbortSignal): Promise<PacedDispatch> {
    const [{ state, pace }, old] = await Promise.all([
      this.#readPaced(resultsTable, stackId, signal),
      this.#readOld(resultsTable, signal),
    ]);
    return { state: laterDispatch(state, old), pace };
  }

  async setMost(
    { resultsTable, stackId }: DispatchPlace,
    live: LiveMost,
    signal?: AbortSignal,
  ): Promise<void> {
    const { ExpressionAttributeValues: values, ...change } = mostUpdate(live);
    const command = new UpdateItemCommand({
      ...{ TableName: resultsTable, Key: marshall(paceKey(stackId)), ...change },
      ExpressionAttributeValues: marshall(values),
    });
    await this.#dynamo.call('UpdateItem', (dynamo) => dynamo.send(command, abortable(signal)), {
      subject: `table "${resultsTable}"`,
    });
  }

  async functionsAtOnce(signal?: AbortSignal): Promise<number | undefined> {
    const command = new GetAccountSettingsCommand({});
    const { AccountLimit } = await this.#lambda.call(
      'GetAccountSettings',
      (lambda) => lambda.send(command, abortable(signal)),
      { subject: 'the settings of Lambda' },
    );
    return AccountLimit?.ConcurrentExecutions;
  }

  async writeState(place: DispatchPlace, next: DispatchState, signal?: AbortSignal): Promise<boolean> {
    const { resultsTable, stackId, reconcilerFunction } = place;
    const isWritten = await this.#write(resultsTable, dispatchItem(stackId, next), next, signal);
    if (isWritten && reconcilerFunction === undefined) {
      await this.#write(resultsTable, oldDispatchItem(next), undefined, signal);
    }
    return isWritten;
  }

  async mapping(id: string, signal?: AbortSignal): Promise<MappingState> {
    const command = new GetEventSourceMappingCommand({ UUID: id });
    const mapping = await this.#lambda.call(
      'GetEventSourceMapping',
      (lambda) => lambda.send(command, abortable(signal)),
      { subject: `event source mapping "${id}"` },
    );
    return toMapping(mapping);
  }

  /** Waits before the change too, because Lambda refuses a change while another one is running. */
  async updateMapping(
    id: string,
    change: Partial<Tuning> & { enabled?: boolean },
    signal?: AbortSignal,
  ): Promise<MappingState> {
    await this.#until(id, isSettled, signal);
    const { enabled, ...tuning } = change;
    const { batchSize, maximumBatchingWindow, maximumConcurrency } = tuning;
    const command = new UpdateEventSourceMappingCommand({
      UUID: id,
      Enabled: enabled,
      BatchSize: batchSize,
      MaximumBatchingWindowInSeconds: maximumBatchingWindow,
      ScalingConfig:
        maximumConcurrency === undefined ? undefined : { MaximumConcurrency: maximumConcurrency },
    });
    await this.#lambda.call('UpdateEventSourceMapping', (lambda) => lambda.send(command, abortable(signal)), {
      subject: `event source mapping "${id}"`,
    });
    const wanted = Object.entries(tuning) as [keyof Tuning, number | undefined][];
    // The first answers after a change may still be the old ones.
    const isDone = (mapping: MappingState): boolean =>
      isSettled(mapping) &&
      (enabled === undefined || mapping.state === (enabled ? 'Enabled' : 'Disabled')) &&
      wanted.every(([name, value]) => value === undefined || mapping[name] === value);
    return this.#until(id, isDone, signal);
  }

  async #readPaced(table: string, stackId: string, signal: AbortSignal | undefined): Promise<PacedDispatch> {
    const { ExpressionAttributeValues: values, ...query } = pacedQuery(stackId);
    const command = new QueryCommand({
      TableName: table,
      ...query,
      ExpressionAttributeValues: marshall(values),
    });
    const { Items = [] } = await this.#dynamo.call(
      'Query',
      (dynamo) => dynamo.send(command, abortable(signal)),
      { subject: `table "${table}"` },
    );
    return readPaced(Items.map(plain));
  }

  async #readOld(table: string, signal: AbortSignal | undefined): Promise<DispatchState> {
    const command = new GetItemCommand({
      TableName: table,
      Key: marshall(DISPATCH_KEY),
      ConsistentRead: true,
    });
    const { Item } = await this.#dynamo.call('GetItem', (dynamo) => dynamo.send(command, abortable(signal)), {
      subject: `table "${table}"`,
    });
    return readDispatch(Item && plain(Item));
  }

  /** @param next the state whose condition must hold; undefined: none */
  async #write(
    table: string,
    item: Fields,
    next: DispatchState | undefined,
    signal: AbortSignal | undefined,
  ): Promise<boolean> {
    const { ExpressionAttributeValues: values, ...condition } = next ? dispatchCondition(next) : {};
    const command = new PutItemCommand({
      TableName: table,
      Item: marshall(item, { removeUndefinedValues: true }),
      ...condition,
      ...(values && { ExpressionAttributeValues: marshall(values) }),
    });
    const write = async (dynamo: DynamoDBClient): Promise<boolean> => {
      await dynamo.send(command, abortable(signal));
      return true;
    };
    return this.#dynamo.call('PutItem', write, {
      subject: `table "${table}"`,
      recover: ({ name }) => (name === 'ConditionalCheckFailedException' ? false : undefined),
    });
  }

  async #until(
    id: string,
    isDone: (mapping: MappingState) => boolean,
    signal: AbortSignal | undefined,
  ): Promise<MappingState> {
    for (let poll = 0; poll < MAX_POLLS; poll += 1) {
      const mapping = await this.mapping(id, signal);
      if (isDone(mapping)) return mapping;
      await delay(POLL_MS, undefined, signal && { signal });
    }
    throw new AwsError(
      'conflict',
      'The event source mapping did not settle in 3 minutes: look again later.',
      {
        operation: 'lambda:GetEventSourceMapping',
        awsCode: 'NotSettled',
      },
    );
  }
}

function isSettled({ state }: MappingState): boolean {
  return state === 'Enabled' || state === 'Disabled';
}

/** Absent settings take AWS's defaults: batch 10, no window, no limit of its own. */
function toMapping(mapping: EventSourceMappingConfiguration): MappingState {
  return {
    state: mapping.State ?? 'Unknown',
    lastResult: mapping.LastProcessingResult,
    batchSize: amount(mapping.BatchSize, 10),
    maximumConcurrency: amount(mapping.ScalingConfig?.MaximumConcurrency, 1000),
    maximumBatchingWindow: amount(mapping.MaximumBatchingWindowInSeconds, 0),
  };
}

/** Emulators answer with strings where a template's parameter was one. */
function amount(value: unknown, absent: number): number {
  return value === undefined || value === null ? absent : Number(value);
}

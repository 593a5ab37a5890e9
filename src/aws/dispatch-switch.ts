import {
  ListEventSourceMappingsCommand,
  UpdateEventSourceMappingCommand,
  type LambdaClient,
} from '@aws-sdk/client-lambda';
import { GetCommand, PutCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { dispatchCondition, dispatchItem, dispatchKey, readDispatch } from '../core/stack/dispatch-codec.ts';
import type { DispatchState, DispatchSwitch } from '../core/stack/dispatch-control.ts';
import { isLong, stopped, waitEnded } from '../core/stack/dispatch-rules.ts';

/** What each change by an operator in the meantime adds; two in one run are rare already. */
const MAX_TURNS = 5;

export interface DispatchSwitchParts {
  readonly dynamo: DynamoDBDocumentClient;
  readonly lambda: LambdaClient;
  readonly table: string;
  readonly stackId: string;
  /** the consumer and its queue, which have the mapping in common */
  readonly functionName: string;
  readonly queueArn: string | undefined;
  /** who is recorded as the writer */
  readonly by: 'consumer' | 'reconciler';
  /** the clock, epoch ms */
  readonly now: () => number;
}

/**
 * The dispatch item and the mapping, as the functions use them. It is a function and not a class because each handler
 * carries its code in the template, and this is shorter.
 */
export function dispatchSwitch(parts: DispatchSwitchParts): DispatchSwitch {
  const { dynamo, table, stackId, by, now } = parts;

  async function read(): Promise<DispatchState> {
    const query = { TableName: table, Key: dispatchKey(stackId), ConsistentRead: true };
    return readDispatch((await dynamo.send(new GetCommand(query))).Item);
  }

  async function write(next: DispatchState): Promise<boolean> {
    try {
      const Item = dispatchItem(stackId, next);
      await dynamo.send(new PutCommand({ TableName: table, Item, ...dispatchCondition(next) }));
      return true;
    } catch (error) {
      if (error instanceof Error && error.name === 'ConditionalCheckFailedException') return false;
      throw error;
    }
  }

  const turn = (isOn: boolean) => turnMapping(parts, isOn);

  /** An operator may write between our write and our turn of the mapping; what is written last must count. */
  async function follow(state: DispatchState): Promise<void> {
    for (let turns = 1; turns <= MAX_TURNS; turns++) {
      await turn(!isLong(state));
      const present = await read();
      if (present.epoch === state.epoch) return;
      state = present;
    }
  }

  return {
    readDispatch: read,
    followDispatch: follow,
    async stopDispatch(stop, before) {
      const next = stopped(before, stop, by, now());
      // The reason is written first: after a crash, a mapping that is off without a reason would be worse.
      if (!next || !(await write(next))) return false;
      if (isLong(next)) await follow(next);
      return true;
    },
    switchOff: () => turn(false),
    async endWait(before) {
      const next = waitEnded(before, by, now());
      if (!next) return false;
      // The mapping is first: after a crash, the next run finds the wait again and ends it.
      await turn(true);
      const isEnded = await write(next);
      if (!isEnded) await follow(await read());
      return isEnded;
    },
  };
}

async function turnMapping(
  { lambda, functionName, queueArn }: DispatchSwitchParts,
  isOn: boolean,
): Promise<void> {
  const query = { FunctionName: functionName, EventSourceArn: queueArn };
  const { EventSourceMappings = [] } = await lambda.send(new ListEventSourceMappingsCommand(query));
  for (const { UUID, State = '' } of EventSourceMappings) {
    // Lambda refuses a change while it makes another one.
    if (State.startsWith(isOn ? 'Enabl' : 'Disabl')) continue;
    await lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: isOn }));
  }
}

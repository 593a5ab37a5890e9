import {
  ListEventSourceMappingsCommand,
  UpdateEventSourceMappingCommand,
  type EventSourceMappingConfiguration,
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
  /** the consumer, which has the mapping */
  readonly functionName: string;
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
  async function follow(state: DispatchState): Promise<boolean> {
    let isTurned = false;
    for (let turns = 1; turns <= MAX_TURNS; turns++) {
      isTurned = await turn(!isLong(state));
      const present = await read();
      if (present.epoch === state.epoch) break;
      state = present;
    }
    return isTurned;
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
    async switchOff() {
      await turn(false);
    },
    isOn: async () => (await mappingsOf(parts)).some(({ State = '' }) => State.startsWith(ON)),
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

/** How the states of a mapping begin that is on, or is being switched on. */
const ON = 'Enabl';

async function mappingsOf({
  lambda,
  functionName,
}: DispatchSwitchParts): Promise<readonly EventSourceMappingConfiguration[]> {
  const query = new ListEventSourceMappingsCommand({ FunctionName: functionName });
  return (await lambda.send(query)).EventSourceMappings ?? [];
}

/** @returns true where it was not so already */
async function turnMapping(parts: DispatchSwitchParts, isOn: boolean): Promise<boolean> {
  let isTurned = false;
  for (const { UUID, State = '' } of await mappingsOf(parts)) {
    // Lambda refuses a change while it makes another one.
    if (State.startsWith(isOn ? ON : 'Disabl')) continue;
    await parts.lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: isOn }));
    isTurned = true;
  }
  return isTurned;
}

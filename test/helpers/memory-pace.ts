import { QueryCommand, UpdateCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { dynamoPace } from '../../src/aws/pace-store.ts';
import { createSlots, type Slots } from '../../src/app/batch/slots.ts';
import { paceKey } from '../../src/core/stack/pace-codec.ts';
import type { PaceStore } from '../../src/core/stack/pace-store.ts';
import type { DispatchState } from '../../src/core/stack/dispatch-control.ts';

type Row = Record<string, unknown>;
type Values = Readonly<Record<string, unknown>>;
const STACK = 'arn:stack/1';

/** The item `pace` in memory behind the real gateway: it understands the expressions that the codec writes. */
export class MemoryPace {
  row: Row | undefined;
  /** updates, those whose condition did not hold included, and reads */
  readonly asked = { updates: 0, reads: 0 };
  /** runs before each request */
  before: () => Promise<void> | undefined = () => undefined;
  readonly store: PaceStore;

  /** @param dispatch the item `dispatch`, as it is read together with the pace */
  constructor(now: () => number, dispatch: () => DispatchState) {
    const gateway = dynamoPace(this.client, 'results', STACK, now);
    this.store = {
      ...gateway,
      answerMs: 0,
      read: async () => ({ ...(await gateway.read()), state: dispatch() }),
    };
  }

  get client(): DynamoDBDocumentClient {
    return { send: (command: unknown) => this.#send(command) } as unknown as DynamoDBDocumentClient;
  }

  /** @param answerMs what its writes take @returns the slots of one invocation */
  slots(now: () => number, deadlineMs: number, parameter = 0, answerMs = 0): Slots {
    return createSlots({ store: { ...this.store, answerMs }, parameter, deadlineMs, obeysStops: true, now });
  }

  async #send(command: unknown): Promise<object> {
    await this.before();
    if (command instanceof QueryCommand) {
      this.asked.reads += 1;
      return { Items: this.row ? [{ ...this.row }] : [] };
    }
    if (!(command instanceof UpdateCommand)) throw new Error('the pace has no such operation');
    this.asked.updates += 1;
    const { UpdateExpression = '', ConditionExpression, ExpressionAttributeValues = {} } = command.input;
    if (ConditionExpression && !holds(ConditionExpression, this.row ?? {}, ExpressionAttributeValues)) {
      throw Object.assign(new Error('no'), { name: 'ConditionalCheckFailedException' });
    }
    this.row = updated(UpdateExpression, this.row ?? paceKey(STACK), ExpressionAttributeValues);
    return { Attributes: this.row };
  }
}

/** `SET a = :a, b = :b ADD c :c` in any order. */
function updated(expression: string, row: object, values: Values): Row {
  const next: Row = { ...row };
  for (const [, verb, list = ''] of expression.matchAll(/(SET|ADD) (.*?)(?= SET | ADD |$)/g)) {
    for (const part of list.split(', ')) {
      const [name = '', value = ''] = part.split(verb === 'SET' ? ' = ' : ' ');
      const given = Number(values[value]);
      next[name] = verb === 'SET' ? given : Number(next[name] ?? 0) + given;
    }
  }
  return next;
}

/** Comparisons with AND, and OR in brackets. */
function holds(expression: string, row: Row, values: Values): boolean {
  return expression
    .replace(/BETWEEN (:\w+) AND (:\w+)/g, 'BETWEEN $1,$2')
    .split(' AND ')
    .every((all) =>
      all
        .replace(/^\((.*)\)$/, '$1')
        .split(' OR ')
        .some((one) => isTrue(one, row, values)),
    );
}

function isTrue(comparison: string, row: Row, values: Values): boolean {
  const absent = /^attribute_not_exists\((\w+)\)$/.exec(comparison)?.[1];
  if (absent !== undefined) return row[absent] === undefined;
  const [name = '', operator = '', value = ''] = comparison.split(' ');
  const stored = row[name];
  if (stored === undefined) return false;
  const [low, high] = value.split(',').map((each) => {
    if (values[each] === undefined) throw new Error(`ValidationException: no value for ${each}`);
    return Number(values[each]);
  });
  const number = Number(stored);
  switch (operator) {
    case '=':
      return number === low;
    case '<':
      return number < low!;
    case '>':
      return number > low!;
    case 'BETWEEN':
      return number >= low! && number <= high!;
    default:
      throw new Error(`unknown comparison ${comparison}`);
  }
}

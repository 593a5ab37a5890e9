import assert from 'node:assert/strict';
import {
  ListEventSourceMappingsCommand,
  UpdateEventSourceMappingCommand,
  type LambdaClient,
} from '@aws-sdk/client-lambda';
import { GetCommand, PutCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { dispatchSwitch } from '../../../src/aws/dispatch-switch.ts';
import { dispatchItem, dispatchKey } from '../../../src/core/stack/dispatch-codec.ts';
import type { DispatchState } from '../../../src/core/stack/dispatch-control.ts';
import { switched } from '../../../src/core/stack/dispatch-rules.ts';

const NOW = Date.parse('2026-11-23T10:00:00.000Z');
const STACK = 'arn:stack/1';

/** One dispatch item and one mapping. */
class World {
  item: Record<string, unknown> | undefined;
  mapping = 'Enabled';
  readonly log: string[] = [];
  /** runs before each change of the mapping */
  onTurn: () => void = () => undefined;

  readonly dynamo = {
    send: async (command: unknown) => {
      if (command instanceof GetCommand) {
        assert.deepEqual(command.input, {
          TableName: 'results',
          Key: dispatchKey(STACK),
          ConsistentRead: true,
        });
        return { Item: this.item };
      }
      assert.ok(command instanceof PutCommand);
      const { Item, ConditionExpression = '', ExpressionAttributeValues = {} } = command.input;
      const wanted = Number(ExpressionAttributeValues[':epoch']);
      const holds = ConditionExpression === 'epoch = :epoch' ? this.epoch === wanted : this.epoch < wanted;
      if (!holds) throw Object.assign(new Error('no'), { name: 'ConditionalCheckFailedException' });
      this.item = Item;
      this.log.push(String(Item?.['state']));
      return {};
    },
  } as unknown as DynamoDBDocumentClient;

  readonly lambda = {
    send: async (command: unknown) => {
      if (command instanceof ListEventSourceMappingsCommand) {
        assert.deepEqual(command.input, { FunctionName: 'consumer' });
        return { EventSourceMappings: [{ UUID: 'm1', State: this.mapping }] };
      }
      assert.ok(command instanceof UpdateEventSourceMappingCommand);
      assert.equal(command.input.UUID, 'm1');
      this.onTurn();
      this.mapping = command.input.Enabled ? 'Enabled' : 'Disabled';
      this.log.push(this.mapping);
      return {};
    },
  } as unknown as LambdaClient;

  get epoch(): number {
    return Number(this.item?.['epoch'] ?? 0);
  }

  set(change: Partial<DispatchState>): void {
    const state: DispatchState = { state: 'running', reason: undefined, at: undefined, epoch: 1, ...change };
    this.item = dispatchItem(STACK, state);
  }
}

describe('dispatch, as the functions switch it', () => {
  let world: World;
  const control = () =>
    dispatchSwitch({
      ...{ dynamo: world.dynamo, lambda: world.lambda, table: 'results', stackId: STACK },
      ...{ functionName: 'consumer', by: 'consumer', now: () => NOW },
    });
  const operator = async (reason: string | undefined) => {
    const next = switched(await control().readDispatch(), reason, NOW);
    world.item = dispatchItem(STACK, next);
    world.mapping = reason === undefined ? 'Enabled' : 'Disabled';
  };

  beforeEach(() => {
    world = new World();
  });

  it('is stopped with the reason first and the mapping second', async () => {
    const read = await control().readDispatch();
    assert.equal(await control().stopDispatch({ reason: 'HTTP 401' }, read), true);
    assert.deepEqual(world.log, ['paused', 'Disabled']);
    assert.deepEqual([world.item?.['reason'], world.item?.['by'], world.epoch], ['HTTP 401', 'consumer', 1]);
  });

  it('is stopped once: who read the same epoch changes nothing', async () => {
    const [first, second] = [control(), control()];
    const read = await first.readDispatch();
    const stops = await Promise.all([
      first.stopDispatch({ reason: 'a' }, read),
      second.stopDispatch({ reason: 'b', waitMs: 1000 }, read),
    ]);
    assert.deepEqual(stops, [true, false]);
    assert.deepEqual([world.item?.['reason'], world.log], ['a', ['paused', 'Disabled']]);
  });

  it('is never stopped by who read it before the operator resumed it', async () => {
    world.set({ state: 'running', epoch: 3 });
    const read = await control().readDispatch();
    await operator('lunch');
    await operator(undefined);
    assert.equal(await control().stopDispatch({ reason: 'HTTP 401' }, read), false);
    assert.deepEqual([world.log, world.mapping, world.epoch], [[], 'Enabled', 5]);
  });

  it('is as the operator says who resumed it between the reason and the mapping', async () => {
    const read = await control().readDispatch();
    const items: unknown[] = [];
    world.onTurn = () => {
      items.push(world.item);
      if (items.length === 1)
        world.item = dispatchItem(STACK, switched({ ...read, epoch: 1 }, undefined, NOW));
    };
    assert.equal(await control().stopDispatch({ reason: 'HTTP 401' }, read), true);
    assert.deepEqual([world.mapping, world.item?.['state'], world.epoch], ['Enabled', 'running', 2]);
  });

  it('runs again after a wait, with the mapping first', async () => {
    world.set({ state: 'waiting', until: new Date(NOW).toISOString(), epoch: 6 });
    world.mapping = 'Disabled';
    assert.equal(await control().endWait(await control().readDispatch()), true);
    assert.deepEqual([world.log, world.epoch], [['Enabled', 'running'], 7]);
  });

  it('waits on before the end, and is paused where the operator came first', async () => {
    world.set({ state: 'waiting', until: new Date(NOW + 1).toISOString(), epoch: 6 });
    world.mapping = 'Disabled';
    assert.equal(await control().endWait(await control().readDispatch()), false);
    world.set({ state: 'waiting', until: new Date(NOW).toISOString(), epoch: 6 });
    const read = await control().readDispatch();
    await operator('lunch');
    assert.equal(await control().endWait(read), false);
    assert.deepEqual([world.mapping, world.item?.['reason'], world.epoch], ['Disabled', 'lunch', 7]);
  });

  it('has its mapping follow the item after a run that died between the two', async () => {
    world.set({ state: 'paused', epoch: 2 });
    assert.equal(await control().followDispatch(await control().readDispatch()), true);
    assert.deepEqual([world.mapping, world.log], ['Disabled', ['Disabled']]);
    for (const state of ['Disabled', 'Disabling']) {
      world.mapping = state;
      assert.equal(await control().followDispatch(await control().readDispatch()), false);
      assert.equal(world.mapping, state, 'it is left alone');
    }
  });

  it('knows whether its mapping is on, whatever the item says', async () => {
    world.set({ state: 'paused', epoch: 2 });
    for (const [state, isOn] of [
      ['Enabled', true],
      ['Enabling', true],
      ['Disabled', false],
      ['Disabling', false],
    ] as const) {
      world.mapping = state;
      assert.equal(await control().isOn(), isOn, state);
    }
  });

  it('passes on what AWS refuses', async () => {
    world.dynamo.send = async () => Promise.reject(new Error('AccessDenied'));
    await assert.rejects(control().readDispatch(), /AccessDenied/);
    const read = { state: 'running', reason: undefined, at: undefined, epoch: 0 } as const;
    await assert.rejects(control().stopDispatch({ reason: 'x' }, read), /AccessDenied/);
    assert.deepEqual(world.log, []);
  });
});

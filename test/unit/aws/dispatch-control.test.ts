import assert from 'node:assert/strict';
import { LambdaDispatchControl } from '../../../src/aws/dispatch-control.ts';
import { isAbort } from '../../../src/core/errors.ts';
import { fastTimers, type FastTimers } from '../../helpers/fast-timers.ts';
import { scriptedClients } from '../../helpers/scripted-clients.ts';

describe('the dispatch control', () => {
  let timers: FastTimers;
  beforeEach(() => {
    timers = fastTimers();
  });
  afterEach(() => {
    timers.restore();
  });

  /** @param looks what each read of the mapping finds; the last one stays */
  const controlWith = (...looks: object[]) => {
    const { clients, requests } = scriptedClients(({ operation }) =>
      operation !== 'GetEventSourceMapping' ? {} : looks.length > 1 ? looks.shift() : looks[0],
    );
    const operations = () => requests.map(({ operation }) => operation.replace('EventSourceMapping', ''));
    return { control: new LambdaDispatchControl(clients), requests, operations };
  };

  it('asks for a change only when the mapping has settled, and waits past answers from before it', async () => {
    const { control, requests, operations } = controlWith(
      { State: 'Updating' },
      { State: 'Enabled' },
      { State: 'Enabled' },
      { State: 'Disabling' },
      { State: 'Disabled', BatchSize: '7' },
    );
    const settled = await control.updateMapping('id', { enabled: false });
    assert.deepEqual(operations(), ['Get', 'Get', 'Update', 'Get', 'Get', 'Get']);
    assert.deepEqual([settled.state, settled.batchSize], ['Disabled', 7]);
    assert.equal(requests[2]!.input['Enabled'], false);
    assert.deepEqual(timers.pauses, [1000, 1000, 1000]);
  });

  it('waits for each tuned number, and sends no other setting', async () => {
    const before = { State: 'Enabled', BatchSize: 5 };
    const half = { ...before, BatchSize: 8 };
    const done = { ...half, ScalingConfig: { MaximumConcurrency: 3 } };
    const { control, requests, operations } = controlWith(before, before, half, done);
    await control.updateMapping('id', { batchSize: 8, maximumConcurrency: 3 });
    assert.deepEqual(operations(), ['Get', 'Update', 'Get', 'Get', 'Get']);
    const { input } = requests[1]!;
    assert.deepEqual(JSON.parse(JSON.stringify(input)), {
      ...{ UUID: 'id', BatchSize: 8, ScalingConfig: { MaximumConcurrency: 3 } },
    });
  });

  it('gives up after 3 minutes, before the change where the mapping never settles', async () => {
    const { control, operations } = controlWith({ State: 'Updating' });
    await assert.rejects(control.updateMapping('id', { enabled: true }), {
      code: 'conflict',
      message: /did not settle in 3 minutes/,
    });
    assert.equal(operations().length, 180);
    assert.ok(!operations().includes('Update'));
  });

  it('ends with a cancel while it waits', async () => {
    const { control } = controlWith({ State: 'Updating' });
    await assert.rejects(control.updateMapping('id', { enabled: true }, AbortSignal.abort()), isAbort);
  });

  it('takes the defaults of AWS for settings that are absent', async () => {
    assert.deepEqual(await controlWith({}).control.mapping('id'), {
      ...{ state: 'Unknown', lastResult: undefined, batchSize: 10 },
      ...{ maximumConcurrency: 1000, maximumBatchingWindow: 0 },
    });
  });

  const PLACE = { resultsTable: 't', stackId: 'arn:stack/1', reconcilerFunction: 'reconciler' };
  const OWN = { pk: { S: 'control#arn:stack/1' }, sk: { S: 'dispatch' } };
  const OLD = { pk: { S: 'control' }, sk: { S: 'dispatch' } };
  const RUNNING = { state: 'running', reason: undefined, at: '2026-11-23T10:00:00.000Z', epoch: 3 } as const;

  it('reads the item of the stack and that of older templates, strongly, and takes the later one', async () => {
    const pausedAt = (at: string) => ({ state: { S: 'paused' }, reason: { NULL: true }, at: { S: at } });
    const { clients, requests } = scriptedClients(({ input }) => {
      if (input['Key']) return { Item: pausedAt('2026-11-23T10:00:00.000Z') };
      const pace = {
        pk: OWN.pk,
        sk: { S: 'pace' },
        ceiling: { N: '9.8' },
        most: { N: '7' },
        instead_of: { N: '0' },
      };
      return { Items: [{ ...OWN, ...pausedAt('2026-11-23T09:00:00.000Z'), epoch: { N: '5' } }, pace] };
    });
    const { state, pace } = await new LambdaDispatchControl(clients).readPaced(PLACE);
    const { reason, at, epoch } = state;
    assert.deepEqual([state.state, reason, at, epoch], ['paused', undefined, '2026-11-23T10:00:00.000Z', 5]);
    assert.deepEqual([pace.ceiling, pace.live, pace.drops], [9.8, { most: 7, insteadOf: 0 }, 0]);
    const [own, old] = requests.map(({ input }) => input);
    const between = { ':pk': OWN.pk, ':from': { S: 'dispatch' }, ':to': { S: 'pace' } };
    assert.deepEqual([own?.['ExpressionAttributeValues'], own?.['ConsistentRead']], [between, true]);
    assert.deepEqual([old?.['Key'], old?.['ConsistentRead']], [OLD, true]);
  });

  it('writes only the item of the stack, under the epoch that was read', async () => {
    const { clients, requests } = scriptedClients(() => ({}));
    assert.equal(await new LambdaDispatchControl(clients).writeState(PLACE, RUNNING), true);
    assert.deepEqual(
      requests.map(({ input }) => input),
      [
        {
          TableName: 't',
          Item: { ...OWN, state: { S: 'running' }, at: { S: RUNNING.at }, epoch: { N: '3' } },
          ConditionExpression: 'epoch = :epoch',
          ExpressionAttributeValues: { ':epoch': { N: '2' } },
        },
      ],
    );
  });

  it('writes the other item too for a stack without a reconciler, and neither where another one was first', async () => {
    const { reconcilerFunction: _, ...older } = PLACE;
    const made = scriptedClients(() => ({}));
    assert.equal(await new LambdaDispatchControl(made.clients).writeState(older, RUNNING), true);
    assert.deepEqual(made.requests.slice(1), [
      {
        ...{ operation: 'PutItem', region: 'eu-west-1' },
        input: { TableName: 't', Item: { ...OLD, state: { S: 'running' }, at: { S: RUNNING.at } } },
      },
    ]);
    const lost = scriptedClients(() => {
      throw Object.assign(new Error('no'), { name: 'ConditionalCheckFailedException' });
    });
    assert.equal(await new LambdaDispatchControl(lost.clients).writeState(older, RUNNING), false);
    assert.equal(lost.requests.length, 1);
  });

  it('says what AWS refuses', async () => {
    const { clients } = scriptedClients(() => {
      throw Object.assign(new Error('no'), { name: 'AccessDeniedException' });
    });
    await assert.rejects(new LambdaDispatchControl(clients).writeState(PLACE, RUNNING), {
      code: 'missing-permission',
    });
  });
});

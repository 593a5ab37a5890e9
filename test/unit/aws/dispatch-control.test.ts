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

  it('reads and writes the control item under one key, without a reason where there is none', async () => {
    const { clients, requests } = scriptedClients(({ operation }) =>
      operation === 'GetItem' ? { Item: { state: { S: 'paused' }, reason: { NULL: true } } } : {},
    );
    const control = new LambdaDispatchControl(clients);
    const paused = { state: 'paused', reason: undefined, at: undefined } as const;
    assert.deepEqual(await control.readState('t'), paused);
    await control.writeState('t', { ...paused, state: 'running' });
    const [read, write] = requests.map(({ input }) => input);
    const key = { pk: { S: 'control' }, sk: { S: 'dispatch' } };
    assert.deepEqual([read!['Key'], read!['ConsistentRead']], [key, true]);
    assert.deepEqual(write!['Item'], { ...key, state: { S: 'running' } });
  });
});

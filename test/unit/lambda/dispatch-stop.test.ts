import assert from 'node:assert/strict';
import type { DispatchState, DispatchSwitch } from '../../../src/core/stack/dispatch-control.ts';
import { createDispatchStop } from '../../../src/lambda/dispatch-stop.ts';

const RUNNING: DispatchState = { state: 'running', reason: undefined, at: undefined, epoch: 7 };

describe('dispatch in one invocation', () => {
  let log: string[];
  const control: Pick<DispatchSwitch, 'stopDispatch' | 'switchOff'> = {
    async stopDispatch({ reason, waitMs }, { epoch }) {
      log.push(`stop ${reason} ${waitMs} at ${epoch}`);
      return true;
    },
    switchOff: async () => void log.push('off'),
  };

  beforeEach(() => {
    log = [];
  });

  it('is stopped once, over what the invocation has read, however many files ask', async () => {
    const stop = createDispatchStop(control, async () => RUNNING);
    await Promise.all([stop('HTTP 401'), stop('HTTP 402'), stop('HTTP 429', 60_000)]);
    assert.deepEqual(log, ['stop HTTP 401 undefined at 7']);
  });

  it('waits as long as it is asked', async () => {
    await createDispatchStop(control, async () => RUNNING)('HTTP 429', 60_000);
    assert.deepEqual(log, ['stop HTTP 429 60000 at 7']);
  });

  it('is switched off without a reason where the table cannot be used', async () => {
    const stop = createDispatchStop(control, () => Promise.reject(new Error('no')));
    await stop('The results table cannot be used: no');
    assert.deepEqual(log, ['off']);
  });
});

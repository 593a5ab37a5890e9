import assert from 'node:assert/strict';
import type { DispatchState, DispatchSwitch } from '../../../src/core/stack/dispatch-control.ts';
import { createDispatchStop } from '../../../src/lambda/dispatch-stop.ts';

const RUNNING: DispatchState = { state: 'running', reason: undefined, at: undefined, epoch: 7 };

describe('dispatch in one invocation', () => {
  let log: string[];
  const control = (read: () => Promise<DispatchState> = async () => RUNNING): DispatchSwitch => ({
    async readDispatch() {
      log.push('read');
      return read();
    },
    async stopDispatch({ reason, waitMs }, { epoch }) {
      log.push(`stop ${reason} ${waitMs} at ${epoch}`);
      return true;
    },
    switchOff: async () => void log.push('off'),
    endWait: async () => assert.fail('the consumer ends no wait'),
    followDispatch: async () => assert.fail('the consumer follows nothing'),
    isOn: async () => assert.fail('the consumer reads the item'),
  });

  beforeEach(() => {
    log = [];
  });

  it('is read once and stopped once, however many files ask', async () => {
    const { dispatch, stop } = createDispatchStop(control());
    assert.deepEqual(await Promise.all([dispatch(), dispatch()]), [RUNNING, RUNNING]);
    await Promise.all([stop('HTTP 401'), stop('HTTP 402'), stop('HTTP 429', 60_000)]);
    assert.deepEqual(log, ['read', 'stop HTTP 401 undefined at 7']);
  });

  it('waits as long as it is asked', async () => {
    await createDispatchStop(control()).stop('HTTP 429', 60_000);
    assert.deepEqual(log, ['read', 'stop HTTP 429 60000 at 7']);
  });

  it('is switched off without a reason where the table cannot be used', async () => {
    const refused = Object.assign(new Error('no'), { name: 'AccessDeniedException' });
    const { dispatch, stop } = createDispatchStop(control(() => Promise.reject(refused)));
    await assert.rejects(dispatch(), { code: 'unusable-stack' });
    await stop('The results table cannot be used: no');
    assert.deepEqual(log, ['read', 'off']);
  });
});

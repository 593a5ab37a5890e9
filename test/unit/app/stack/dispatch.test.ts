import assert from 'node:assert/strict';
import { storeApiKey } from '../../../../src/app/stack/api-key.ts';
import { pauseDispatch, resumeDispatch, tuneThroughput } from '../../../../src/app/stack/dispatch.ts';
import { InvalidInputError } from '../../../../src/core/errors.ts';
import { TUNING_LIMITS, type Tuning } from '../../../../src/core/stack/stack-contract.ts';
import { PIPELINE } from '../../../helpers/fakes.ts';
import { FakeControl } from '../../../helpers/fake-control.ts';

describe('tuneThroughput', () => {
  let control: FakeControl;
  beforeEach(() => {
    control = new FakeControl();
  });

  it('takes each number within the limits and changes only what it is told', async () => {
    for (const [name, limits] of Object.entries(TUNING_LIMITS)) {
      for (const value of limits) {
        const state = await tuneThroughput(PIPELINE, { [name]: value }, control);
        assert.equal(state[name as keyof Tuning], value);
        assert.equal(
          control.calls.pop(),
          `updateMapping ${PIPELINE.eventSourceMapping} {"${name}":${value}}`,
        );
      }
    }
  });

  it('refuses everything else, before any call', async () => {
    for (const [name, [least, most]] of Object.entries(TUNING_LIMITS)) {
      for (const value of [least - 1, most + 1, least + 0.5, NaN, undefined, String(least)]) {
        await assert.rejects(
          tuneThroughput(PIPELINE, { [name]: value }, control),
          (error) =>
            error instanceof InvalidInputError && error.field === name && error.message.includes(`${most}`),
        );
      }
    }
    assert.deepEqual(control.calls, []);
  });
});

describe('pause and resume', () => {
  it('record why before the mapping changes', async () => {
    const control = new FakeControl();
    await pauseDispatch(PIPELINE, 'lunch', control);
    assert.deepEqual([control.state.state, control.state.reason], ['paused', 'lunch']);
    await resumeDispatch(PIPELINE, control);
    assert.deepEqual([control.state.state, control.state.reason], ['running', undefined]);
    const [table, mapping] = [PIPELINE.resultsTable, PIPELINE.eventSourceMapping];
    assert.deepEqual(control.calls, [
      `writeState ${table} paused`,
      `updateMapping ${mapping} {"enabled":false}`,
      `writeState ${table} running`,
      `updateMapping ${mapping} {"enabled":true}`,
    ]);
  });
});

describe('storeApiKey', () => {
  const stored: [string, string][] = [];
  const secrets = { put: async (arn: string, value: string) => void stored.push([arn, value]) };

  it("stores the trimmed key in the stack's secret", async () => {
    await storeApiKey(PIPELINE, ' ittybit_live_abc123\n', secrets);
    assert.deepEqual(stored.splice(0), [[PIPELINE.apiKeyArn, 'ittybit_live_abc123']]);
  });

  it('refuses what cannot be a key, and never repeats it', async () => {
    for (const key of [
      '',
      'short',
      'two secretwords',
      'ittybit_sécret',
      'ittybit_a\nsecret',
      'secret'.repeat(100),
    ]) {
      await assert.rejects(storeApiKey(PIPELINE, key, secrets), (error) => {
        assert.ok(error instanceof InvalidInputError);
        const shown = `${error.message} ${error.stack ?? ''} ${JSON.stringify(error)}`;
        assert.ok(key === '' || !shown.includes(key), 'the key is in the error');
        assert.equal(error.cause, undefined);
        return true;
      });
    }
    assert.deepEqual(stored, []);
  });

  it('hands on the error of the store', async () => {
    const put = async () => Promise.reject(new Error('AccessDenied'));
    await assert.rejects(storeApiKey(PIPELINE, 'ittybit_live_abc123', { put }), /^Error: AccessDenied$/);
  });
});

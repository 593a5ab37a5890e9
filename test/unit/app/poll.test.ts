import assert from 'node:assert/strict';
import { patiently, poll } from '../../../src/app/poll.ts';
import { isAbort, type AwsErrorCode } from '../../../src/core/errors.ts';
import { awsError } from '../../helpers/fakes.ts';
import { fastTimers, type FastTimers } from '../../helpers/fast-timers.ts';

describe('poll', () => {
  let timers: FastTimers;
  beforeEach(() => {
    timers = fastTimers();
  });
  afterEach(() => {
    timers.restore();
  });

  it('asks at once, and takes any answer but undefined', async () => {
    for (const answer of [null, 0, '', false]) {
      assert.equal(await poll<unknown>(async () => answer, 50), answer);
    }
    assert.deepEqual(timers.pauses, []);
    const answers = [undefined, undefined, 'yes'];
    assert.equal(await poll(async () => answers.shift(), 50), 'yes');
    assert.deepEqual(timers.pauses, [50, 50]);
  });

  it('asks nothing after a cancel, and ends the pause in which it comes', async () => {
    let asked = 0;
    const ask = async () => void (asked += 1);
    await assert.rejects(poll(ask, 50, AbortSignal.abort()), isAbort);
    assert.equal(asked, 0);
    const control = new AbortController();
    const cancelling = async () => {
      asked += 1;
      control.abort();
    };
    await assert.rejects(poll<never>(cancelling as () => Promise<undefined>, 50, control.signal), isAbort);
    assert.equal(asked, 1);
  });
});

describe('patiently', () => {
  const failing = (error: Error) => patiently<string>(() => Promise.reject(error));

  it('tolerates 60 misses in a row and no more', async () => {
    for (const code of ['unreachable', 'throttled'] as const) {
      const error = awsError(code);
      const ask = failing(error);
      for (let miss = 1; miss <= 60; miss += 1) assert.equal(await ask(), undefined);
      await assert.rejects(ask(), error);
    }
  });

  it('counts again after an answer, also after "not yet"', async () => {
    let isUp = false;
    const ask = patiently<string>(() =>
      isUp ? Promise.resolve(undefined) : Promise.reject(awsError('throttled')),
    );
    for (let round = 0; round < 3; round += 1) {
      isUp = false;
      for (let miss = 1; miss <= 60; miss += 1) await ask();
      isUp = true;
      await ask();
    }
  });

  it('tolerates nothing else', async () => {
    const codes: AwsErrorCode[] = ['missing-permission', 'expired-login', 'untrusted-certificate', 'aws'];
    const abort = new DOMException('stopped', 'AbortError');
    for (const error of [...codes.map((code) => awsError(code)), new Error('a bug'), abort]) {
      await assert.rejects(failing(error)(), error);
    }
  });
});

import assert from 'node:assert/strict';
import { later, MAX_PAUSE_MS } from '../../../../src/core/batch/item-step.ts';
import { isUnclear, type ResultItem } from '../../../../src/core/batch/result-item.ts';
import {
  CANNOT_TELL,
  leftToLookUp,
  lookedUp,
  mayLookAt,
  type LookUp,
} from '../../../../src/core/batch/look-up.ts';
import {
  covered,
  endedAs,
  freed,
  givenUp,
  retried,
  sentAgain,
  waiting,
} from '../../../../src/core/batch/transitions.ts';
import { at, HOUR, MINUTE, NOW, ofOldStack, PATIENCE, stored } from '../../../helpers/stored-items.ts';

const UNCLEAR = { unclear: true, sent: 'mark', last_post_at: at(0), error: '503' };
const look = (item: ResultItem, said: LookUp, now = NOW + HOUR) => lookedUp(item, said, PATIENCE, now)!;
const found = (status: 'processing' | 'succeeded', more = {}) => ({
  found: { about: 'job' as const, status, rawStatus: status, jobId: 'job_9', reference: 'ref-1', ...more },
});

describe('lookedUp', () => {
  it('takes over the job that was found, with its status and output', () => {
    for (const status of ['retrying', 'dead', 'submitting'] as const) {
      const running = look(stored(status, UNCLEAR), found('processing'));
      assert.deepEqual([running.status, running.job_id, isUnclear(running)], ['submitted', 'job_9', false]);
      const ended = look(stored(status, UNCLEAR), found('succeeded', { outputUrl: 's3://out' }));
      assert.deepEqual([ended.status, ended.output_url, ended.job_id], ['succeeded', 's3://out', 'job_9']);
    }
  });

  it('only adds the id to an old item that was stored as submitted without one', () => {
    const next = look(ofOldStack('submitted'), found('processing'));
    assert.deepEqual([next.status, next.job_id], ['submitted', 'job_9']);
  });

  it('frees a file without a job: a dead one stays dead, any other is sent again now', () => {
    const dead = look(
      stored('dead', { ...UNCLEAR, cannot_tell: true, looks: 7, next_look_at: at(0) }),
      'no-job',
    );
    assert.deepEqual(
      [dead.status, dead.unclear, dead.cannot_tell, dead.looks],
      ['dead', false, undefined, undefined],
    );
    assert.deepEqual([dead.next_look_at, dead.error], [undefined, '503']);
    for (const status of ['retrying', 'submitting'] as const) {
      const next = look(stored(status, UNCLEAR), 'no-job');
      assert.deepEqual([next.status, next.unclear, next.sent], ['retrying', false, undefined]);
      assert.deepEqual([next.due_at, next.next_look_at], [at(HOUR - 15 * MINUTE), at(HOUR)]);
    }
  });

  it('asks again later and later, and buries after three that cannot tell: still unclear, asked every 6 h', () => {
    let item = stored('retrying', UNCLEAR);
    const pauses: number[] = [];
    for (let looks = 1; looks <= 2; looks++) {
      item = look(item, 'cannot-tell');
      assert.deepEqual([item.status, item.looks, isUnclear(item)], ['retrying', looks, true]);
      pauses.push(Date.parse(item.next_look_at!) - NOW - HOUR);
    }
    assert.deepEqual(pauses, [30 * MINUTE, HOUR]);
    item = look(item, 'cannot-tell');
    assert.deepEqual(
      [item.status, item.cannot_tell, item.error, item.sent],
      ['dead', true, CANNOT_TELL, undefined],
    );
    assert.ok(isUnclear(item));
    for (let i = 0; i < 3; i++) {
      assert.equal(item.next_look_at, at(HOUR + MAX_PAUSE_MS));
      const next = look(item, 'cannot-tell');
      assert.deepEqual([next.status, next.history], ['dead', item.history]);
      item = next;
    }
    assert.equal(look(item, found('succeeded')).status, 'succeeded');
  });

  it('counts the looks of a dead file too', () => {
    let item = stored('dead', UNCLEAR);
    for (let i = 0; i < 3; i++) item = look(item, 'cannot-tell');
    assert.deepEqual([item.cannot_tell, item.error], [true, CANNOT_TELL]);
  });

  it('believes no job that names neither an id nor an end', () => {
    const said = { found: { about: 'job' as const, rawStatus: 'paused', reference: 'ref-1' } };
    assert.equal(lookedUp(stored('dead', UNCLEAR), said, PATIENCE, NOW), undefined);
  });
});

describe('mayLookAt', () => {
  it('is 15 minutes after the last moment at which a POST may have left', () => {
    assert.equal(mayLookAt(stored('retrying', UNCLEAR), PATIENCE), NOW + 15 * MINUTE);
    const item = stored('submitting', { ...UNCLEAR, last_post_at: at(21_000), lease_until_ms: NOW + 21_000 });
    assert.equal(mayLookAt(item, PATIENCE), NOW + 21_000 + 15 * MINUTE);
  });

  it('counts from the end of the claim in an old item, which does not say when it posted', () => {
    const item = ofOldStack('submitting', { lease_until_ms: NOW + 21_000 });
    assert.equal(mayLookAt(item, PATIENCE), NOW + 21_000 + 15 * MINUTE);
    assert.equal(mayLookAt(ofOldStack('dead'), PATIENCE), NOW + 15 * MINUTE);
  });
});

describe('leftToLookUp', () => {
  it('forgets what was sent, so that nobody repeats it, and is due now', () => {
    const next = leftToLookUp(stored('retrying', UNCLEAR), NOW + HOUR);
    assert.deepEqual([next.status, next.sent, next.unclear], ['retrying', undefined, true]);
    assert.deepEqual([next.due_at, next.next_look_at], [at(HOUR), at(HOUR)]);
  });

  it('gives a redriven dead file new attempts: if there is no job, it is not buried again at once', () => {
    const dead = stored('dead', { unclear: true, attempts: 3, error: '503' });
    assert.equal(leftToLookUp(dead, NOW).attempts, 0);
    assert.equal(leftToLookUp(stored('submitting', { ...UNCLEAR, attempts: 3 }), NOW).attempts, 3);
  });
});

describe('retried', () => {
  const retry = (item: ResultItem, payAgain = false) => retried(item, payAgain, PATIENCE, NOW + HOUR);
  const END = { job_id: 'job_1', output_url: 'x', duration_ms: 1, completed_at: at(1), unclear: false };

  it('makes another, paid run of a failed or cancelled file, without anything of the run before', () => {
    for (const status of ['failed', 'cancelled'] as const) {
      const next = retry(stored(status, { ...END, error: 'codec', given_up: true }))!;
      assert.deepEqual([next.status, next.run, next.attempts, next.unclear], ['retrying', 2, 0, false]);
      const { reference, sent, job_id, output_url, duration_ms, completed_at, given_up } = next;
      const removed = [reference, sent, job_id, output_url, duration_ms, completed_at, given_up];
      assert.deepEqual(
        removed,
        removed.map(() => undefined),
      );
      assert.deepEqual([next.due_at, next.next_look_at], [at(HOUR), at(HOUR + 15 * MINUTE)]);
    }
  });

  it('sends a dead file again in the same run, and an unclear one stays unclear', () => {
    const clear = retry(stored('dead', { unclear: false, error: '400', attempts: 3 }))!;
    assert.deepEqual([clear.status, clear.run, clear.attempts, clear.unclear], ['retrying', 1, 0, false]);
    const unclear = retry(stored('dead', { unclear: true, error: '503', cannot_tell: true }))!;
    assert.deepEqual(
      [unclear.run, isUnclear(unclear), unclear.reference, unclear.cannot_tell],
      [1, true, 'ref-1', undefined],
    );
  });

  it('pays again for a dead file only where the user says so', () => {
    const next = retry(stored('dead', { unclear: true, error: '503', cannot_tell: true }), true)!;
    assert.deepEqual([next.run, next.reference, isUnclear(next)], [2, undefined, false]);
  });

  it('does nothing with a file in any other state', () => {
    for (const status of [
      'submitting',
      'retrying',
      'submitted',
      'processing',
      'waiting',
      'succeeded',
      'covered',
    ] as const)
      for (const payAgain of [false, true]) assert.equal(retry(stored(status), payAgain), undefined, status);
  });
});

describe('waiting, covered, freed, endedAs and givenUp', () => {
  const owner = stored('succeeded', { batch: 'b0', output_url: 's3://out', duration_ms: 7 });

  it('waits for an owner and ends with its output', () => {
    const item = waiting(
      stored('retrying', { unclear: false, error: 'x' }),
      { owner: 'b0', work: 'w' },
      PATIENCE,
      NOW,
    );
    assert.deepEqual(
      [item.status, item.covered_by, item.work, item.error],
      ['waiting', 'b0', 'w', undefined],
    );
    assert.ok(!isUnclear(item));
    const end = covered(item, owner, NOW);
    assert.deepEqual(
      [end.status, end.output_url, end.duration_ms, end.covered_by],
      ['covered', 's3://out', 7, 'b0'],
    );
    assert.equal(end.next_look_at, undefined);
  });

  it('goes back to the queue with new attempts where the owner will not do the work', () => {
    const next = freed(stored('waiting', { covered_by: 'b0', attempts: 3 }), PATIENCE, NOW);
    assert.deepEqual(
      [next.status, next.attempts, next.covered_by, next.unclear],
      ['retrying', 0, undefined, false],
    );
    assert.deepEqual([next.due_at, next.next_look_at], [at(0), at(HOUR)]);
  });

  it('ends as its owner did, unpaid and clear', () => {
    for (const status of ['failed', 'dead'] as const) {
      const next = endedAs(stored('waiting'), status, 'as there', NOW);
      assert.deepEqual(
        [next.status, next.error, isUnclear(next), next.next_look_at],
        [status, 'as there', false, undefined],
      );
    }
  });

  it('gives up only a file that is at Ittybit or waits', () => {
    for (const status of ['submitted', 'processing', 'waiting'] as const)
      assert.deepEqual([givenUp(stored(status), 'enough', NOW)?.status], ['cancelled']);
    for (const status of [
      'submitting',
      'retrying',
      'dead',
      'succeeded',
      'failed',
      'covered',
      'cancelled',
    ] as const)
      assert.equal(givenUp(stored(status), 'enough', NOW), undefined, status);
  });
});

describe('later and sentAgain', () => {
  it('come later each time, up to 6 h, and leave what a user sees', () => {
    for (const [step, first] of [
      [(item: ResultItem) => later(item, PATIENCE, NOW), 30 * MINUTE],
      [(item: ResultItem) => sentAgain(item, PATIENCE, NOW), HOUR],
    ] as const) {
      let item = stored('retrying', { unclear: false });
      const pauses = Array.from({ length: 2000 }, () => {
        item = step(item);
        return Date.parse(item.next_look_at!) - NOW;
      });
      assert.deepEqual(pauses.slice(0, 3), [first, 2 * first, 4 * first]);
      assert.ok(pauses.every((pause) => pause <= MAX_PAUSE_MS));
      assert.equal(pauses.at(-1), MAX_PAUSE_MS);
      assert.deepEqual([item.updated_at, item.history], [at(0), undefined]);
    }
  });
});

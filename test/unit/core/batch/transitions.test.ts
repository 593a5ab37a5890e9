import assert from 'node:assert/strict';
import type { ResultItem } from '../../../../src/core/batch/result-item.ts';
import {
  accepted,
  buried,
  released,
  reported,
  retried,
  unsendable,
} from '../../../../src/core/batch/transitions.ts';
import type { JobReport } from '../../../../src/core/ittybit/webhook-payload.ts';
import { at, FILE, HOUR, MINUTE, NOW, PATIENCE, stored } from '../../../helpers/stored-items.ts';

const POSTED = { sent: 'mark', first_post_at: at(0), last_post_at: at(0), due_at: at(MINUTE) };
const CLAIMED = stored('submitting', { claim: 'i1', lease_until_ms: NOW + 21_000, ...POSTED });

describe('accepted', () => {
  const answer = { reference: 'ref-1', jobId: 'job_1' };

  it('ends the claim with the job id, and removes what only a repeated POST needs', () => {
    const {
      status,
      job_id,
      unclear,
      claim,
      lease_until_ms,
      sent,
      first_post_at,
      last_post_at,
      due_at,
      next_look_at,
    } = accepted({ ...CLAIMED, error: '503' }, answer, PATIENCE, NOW + 1000)!;
    assert.deepEqual([status, job_id, unclear], ['submitted', 'job_1', false]);
    const removed = [claim, lease_until_ms, sent, first_post_at, last_post_at, due_at];
    assert.deepEqual(
      removed,
      removed.map(() => undefined),
    );
    assert.equal(next_look_at, at(15 * MINUTE + 1000));
  });

  it('takes a late answer for a file that was given back or buried meanwhile: its job is paid', () => {
    for (const status of ['retrying', 'dead'] as const)
      assert.equal(
        accepted(stored(status, { unclear: true, error: 'x' }), answer, PATIENCE, NOW)?.status,
        'submitted',
      );
  });

  it('only adds the id where a webhook came first, and corrects the id of one of its tasks', () => {
    for (const job_id of [undefined, 'task_7']) {
      const ended = stored('succeeded', { output_url: 's3://out', ...(job_id && { job_id }) });
      const next = accepted(ended, answer, PATIENCE, NOW)!;
      assert.deepEqual([next.status, next.job_id, next.output_url], ['succeeded', 'job_1', 's3://out']);
      assert.equal(next.history, ended.history);
    }
  });

  it('changes nothing for an answer that comes twice, or is about another run', () => {
    assert.equal(accepted(stored('submitted', { job_id: 'job_1' }), answer, PATIENCE, NOW), undefined);
    assert.equal(accepted(undefined, answer, PATIENCE, NOW), undefined);
    for (const reference of ['ref-2', undefined]) {
      const { reference: _, ...item } = stored('retrying', { run: 2 });
      assert.equal(accepted({ ...item, ...(reference && { reference }) }, answer, PATIENCE, NOW), undefined);
    }
  });

  it('leaves a file alone whose work another batch does', () => {
    for (const status of ['waiting', 'covered'] as const)
      assert.equal(accepted(stored(status), answer, PATIENCE, NOW), undefined);
  });
});

describe('released and buried', () => {
  const attempt = { error: '503', unclear: true, counts: true, backMs: 5000 };

  it('gives a claim back, with when the message returns and when the reconciler looks for it', () => {
    const next = released(CLAIMED, 'i1', attempt, PATIENCE, NOW + 1000)!;
    assert.deepEqual([next.status, next.error, next.unclear, next.attempts], ['retrying', '503', true, 1]);
    assert.deepEqual(
      [next.last_post_at, next.due_at, next.next_look_at],
      [at(1000), at(6000), at(6000 + 15 * MINUTE)],
    );
    assert.deepEqual([next.sent, next.reference], ['mark', 'ref-1']);
  });

  it('does not count an attempt that a rate limit ended, and never counts below none', () => {
    const wait = { ...attempt, unclear: false, counts: false };
    assert.equal(released(CLAIMED, 'i1', wait, PATIENCE, NOW)?.attempts, 0);
    assert.equal(released({ ...CLAIMED, attempts: 0 }, 'i1', wait, PATIENCE, NOW)?.attempts, 0);
  });

  it('lets only the invocation that holds the claim end it', () => {
    for (const item of [undefined, { ...CLAIMED, claim: 'i2' }, stored('retrying'), stored('submitted')]) {
      assert.equal(released(item, 'i1', attempt, PATIENCE, NOW), undefined);
      assert.equal(buried(item, 'i1', attempt, PATIENCE, NOW), undefined);
    }
  });

  it('buries a clear file for good, and an unclear one so that only a look-up frees it', () => {
    const clear = buried(CLAIMED, 'i1', { error: '400', unclear: false }, PATIENCE, NOW)!;
    assert.deepEqual(
      [clear.status, clear.unclear, clear.next_look_at, clear.due_at],
      ['dead', false, undefined, undefined],
    );
    const unclear = buried(CLAIMED, 'i1', { error: '503', unclear: true }, PATIENCE, NOW)!;
    assert.deepEqual(
      [unclear.unclear, unclear.sent, unclear.next_look_at],
      [true, undefined, at(15 * MINUTE)],
    );
    assert.equal(unclear.reference, 'ref-1');
  });

  it('keeps why a file is dead, until it moves on', () => {
    const failureClass = 'attempts-exhausted';
    const dead = buried(CLAIMED, 'i1', { error: '503', unclear: false, failureClass }, PATIENCE, NOW)!;
    assert.equal(dead.failure_class, failureClass);
    assert.equal(retried(dead, false, PATIENCE, NOW)?.failure_class, undefined);
    assert.equal(unsendable(undefined, FILE, 'no job', PATIENCE, NOW)?.failure_class, 'unreadable');
  });
});

describe('unsendable', () => {
  const dead = (item: ResultItem | undefined, now = NOW + HOUR) =>
    unsendable(item, FILE, 'no job', PATIENCE, now);

  it('makes a dead item where there is none, which is clear', () => {
    const next = dead(undefined)!;
    assert.deepEqual([next.status, next.error, next.unclear, next.rev], ['dead', 'no job', false, 1]);
  });

  it('keeps an unclear file unclear, and has it looked up', () => {
    for (const item of [CLAIMED, stored('retrying', { unclear: true, sent: 'mark' })]) {
      const next = dead(item)!;
      assert.deepEqual(
        [next.unclear, next.sent, next.next_look_at],
        [true, undefined, at(HOUR + 15 * MINUTE)],
      );
    }
  });

  it('leaves a file alone that another delivery holds, or that is dead, submitted, waiting or ended already', () => {
    assert.equal(dead(CLAIMED, NOW + 20_000), undefined);
    for (const status of [
      'dead',
      'submitted',
      'processing',
      'waiting',
      'succeeded',
      'failed',
      'covered',
    ] as const)
      assert.equal(dead(stored(status)), undefined, status);
  });
});

describe('reported', () => {
  const says = (status: JobReport['status'], change: Partial<JobReport> = {}): JobReport => ({
    ...(status && { status }),
    ...{ about: 'job' as const, rawStatus: status ?? '', reference: 'ref-1', jobId: 'job_1' },
    ...change,
  });
  const report = (item: ResultItem | undefined, what: JobReport, run = 1) =>
    reported(item, FILE, run, what, NOW + HOUR);
  const submitted = stored('submitted', { job_id: 'job_1', unclear: false });

  it('ends a file with all that the report says, and drops the error of an earlier attempt', () => {
    const end = { outputUrl: 's3://out', durationMs: 5, finishedAt: at(MINUTE) };
    const next = report({ ...submitted, error: '503', next_look_at: at(0) }, says('succeeded', end))!;
    const { status, output_url, duration_ms, completed_at, error, next_look_at } = next;
    assert.deepEqual(
      [status, output_url, duration_ms, completed_at],
      ['succeeded', 's3://out', 5, at(MINUTE)],
    );
    assert.deepEqual([error, next_look_at, next.job_id], [undefined, undefined, 'job_1']);
  });

  it('ends a file whose POST was never answered, or was buried: unclear ends with it', () => {
    for (const item of [CLAIMED, stored('retrying', { unclear: true }), stored('dead', { unclear: true })]) {
      const next = report(item, says('failed', { error: 'codec' }))!;
      assert.deepEqual(
        [next.status, next.error, next.unclear, next.job_id],
        ['failed', 'codec', false, 'job_1'],
      );
      assert.deepEqual([next.sent, next.due_at, next.claim], [undefined, undefined, undefined]);
    }
  });

  it('writes nothing for progress and for words that nobody knows', () => {
    for (const item of [undefined, CLAIMED, submitted])
      for (const status of ['submitted', 'processing', undefined] as const)
        assert.equal(report(item, says(status)), undefined);
  });

  it('never moves an ended file, whatever is reported late, twice or in another order', () => {
    const ends = ['succeeded', 'failed', 'cancelled', 'covered'] as const;
    for (const status of ends)
      for (const late of ['submitted', 'processing', 'succeeded', 'failed', 'cancelled'] as const) {
        const full = { job_id: 'job_1', output_url: 'x', duration_ms: 1, error: 'e' };
        assert.equal(report(stored(status, full), says(late)), undefined, `${status}, then ${late}`);
      }
  });

  it('completes an ended file with what its first report lacked, and changes no more', () => {
    const ended = stored('succeeded', { job_id: 'job_1', duration_ms: 1 });
    const next = report(ended, says('succeeded', { jobId: 'task_2', outputUrl: 's3://out', durationMs: 9 }))!;
    assert.deepEqual([next.output_url, next.duration_ms, next.job_id], ['s3://out', 1, 'job_1']);
    assert.equal(next.history, ended.history);
    assert.equal(report(next, says('succeeded', { outputUrl: 's3://other' })), undefined);
  });

  it('takes the end of a job that the user had given up', () => {
    const item = stored('cancelled', { job_id: 'job_1', given_up: true, error: 'given up' });
    const next = report(item, says('succeeded', { outputUrl: 's3://out' }))!;
    assert.deepEqual([next.status, next.given_up, next.error], ['succeeded', undefined, undefined]);
    assert.equal(report(stored('cancelled'), says('succeeded')), undefined);
  });

  it('ignores a report about another run or another reference', () => {
    const second = stored('submitted', { run: 2, reference: 'ref-2', job_id: 'job_2' });
    assert.equal(report(second, says('failed'), 1), undefined);
    assert.equal(report(second, says('failed', { reference: 'ref-1' }), 2), undefined);
    const { reference: _, ...bare } = says('failed');
    assert.equal(report(second, bare, 1), undefined);
    assert.equal(report(second, bare, 2)?.status, 'failed');
    const { reference: none, ...retrying } = stored('retrying', { run: 2 });
    assert.equal(
      report(retrying, says('failed', { reference: none! }), 2),
      undefined,
      'its job is of the run before',
    );
  });

  it('ignores a report about a file whose work another batch does', () => {
    for (const status of ['waiting', 'covered'] as const)
      assert.equal(report(stored(status), says('succeeded')), undefined);
  });

  it('stores the end of a file that the table does not know, with its run', () => {
    const next = report(undefined, says('succeeded', { kind: 'audio' }), 3)!;
    assert.deepEqual(
      [next.status, next.kind, next.run, next.reference, next.attempts],
      ['succeeded', 'audio', 3, 'ref-1', 0],
    );
  });
});

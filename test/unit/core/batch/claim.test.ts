import assert from 'node:assert/strict';
import { claimStep, type ClaimFacts, type ClaimRequest } from '../../../../src/core/batch/claim.ts';
import { requestOf } from '../../../../src/core/batch/sent-request.ts';
import type { ResultItem } from '../../../../src/core/batch/result-item.ts';
import { workOf } from '../../../../src/core/batch/work.ts';
import { DEFAULT_JOB_OPTIONS as JOB } from '../../../../src/core/ittybit/job-options.ts';
import { at, FILE, HOUR, MINUTE, NOW, ofOldStack, PATIENCE, stored } from '../../../helpers/stored-items.ts';

const SENDER = {
  apiUrl: 'https://api.example',
  connectionId: '',
  webhookUrl: 'https://hook.example/webhook',
  signingKeys: ['k'.repeat(32)],
} as const;
const REQUEST: ClaimRequest = {
  ...{
    message: FILE,
    isRedriven: false,
    job: JOB,
    again: false,
    sender: { ...SENDER, signingKeys: ['k'.repeat(32)] },
  },
  ...{
    claim: 'i1/m1',
    leaseUntilMs: NOW + 21_000,
    dueMs: NOW + 2 * MINUTE,
    newReference: 'new',
    patience: PATIENCE,
  },
};
const WORK = workOf(FILE, { job: JOB, connectionId: '' });
const SENT = requestOf(FILE, { reference: 'ref-1', run: 1 }, JOB, REQUEST.sender);

function facts(items: readonly ResultItem[], owner?: string, change: Partial<ClaimFacts> = {}): ClaimFacts {
  const owners = new Map(owner === undefined ? [] : [[WORK, owner]]);
  return { source: { items, owners }, adopted: undefined, output: undefined, ...change };
}

function claim(known: ClaimFacts | undefined, change: Partial<ClaimRequest> = {}, now = NOW) {
  return claimStep({ ...REQUEST, ...change }, known, now);
}

function grantOf({ outcome }: ReturnType<typeof claim>) {
  assert.equal(outcome.type, 'granted');
  return outcome;
}

describe('claimStep', () => {
  it('claims a file that nobody knows, and supposes so without a read', () => {
    const { write, outcome } = claim(undefined, { message: { ...FILE, etag: 'e1', size: 7 } });
    const next = write!.next;
    assert.deepEqual([next.status, next.attempts, next.reference, next.run], ['submitting', 1, 'new', 1]);
    assert.deepEqual(
      [next.etag, next.size, next.claim, next.lease_until_ms],
      ['e1', 7, 'i1/m1', NOW + 21_000],
    );
    assert.deepEqual(
      [next.first_post_at, next.last_post_at, next.due_at],
      [at(0), at(21_000), at(2 * MINUTE)],
    );
    assert.deepEqual([write!.before, write!.work?.from, write!.work?.owner], [undefined, undefined, 'b1']);
    assert.match(write!.work!.work, /#e1$/);
    assert.equal(outcome.type, 'granted');
  });

  it('leaves a file alone that is at Ittybit, waits or has ended', () => {
    for (const status of [
      'submitted',
      'processing',
      'waiting',
      'succeeded',
      'failed',
      'cancelled',
      'covered',
    ] as const) {
      const { write, outcome } = claim(facts([stored(status)], 'b1'));
      assert.deepEqual([write, outcome.type], [undefined, 'done'], status);
    }
  });

  it('refuses other claims while one holds, and takes over when its lease has ended', () => {
    const item = stored('submitting', {
      lease_until_ms: NOW + 1,
      sent: SENT.mark,
      first_post_at: at(0),
      work: WORK,
    });
    assert.deepEqual(claim(facts([item], 'b1')).outcome, { type: 'busy', untilMs: NOW + 1 });
    const grant = grantOf(claim(facts([item], 'b1'), {}, NOW + 1));
    assert.deepEqual([grant.wasUnclear, grant.next.attempts, grant.request], [true, 2, SENT]);
  });

  describe('of an unclear file', () => {
    const item = stored('retrying', {
      unclear: true,
      sent: SENT.mark,
      first_post_at: at(0),
      work: WORK,
      error: '503',
    });

    it('repeats exactly what was sent, under the same reference', () => {
      const grant = grantOf(claim(facts([item], 'b1'), {}, NOW + HOUR));
      assert.deepEqual([grant.next.reference, grant.request, grant.wasUnclear], ['ref-1', SENT, true]);
      assert.equal(grant.next.first_post_at, at(0));
    });

    it('sends nothing and leaves it to a look-up where anything differs, or too late', () => {
      const other = { ...REQUEST.sender, connectionId: 'conn_2' };
      for (const step of [
        claim(facts([item], 'b1'), { sender: other }),
        claim(facts([item], 'b1'), { job: { ...JOB, options: {} } }),
        claim(facts([item], 'b1'), {}, NOW + 24 * HOUR),
        claim(facts([ofOldStack('retrying')])),
        claim(facts([ofOldStack('submitting')])),
        claim(facts([stored('dead', { unclear: true })], 'b1'), { isRedriven: true }),
      ]) {
        assert.equal(step.outcome.type, 'done');
        const { status, unclear, due_at, next_look_at } = step.write!.next;
        assert.deepEqual([status, unclear, next_look_at], ['retrying', true, due_at]);
        assert.equal(step.write!.work, undefined);
      }
    });
  });

  describe('of a clear file', () => {
    it('makes a new reference and a new request, so that a remembered refusal does not come back', () => {
      const item = stored('retrying', { unclear: false, sent: SENT.mark, first_post_at: at(0), attempts: 2 });
      const grant = grantOf(claim(facts([item]), {}, NOW + HOUR));
      assert.deepEqual([grant.next.reference, grant.wasUnclear, grant.attempts], ['new', false, 2]);
      assert.equal(grant.next.first_post_at, at(HOUR));
      assert.equal((grant.request.body['metadata'] as { reference: string }).reference, 'new');
    });

    it('takes a dead one only from a redrive, with new attempts', () => {
      const item = stored('dead', { unclear: false, attempts: 3, error: '400' });
      const stray = claim(facts([item]));
      assert.deepEqual([stray.write, stray.outcome.type], [undefined, 'done']);
      const grant = grantOf(claim(facts([item]), { isRedriven: true }));
      assert.deepEqual([grant.next.attempts, grant.attempts, grant.error], [1, 0, '400']);
    });
  });

  describe('of work that another batch owns', () => {
    const owner = (item: ResultItem): ResultItem => ({ ...item, batch: 'b0', work: WORK });

    it('is covered by one that succeeded, and waits for one that may succeed', () => {
      const done = claim(facts([owner(stored('succeeded', { output_url: 'x' }))], 'b0'));
      assert.deepEqual(
        [done.write!.next.status, done.write!.next.output_url, done.write!.work],
        ['covered', 'x', undefined],
      );
      for (const item of [
        stored('submitted'),
        stored('retrying'),
        stored('dead', { unclear: true, cannot_tell: true }),
      ]) {
        const { write, outcome } = claim(facts([owner(item)], 'b0'));
        assert.deepEqual(
          [write!.next.status, write!.next.covered_by, outcome.type],
          ['waiting', 'b0', 'done'],
        );
      }
    });

    it('is checked at each claim, not only at the first', () => {
      const item = stored('dead', { unclear: false });
      const { write } = claim(facts([item, owner(stored('succeeded'))], 'b0'), { isRedriven: true });
      assert.equal(write!.next.status, 'covered');
    });

    it('takes over from one that is clear and did not do it, if it does not change meanwhile', () => {
      for (const item of [stored('dead', { unclear: false }), stored('failed'), stored('cancelled')]) {
        const { write, outcome } = claim(facts([owner(item)], 'b0'));
        assert.equal(outcome.type, 'granted');
        assert.deepEqual(write!.work, { work: WORK, from: 'b0', owner: 'b1' });
        assert.deepEqual(write!.unchanged, [owner(item)]);
      }
    });

    it('is no obstacle where the batch has no item, or its item names another work', () => {
      assert.deepEqual(claim(facts([], 'b0')).write!.work, { work: WORK, from: 'b0', owner: 'b1' });
      const other = { ...owner(stored('submitted')), work: 'work#2#-' };
      assert.deepEqual(claim(facts([other], 'b0')).write!.unchanged, [other]);
    });

    it('is none of a batch whose work is its own, as the user said', () => {
      const { write, outcome } = claim(facts([owner(stored('succeeded'))], 'b0'), { again: true });
      assert.deepEqual([outcome.type, write!.work?.from], ['granted', undefined]);
      assert.notEqual(write!.work!.work, WORK);
    });

    it('records the owner that an older stack left, and waits or is covered', () => {
      for (const [status, ends] of [
        ['succeeded', 'covered'],
        ['submitted', 'waiting'],
        ['dead', 'waiting'],
      ] as const) {
        const old = { ...ofOldStack(status), batch: 'b0' };
        const { write } = claim(facts([old], undefined, { adopted: 'b0' }));
        assert.equal(write!.next.status, ends);
        assert.deepEqual(write!.work, { work: WORK, from: undefined, owner: 'b0' });
      }
    });
  });
});

import assert from 'node:assert/strict';
import { edit, firstItem, move } from '../../../../src/core/batch/item-step.ts';
import { resultItem } from '../../../../src/core/batch/result-codec.ts';
import type { ResultItem, Status } from '../../../../src/core/batch/result-item.ts';
import { at, FILE, HOUR, MINUTE, NOW, stored } from '../../../helpers/stored-items.ts';

/** Moves through these states, a second apart. */
function after(...steps: readonly [Status, string?][]): ResultItem {
  return steps.reduce(
    (item, [status, error], second) => move(item, status, { error }, NOW + second * 1000),
    firstItem(FILE, NOW),
  );
}

describe('move', () => {
  it('writes history: each attempt with its own error, and its end', () => {
    const item = after(['submitting'], ['retrying', '429'], ['submitting', '429'], ['dead', '400']);
    assert.deepEqual(
      item.history?.map(({ status, error }) => [status, error]),
      [
        ['submitting', undefined],
        ['retrying', '429'],
        ['submitting', undefined],
        ['dead', '400'],
      ],
    );
  });

  it('ends a claim, and what a series of looks has found', () => {
    const item = stored('submitting', { claim: 'i1', lease_until_ms: 5, looks: 2, cannot_tell: true });
    const { claim, lease_until_ms, looks, cannot_tell } = move(item, 'retrying', {}, NOW);
    assert.deepEqual(
      [claim, lease_until_ms, looks, cannot_tell],
      [undefined, undefined, undefined, undefined],
    );
  });

  it('cuts the errors of the history, also within a surrogate pair, and keeps the last one whole', () => {
    const error = `${'x'.repeat(299)}\u{1F3AC}${'y'.repeat(500)}`;
    const item = after(['submitting'], ['dead', error]);
    assert.equal(item.history?.at(-1)?.error, `${'x'.repeat(299)}\uFFFD`);
    assert.equal(item.error, error);
  });

  it('begins a history for an item that was stored without one', () => {
    const item = move(stored('submitting'), 'submitted', {}, NOW + HOUR);
    assert.deepEqual(item.history, [{ status: 'submitted', at: at(HOUR), attempts: 1 }]);
  });

  it('keeps the first entry and the latest ones of a file that is given back again and again', () => {
    const rounds = Array.from({ length: 30 }, (_, i): [Status, string?][] => [
      ['submitting'],
      ['retrying', `429 #${i}`],
    ]);
    const history = after(...rounds.flat()).history!;
    assert.equal(history.length, 20);
    assert.deepEqual([history[0]?.at, history[1]?.at, history.at(-1)?.error], [at(0), at(41_000), '429 #29']);
  });
});

describe('edit', () => {
  it('raises the lock, removes what is undefined, and keeps what it does not know', () => {
    const item = { ...stored('submitted', { error: 'x' }), of_a_newer_version: 1 };
    const next = edit(item, { error: undefined, job_id: 'job_1' }, NOW + MINUTE);
    assert.deepEqual(next, {
      ...stored('submitted'),
      of_a_newer_version: 1,
      job_id: 'job_1',
      updated_at: at(MINUTE),
      rev: 5,
    });
    assert.ok(!('error' in next));
  });
});

describe('the item of a usual file', () => {
  it('stays below 1 KB, the size of one write unit, from its claim to its end', () => {
    const file = {
      batch: '20261123-140201-k3x9f2',
      bucket: 'film-archive-prod',
      key: 'footage/1999/reel 07/camera a, take 12.mov',
      ...{ etag: 'e'.repeat(32), size: 12_345_678_901, work: `work#${'x'.repeat(16)}#${'e'.repeat(32)}` },
      ...{ reference: 'x'.repeat(32), history: [{ status: 'submitting' as const, at: at(0), attempts: 1 }] },
    };
    const posted = {
      sent: 'x'.repeat(25),
      first_post_at: at(0),
      last_post_at: at(1),
      due_at: at(2),
      next_look_at: at(3),
    };
    const claim = `${'x'.repeat(36)}/${'x'.repeat(36)}`;
    const claimed = stored('submitting', { ...file, ...posted, claim, lease_until_ms: NOW });
    const job = { job_id: 'job_'.padEnd(24, 'x'), unclear: false, duration_ms: 123_456 };
    const gone = { claim: undefined, lease_until_ms: undefined, sent: undefined, first_post_at: undefined };
    const submitted = move(
      claimed,
      'submitted',
      { ...job, ...gone, last_post_at: undefined, due_at: undefined },
      NOW,
    );
    const end = { output_url: 'https://'.padEnd(110, 'x'), completed_at: at(4), next_look_at: undefined };
    const succeeded = move(submitted, 'succeeded', end, NOW);
    for (const item of [claimed, submitted, succeeded]) {
      assert.ok(dynamoBytes(resultItem(item)) <= 1024, `${item.status}: ${dynamoBytes(resultItem(item))}`);
    }
  });
});

/** Size as DynamoDB calculates it (Developer Guide, "DynamoDB item sizes and formats"), with its largest small numbers. */
function dynamoBytes(item: object): number {
  const ofValue = (value: unknown): number => {
    if (typeof value === 'number') return 5;
    if (typeof value === 'boolean') return 1;
    if (typeof value === 'string') return Buffer.byteLength(value);
    const entries = Object.entries(value as object);
    const names = Array.isArray(value) ? 0 : Buffer.byteLength(entries.map(([name]) => name).join(''));
    return entries.reduce((sum, [, inner]) => sum + 1 + ofValue(inner), 3 + names);
  };
  return Object.entries(item).reduce((sum, [name, value]) => sum + name.length + ofValue(value), 0);
}

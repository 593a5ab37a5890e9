import assert from 'node:assert/strict';
import fc from 'fast-check';
import { planEnqueue } from '../../../../src/app/batch/plan-enqueue.ts';
import { NoteTaker, type PlanNotes } from '../../../../src/app/batch/plan-notes.ts';
import type { S3Object } from '../../../../src/core/files/bucket-store.ts';
import { FakeBatches, FakeBuckets, PIPELINE, s3Object } from '../../../helpers/fakes.ts';
import { inListingOrder } from '../../../helpers/listed-keys.ts';

const NOW = Date.parse('2026-11-26T12:00:00Z');
const MINUTE = 60_000;
const DAY = 24 * 3_600_000;

function notesOf(prefix: string, files: readonly (string | Partial<S3Object>)[]): PlanNotes {
  const taker = new NoteTaker(prefix, NOW);
  for (const file of files) taker.add(typeof file === 'string' ? s3Object(file) : s3Object('a.mp4', file));
  return taker.notes;
}

describe('the notes of a dry run', () => {
  it('name the neighbours that a prefix without a slash takes', () => {
    const keys = inListingOrder([
      ...['years/2024/a.mp4', 'years/2024/b/c.mp4', 'years/2024-rushes/a.mp4', 'years/2024-rushes/b.mp4'],
      ...['years/2024_old/x/y.mp4', 'years/2024.mp4'],
    ]);
    assert.deepEqual(notesOf('years/2024', keys).neighbours, {
      own: true,
      folders: 2,
      files: 1,
      names: ['2024-rushes/', '2024.mp4', '2024_old/'],
    });
    assert.deepEqual(
      notesOf(
        'years/2024/',
        keys.filter((key) => key.startsWith('years/2024/')),
      ).neighbours.names,
      [],
    );
    assert.deepEqual(notesOf('', keys).neighbours.names, []);
    // The prefix is a whole key, or a part of names.
    const clip = notesOf('a.mp4', ['a.mp4', 'a.mp4.mov']).neighbours;
    assert.deepEqual(clip, { own: true, folders: 0, files: 1, names: ['a.mp4.mov'] });
    const part = notesOf('years/20', ['years/2023/a.mp4', 'years/2024/a.mp4']).neighbours;
    assert.deepEqual(part, { own: false, folders: 2, files: 0, names: ['2023/', '2024/'] });
  });

  it('count each neighbour once, and keep the first four by name', () => {
    const part = fc.constantFrom('x', 'x/', 'x-', 'x.mp4', '/', 'y', '-', 'é');
    const keys = fc
      .array(fc.array(part, { minLength: 1 }).map((parts) => `x${parts.join('')}`))
      .map(inListingOrder);
    fc.assert(
      fc.property(keys, (listed) => {
        const { own, folders, files, names } = notesOf('x', listed).neighbours;
        const whole = new Set(listed.map((key) => /^[^/]*\/?/.exec(key)?.[0] ?? ''));
        assert.equal(own, whole.delete('x/') || whole.delete('x'));
        assert.equal(folders + files, whole.size);
        assert.deepEqual(names, [...whole].slice(0, 4));
      }),
    );
  });

  it('count the extensions, restored copies by their end, and what may be in an archive tier', () => {
    const soon = new Date(NOW + DAY);
    const notes = notesOf('', [
      ...['a.MOV', 'b.mov', 'c.constructor', 'd.__proto__', 'e.mp4'],
      { storageClass: 'GLACIER', restoredUntil: soon },
      { storageClass: 'GLACIER', restoredUntil: new Date(soon.getTime() + 59 * MINUTE) },
      { storageClass: 'DEEP_ARCHIVE', restoredUntil: new Date(NOW + 14 * DAY) },
      { storageClass: 'DEEP_ARCHIVE', restoredUntil: new Date(NOW + 14 * DAY + 1) },
      { storageClass: 'INTELLIGENT_TIERING' },
      { storageClass: 'Intelligent_Tiering' },
      { storageClass: 'STANDARD' },
    ]);
    assert.deepEqual(
      [...notes.extensions],
      [
        ['mov', 2],
        ['constructor', 1],
        ['__proto__', 1],
        ['mp4', 8],
      ],
    );
    assert.deepEqual(
      [...notes.copies],
      [
        [NOW + DAY, 2],
        [NOW + 14 * DAY, 1],
      ],
    );
    assert.equal(notes.tiered, 2);
  });
});

describe('a dry run under a prefix of letters that the bucket has in another form', () => {
  const plan = (prefix: string, keys: readonly string[]) =>
    planEnqueue({ bucket: 'media', prefix, job: { kind: 'video', options: {} } }, PIPELINE, {
      buckets: new FakeBuckets(keys.map((key) => s3Object(key))),
      batches: new FakeBatches(),
    });
  const [NFC, NFD] = ['Caf\u00e9/', 'Cafe\u0301/'];

  it('says which, and takes nothing from there', async () => {
    const found = await plan(NFC, [`${NFD}a.mp4`]);
    assert.deepEqual([found.files, found.listed, found.otherForm], [0, 0, NFD]);
    assert.equal((await plan(NFD, [`${NFC}a.mp4`])).otherForm, NFC);
    // The key of a bucket may mix both.
    assert.equal((await plan(NFC + NFD, [`${NFC + NFC}a.mp4`])).otherForm, NFC + NFC);
  });

  it('does not say so where there is none, or where the prefix has files', async () => {
    assert.equal((await plan(NFC, ['Cafe/a.mp4'])).otherForm, undefined);
    assert.equal((await plan('plain/', [])).otherForm, undefined);
    const both = await plan(NFC, [`${NFC}a.mp4`, `${NFD}a.mp4`]);
    assert.deepEqual([both.files, both.otherForm], [1, undefined]);
  });
});

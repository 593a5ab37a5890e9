import assert from 'node:assert/strict';
import fc from 'fast-check';
import { verdictOn, workOf } from '../../../../src/core/batch/work.ts';
import type { JobOptions } from '../../../../src/core/ittybit/job-options.ts';
import { ofOldStack, stored } from '../../../helpers/stored-items.ts';

const VIDEO: JobOptions = { kind: 'video', options: { width: 1, format: 'mp4' } };
const file = { bucket: 'media', key: 'dir/a.mov', etag: 'e1' };
const work = (
  job: JobOptions,
  of: { key?: string; etag?: string | undefined } = {},
  connectionId = '',
  again?: string,
) => workOf({ ...file, ...of }, { job, connectionId, again });

describe('workOf', () => {
  it('names a version of a file and a job', () => {
    assert.match(work(VIDEO), /^work#[0-9a-f]{16}#e1$/);
    assert.match(work(VIDEO, { etag: undefined }), /^work#[0-9a-f]{16}#-$/);
  });

  it('is the same for the same job, in any order of its options and wherever its connection is named', () => {
    assert.equal(work(VIDEO), work({ options: { format: 'mp4', width: 1 }, kind: 'video' }));
    assert.equal(work({ ...VIDEO, connection_id: 'c1' }), work(VIDEO, {}, 'c1'));
    assert.equal(work({ ...VIDEO, connection_id: 'c1' }, {}, 'c2'), work(VIDEO, {}, 'c1'));
  });

  it('is the same where two patterns resolve to one output, and another where they do not', () => {
    const [stem, plain] = ['s3://o/{stem}.mp4', 's3://o/dir/a.mp4'].map((output) =>
      work({ ...VIDEO, output }),
    );
    assert.equal(stem, plain);
    assert.notEqual(work({ ...VIDEO, output: 's3://o/{key}.mp4' }), plain);
  });

  it('differs with each of its parts', () => {
    const all = [
      work(VIDEO),
      work({ ...VIDEO, kind: 'image' }),
      work({ ...VIDEO, options: { width: '1', format: 'mp4' } }),
      work({ ...VIDEO, options: {} }),
      work({ ...VIDEO, output: 's3://o/{key}' }),
      work(VIDEO, {}, 'c1'),
      work(VIDEO, { etag: 'e2' }),
      work(VIDEO, { etag: undefined }),
      work(VIDEO, {}, '', 'b1'),
      work(VIDEO, {}, '', 'b2'),
    ];
    assert.equal(new Set(all).size, all.length);
  });

  it('never takes one text for another, whatever it holds', () => {
    const text = fc.string({ unit: 'binary', maxLength: 8 });
    fc.assert(
      fc.property(fc.tuple(text, text, text), fc.tuple(text, text, text), (one, other) => {
        const [a, b] = [one, other].map(([name, value, connection]) =>
          work({ kind: 'video', options: { [name]: value } }, {}, connection),
        );
        assert.equal(
          a === b,
          one.every((part, i) => part === other[i]),
        );
      }),
    );
  });
});

describe('verdictOn', () => {
  const verdict = (owner: Parameters<typeof verdictOn>[0]) => verdictOn(owner, 'work#1#-');

  it('covers by an owner that succeeded, and waits for one that is under way or unclear', () => {
    assert.equal(verdict(stored('succeeded')), 'cover');
    for (const status of ['submitting', 'retrying', 'submitted', 'processing', 'waiting'] as const)
      assert.equal(verdict(stored(status, { unclear: false })), 'wait', status);
    assert.equal(verdict(stored('dead', { unclear: true })), 'wait');
    assert.equal(verdict(ofOldStack('dead')), 'wait', 'it does not say');
    assert.equal(verdict(stored('dead', { unclear: true, cannot_tell: true })), 'cannot-tell');
  });

  it('lets the work of an owner be taken that is clear and will not do it, or is none', () => {
    assert.equal(verdict(undefined), 'take');
    assert.equal(verdict(stored('dead', { unclear: false })), 'take');
    for (const status of ['failed', 'cancelled', 'covered'] as const)
      assert.equal(verdict(stored(status)), 'take', status);
    for (const status of ['succeeded', 'submitted', 'dead'] as const)
      assert.equal(
        verdict(stored(status, { work: 'work#2#-', unclear: true })),
        'take',
        `${status}, of another work`,
      );
  });
});

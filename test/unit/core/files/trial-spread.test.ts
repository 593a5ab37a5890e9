import assert from 'node:assert/strict';
import fc from 'fast-check';
import { sizeClassOf } from '../../../../src/core/files/common-traits.ts';
import { keyParts } from '../../../../src/core/files/key-parts.ts';
import { MAX_TRIAL, spreadOf, TrialPool, type TrialFile } from '../../../../src/core/files/trial-spread.ts';

const FILES = fc.uniqueArray(
  fc.record({
    key: fc
      .tuple(
        fc.constantFrom('', 'a/', 'b/', 'a/x/', '\u{1F3AC}/'),
        fc.string({ maxLength: 4 }),
        fc.constantFrom('', '.mp4', '.MP4', '.mov', '.mxf', '.'),
      )
      .map((parts) => `in/${parts.join('')}`),
    size: fc.constantFrom(0, 1, 1e6, 1e8, 5e9),
  }),
  { selector: ({ key }) => key, maxLength: 60 },
);
const extensionOf = ({ key }: TrialFile): string => keyParts(key).ext.toLowerCase();
const distinct = (values: readonly string[]): number => new Set(values).size;

describe('the spread of a trial', () => {
  it('has no file twice, is the same in any order, and covers the extensions first', () => {
    fc.assert(
      fc.property(FILES, fc.integer({ min: 0, max: MAX_TRIAL }), (files, count) => {
        const spread = spreadOf(files, count, 'in/');
        assert.equal(spread.length, Math.min(count, files.length));
        assert.equal(distinct(spread.map(({ key }) => key)), spread.length);
        assert.deepEqual(spreadOf(files.toReversed(), count, 'in/'), spread);
        const all = distinct(files.map(extensionOf));
        assert.equal(distinct(spread.map(extensionOf)), Math.min(all, spread.length));
        // A larger trial goes on where a smaller one ended.
        assert.deepEqual(spreadOf(files, count + 1, 'in/').slice(0, spread.length), spread);
      }),
    );
  });

  it('then differs in size, then in folder', () => {
    const files = [
      { key: 'a/1.mp4', size: 10 },
      { key: 'a/2.mp4', size: 10 },
      { key: 'a/3.mp4', size: 5e9 },
      { key: 'b/4.mp4', size: 10 },
      { key: 'c/5.mov', size: 10 },
    ];
    const keys = spreadOf(files, 4, '').map(({ key }) => key);
    assert.deepEqual(keys, ['a/1.mp4', 'c/5.mov', 'a/3.mp4', 'b/4.mp4']);
  });

  it('is picked from few files, which still have every extension, every size class of it, and enough of each', () => {
    fc.assert(
      fc.property(FILES, (files) => {
        const pool = new TrialPool('in/');
        for (const file of files) pool.add(file);
        const traits = (file: TrialFile): string => `${extensionOf(file)} ${sizeClassOf(file.size)}`;
        assert.deepEqual(new Set(pool.files.map(traits)), new Set(files.map(traits)));
        assert.ok(pool.files.length >= Math.min(files.length, MAX_TRIAL));
      }),
    );
    const pool = new TrialPool('');
    for (let i = 0; i < 100_000; i += 1) pool.add({ key: `${i % 500}/${i}.mp4`, size: 10 });
    assert.ok(pool.files.length <= 33);
    assert.equal(distinct(spreadOf(pool.files, 8, '').map(({ key }) => key.split('/')[0] ?? '')), 8);
  });
});

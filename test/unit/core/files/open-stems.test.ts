import assert from 'node:assert/strict';
import fc from 'fast-check';
import { keyParts } from '../../../../src/core/files/key-parts.ts';
import { OpenStems } from '../../../../src/core/files/open-stems.ts';
import { inListingOrder, listings } from '../../../helpers/listed-keys.ts';

const EXTENSIONS = ['', '.', '.mov', '.MOV', '.mxf', '.mp4', '.m', '.ts', '.é', '.m-v', '.a!'];

/** What a set of all keys says: the first key of each key's stem. */
function firstOfAll(keys: readonly string[]): string[] {
  const first = new Map<string, string>();
  return keys.map((key) => {
    const { stem } = keyParts(key);
    if (!first.has(stem)) first.set(stem, key);
    return first.get(stem) ?? '';
  });
}

describe('OpenStems', () => {
  it('finds the files that differ in their extension, with others between them', () => {
    const keys = inListingOrder([
      'a/clip',
      'a/clip-2.mov',
      'a/clip.avi',
      'a/clip.b.mov',
      'a/clip.mov',
      'b.mov',
    ]);
    const open = new OpenStems();
    assert.deepEqual(
      keys.map((key) => open.firstWithStem(key)),
      ['a/clip', 'a/clip-2.mov', 'a/clip', 'a/clip.b.mov', 'a/clip', 'b.mov'],
    );
  });

  it('agrees with a set of all keys over any listing', () => {
    let pairs = 0;
    fc.assert(
      fc.property(listings(EXTENSIONS), (keys) => {
        const open = new OpenStems();
        const found = keys.map((key) => open.firstWithStem(key));
        assert.deepEqual(found, firstOfAll(keys));
        pairs += found.filter((first, i) => first !== keys[i]).length;
      }),
      { numRuns: 1000 },
    );
    assert.ok(pairs > 3000, `${pairs} pairs were there to find`);
  });

  it('goes on from what it packed, after any key', () => {
    fc.assert(
      fc.property(listings(EXTENSIONS), fc.array(fc.nat(60)), (keys, stops) => {
        let open = new OpenStems();
        const found = keys.map((key, i) => {
          if (stops.includes(i)) open = new OpenStems(JSON.parse(JSON.stringify(open.pack())) as string[]);
          return open.firstWithStem(key);
        });
        assert.deepEqual(found, firstOfAll(keys));
      }),
      { numRuns: 1000 },
    );
  });

  it('holds no more than the nesting, however long the listing is', () => {
    const open = new OpenStems();
    let most = 0;
    for (let i = 0; i < 20_000; i++) {
      open.firstWithStem(`in/${String(i).padStart(6, '0')}.mov`);
      most = Math.max(most, open.pack().join('').length);
    }
    assert.equal(most, 'in/000000.mov'.length);
  });

  it('packs the deepest nesting that a key can have into a small part of an item', () => {
    for (const deepest of ['a.'.repeat(511), 'a'.repeat(1_020)]) {
      const keys = Array.from(deepest, (_, i) => deepest.slice(0, i + 1));
      const open = new OpenStems();
      for (const key of inListingOrder([...keys, ...keys.map((key) => `${key}.mov`)]))
        open.firstWithStem(key);
      assert.ok(JSON.stringify(open.pack()).length < 20_000);
    }
  });

  it('says nothing false in another order, of one key twice, or after a pack of another kind', () => {
    fc.assert(
      fc.property(
        listings(EXTENSIONS),
        fc.array(fc.string()),
        fc.infiniteStream(fc.nat()),
        (keys, packed, random) => {
          const open = new OpenStems();
          const any = keys
            .flatMap((key) => [key, key])
            .map((key) => ({ key, at: random.next().value as number }));
          for (const { key } of any.toSorted((a, b) => a.at - b.at)) {
            const first = open.firstWithStem(key);
            assert.equal(keyParts(first).stem, keyParts(key).stem);
            assert.ok(keys.includes(first));
          }
          const odd = new OpenStems(packed);
          for (const key of keys) odd.firstWithStem(key);
        },
      ),
    );
  });
});

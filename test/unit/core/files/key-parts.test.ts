import assert from 'node:assert/strict';
import fc from 'fast-check';
import { keyParts } from '../../../../src/core/files/key-parts.ts';

describe('keyParts', () => {
  it('splits at the last dot of the name, and keeps what is written', () => {
    for (const [key, stem, ext] of [
      ['a/clip.mov', 'a/clip', 'mov'],
      ['a/B.MOV', 'a/B', 'MOV'],
      ['a/b.tar.gz', 'a/b.tar', 'gz'],
      ['a/.mp4', 'a/', 'mp4'],
      ['.mp4', '', 'mp4'],
      ['a/b', 'a/b', ''],
      ['a.b/c', 'a.b/c', ''],
      ['a/b.', 'a/b', ''],
      ['a/..', 'a/.', ''],
      ['a.b/', 'a.b/', ''],
      ['', '', ''],
    ] as const) {
      assert.deepEqual(keyParts(key), { stem, ext }, key);
    }
  });

  it('loses nothing of a key but the dot', () => {
    const key = fc.array(fc.constantFrom('a', '.', '/', '-', 'é', '😀')).map((parts) => parts.join(''));
    fc.assert(
      fc.property(key, (text) => {
        const { stem, ext } = keyParts(text);
        assert.ok([`${stem}.${ext}`, stem].includes(text));
        assert.ok(!/[./]/.test(ext));
      }),
    );
  });
});

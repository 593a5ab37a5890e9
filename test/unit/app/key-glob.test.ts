import assert from 'node:assert/strict';
import { InvalidInputError } from '../../../src/core/errors.ts';
import { keyGlob } from '../../../src/app/key-glob.ts';

describe('keyGlob', () => {
  it('matches keys as S3 has them', () => {
    const cases: [glob: string, key: string, matches: boolean][] = [
      ['reel-*.mov', 'reel-7.mov', true],
      ['reel-*.mov', 'Reel-7.mov', false],
      ['reel-*.mov', 'reel-7.MOV', false],
      ['*.mov', 'a/reel.mov', false],
      ['**/*.mov', 'reel.mov', true],
      ['**/*.mov', 'a/b/.hidden/reel.mov', true],
      ['*.{mov,mp4}', '.mp4', true],
      ['reel [0-9].mov', 'reel 7.mov', true],
      ['reel \\[7\\].mov', 'reel [7].mov', true],
      ['a/*.mov', 'a\\b.mov', false],
      ['*.mov', 'a\\b.mov', true],
      ['*.mov', 'line\nfeed.mov', true],
      ['**/*.mov', 'a/line\nfeed/b.mov', true],
      ['!*.mov', 'a.mp4', true],
      ['!*.mov', 'a.mov', false],
      ['*', '', false],
    ];
    for (const [glob, key, matches] of cases) {
      assert.equal(keyGlob(glob)(key), matches, `${glob} ${JSON.stringify(key)}`);
    }
  });

  it('refuses a broken glob', () => {
    for (const glob of ['', '[a', '(a', 'a)', 'a]', '{a', '[z-a].mov', 'x'.repeat(70_000)]) {
      assert.throws(
        () => keyGlob(glob),
        (error) => error instanceof InvalidInputError && error.field === 'glob',
        glob.slice(0, 20),
      );
    }
  });
});

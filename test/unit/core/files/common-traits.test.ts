import assert from 'node:assert/strict';
import { commonTraits as traitSteps, type SizedFile } from '../../../../src/core/files/common-traits.ts';
import { atOnce } from '../../../../src/core/steps.ts';

const commonTraits = (files: readonly SizedFile[]) => atOnce(traitSteps(files));

const files = (keys: readonly string[], size?: number, bucket = 'film') =>
  keys.map((key) => ({ bucket, key, ...(size !== undefined && { size }) }));
const reels = (count: number, change = (name: string): string => `in/1999/${name}.MKV`) =>
  Array.from({ length: count }, (_, index) => change(`reel ${index}`));

describe('what files have in common', () => {
  it('is extension, size and the deepest folder, where at least 80 % share it', () => {
    const most = files(reels(20), 3e9);
    const others = files(
      reels(5, (name) => `in/1998/${name}.mp4`),
      5e6,
    );
    assert.deepEqual(commonTraits([...most, ...others]), {
      extension: { value: '.mkv', count: 20 },
      size: { value: 'over-2-gb', count: 20 },
      folder: { value: 's3://film/in/1999/', count: 20 },
    });
    const fewer = commonTraits([...most, ...others, ...files(['in/x.mp4'], 5e6)]);
    assert.deepEqual(fewer, { folder: { value: 's3://film/in/', count: 26 } });
  });

  it('names no bucket, no folder of another bucket, and nothing for one file', () => {
    assert.equal(commonTraits(files(['a.mp4', 'b.mp4'])).folder, undefined);
    assert.equal(
      commonTraits([...files(['in/a.mp4']), ...files(['in/b.mp4'], 1, 'other')]).folder,
      undefined,
    );
    assert.deepEqual(commonTraits(files(['in/a.mp4'], 1)), {});
    assert.deepEqual(commonTraits([]), {});
  });

  it('tells sizes apart at their bounds', () => {
    const classOf = (size: number) => commonTraits(files(['a', 'b'], size)).size?.value;
    assert.deepEqual([0, 1, 999_999, 1e6, 99_999_999, 1e8, 1_999_999_999, 2e9, 5e12].map(classOf), [
      ...['empty', 'below-1-mb', 'below-1-mb', 'below-100-mb', 'below-100-mb'],
      ...['below-2-gb', 'below-2-gb', 'over-2-gb', 'over-2-gb'],
    ]);
  });

  it('takes keys as they are: empty folders, names without an end, hidden files', () => {
    assert.deepEqual(commonTraits(files(['//x/.mp4', '//x/.mp4', '//x/y.'])), {
      folder: { value: 's3://film///x/', count: 3 },
    });
    const odd = commonTraits(files(['a.b/c', 'a.b/d', 'a.b/__proto__']));
    assert.deepEqual(odd, { folder: { value: 's3://film/a.b/', count: 3 } });
  });
});

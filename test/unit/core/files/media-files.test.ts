import assert from 'node:assert/strict';
import { InvalidInputError } from '../../../../src/core/errors.ts';
import { DEFAULT_EXTENSIONS } from '../../../../src/core/ittybit/kind-extensions.ts';
import { parseExtensions, skipReason } from '../../../../src/core/files/media-files.ts';
import { s3Object } from '../../../helpers/fakes.ts';

describe('skipReason', () => {
  const media = new Set(DEFAULT_EXTENSIONS.video);
  const reason = (key: string, change = {}) => skipReason(s3Object(key, change), media);

  it('takes media files by their extension, in any case', () => {
    for (const key of ['a.mp4', 'dir/B.MOV', 'x.tar.mkv', '.mp4', 'é /a b.WebM', 'dir.txt/a.ts']) {
      assert.equal(reason(key), undefined, key);
    }
  });

  it('says why it skips the others', () => {
    assert.equal(reason('dir.mp4/'), 'folder-marker');
    assert.equal(reason('dir/', { size: 0 }), 'folder-marker');
    for (const key of ['a', 'a.', 'a.txt', 'dir.mp4/a', 'a.mp4 ', 'a.mp4.part', 'constructor']) {
      assert.equal(reason(key), 'not-media', key);
    }
    assert.equal(reason('a.mp4', { size: 0 }), 'empty');
    for (const storageClass of ['GLACIER', 'DEEP_ARCHIVE']) {
      assert.equal(reason('a.mp4', { storageClass }), 'archived');
      assert.equal(reason('a.mp4', { storageClass, restored: true }), undefined);
    }
    assert.equal(reason('a.mp4', { storageClass: 'GLACIER_IR' }), undefined);
  });

  it('asks whether a file is wanted after it is known to be one, and before its storage class', () => {
    const asked: string[] = [];
    const unwanted = (key: string, change = {}) =>
      skipReason(s3Object(key, change), media, (object) => {
        asked.push(object.key);
        return false;
      });
    assert.equal(unwanted('a.mp4'), 'filtered');
    assert.equal(unwanted('b.mp4', { storageClass: 'GLACIER' }), 'filtered');
    assert.equal(unwanted('c.mp4', { size: 0 }), 'empty');
    assert.equal(unwanted('d.txt'), 'not-media');
    assert.equal(unwanted('e.mp4/'), 'folder-marker');
    assert.deepEqual(asked, ['a.mp4', 'b.mp4']);
  });
});

describe('parseExtensions', () => {
  it('reads what people type', () => {
    assert.deepEqual(parseExtensions([' .MP4', 'mov', 'mp4 ']), ['mp4', 'mov']);
  });

  it('refuses what is not an extension', () => {
    for (const wrong of [[], [''], ['*'], ['mp4,mov'], ['..mp4'], ['é'], ['x'.repeat(17)]]) {
      assert.throws(() => parseExtensions(wrong), InvalidInputError, wrong.join());
    }
  });

  it('knows at least the four of the published guide', () => {
    for (const extension of ['mp4', 'mov', 'mkv', 'webm'])
      assert.ok(DEFAULT_EXTENSIONS.video.includes(extension));
  });
});

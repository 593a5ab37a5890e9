import assert from 'node:assert/strict';
import { InvalidInputError } from '../../../../src/core/errors.ts';
import { DEFAULT_EXTENSIONS } from '../../../../src/core/ittybit/kind-extensions.ts';
import { parseExtensions, skipReason } from '../../../../src/core/files/media-files.ts';
import { s3Object } from '../../../helpers/fakes.ts';

describe('skipReason', () => {
  const media = new Set(DEFAULT_EXTENSIONS.video);
  const now = Date.parse('2026-11-26T12:00:00Z');
  const reason = (key: string, change = {}) => skipReason(s3Object(key, change), media, { now });

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
    assert.equal(reason(''), 'not-utf8');
    assert.equal(reason('', { size: 0 }), 'not-utf8');
  });

  it('knows what cannot be read now: by the class, the restore, and the end of its copy', () => {
    for (const storageClass of ['GLACIER', 'DEEP_ARCHIVE', 'Glacier']) {
      assert.equal(reason('a.mp4', { storageClass }), 'archived');
      assert.equal(reason('a.mp4', { storageClass, restoring: true }), 'archived');
      assert.equal(reason('a.mp4', { storageClass, restoredUntil: new Date(now + 1) }), undefined);
      assert.equal(
        reason('a.mp4', { storageClass, restoredUntil: new Date(now) }),
        'archived',
        'it has ended',
      );
    }
    for (const storageClass of [
      'GLACIER_IR',
      'STANDARD_IA',
      'INTELLIGENT_TIERING',
      'EXPRESS_ONEZONE',
      'ARCHIVE',
    ])
      assert.equal(reason('a.mp4', { storageClass }), undefined, storageClass);
    // The listing shows an archive tier only while an object comes back from it.
    assert.equal(reason('a.mp4', { storageClass: 'INTELLIGENT_TIERING', restoring: true }), 'archived');
  });

  it('asks the folder last, and before the storage class', () => {
    const asked: string[] = [];
    const inFolder = ({ key }: { key: string }) => {
      asked.push(key);
      return 'segment' as const;
    };
    const of = (key: string, change = {}) => skipReason(s3Object(key, change), media, { now, inFolder });
    assert.equal(of('a.ts', { storageClass: 'GLACIER' }), 'segment');
    assert.equal(of('a.txt'), 'not-media');
    assert.equal(of('._a.ts'), 'sidecar');
    assert.equal(of('e.ts', { size: 0 }), 'empty');
    assert.deepEqual(asked, ['a.ts']);
  });

  it('knows a sidecar before an empty one, and only where it has the extension of media', () => {
    assert.equal(reason('DCIM/._C0001.MP4', { size: 0 }), 'sidecar');
    assert.equal(reason('__MACOSX/a/._b.mov'), 'sidecar');
    assert.equal(reason('__MACOSX/a/notes.txt'), 'not-media');
    assert.equal(reason('__MACOSX/'), 'folder-marker');
  });

  it('asks whether a file is wanted after it is known to be one, and before its storage class', () => {
    const asked: string[] = [];
    const unwanted = (key: string, change = {}) =>
      skipReason(s3Object(key, change), media, {
        isWanted: (object) => {
          asked.push(object.key);
          return false;
        },
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

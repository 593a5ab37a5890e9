import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isSidecar } from '../../../../src/core/files/sidecars.ts';

describe('isSidecar', () => {
  it('knows what systems, file servers and cameras put beside media', () => {
    for (const key of [
      ...['DCIM/._C0001.MP4', '._a.mov', '__MACOSX/film/a.mp4', 'a/__MACOSX/b/._c.mp4'],
      ...['.Trashes/501/a.mov', '.Trash/a.mov', 'a/.Spotlight-V100/x.mp4', '.fseventsd/x.mp4'],
      ...[
        '.TemporaryItems/a.mov',
        '.AppleDouble/a.mov',
        'Network Trash Folder/a.mov',
        'x/Temporary Items/a.mov',
      ],
      ...[
        '$RECYCLE.BIN/S-1-5/$R1.mp4',
        'RECYCLER/a.avi',
        'System Volume Information/a.mp4',
        'FOUND.000/a.mp4',
      ],
      ...[
        '.Trash-1000/files/a.mp4',
        'lost+found/a.mp4',
        'DCIM/.thumbnails/1.jpg',
        'DCIM/.trashed-17-IMG.mp4',
      ],
      ...['a/.pending-17-VID.mp4', '.zfs/snapshot/day/a.mov', '.snapshot/hourly.0/a.mov', '~snapshot/a.mov'],
      ...[
        'a/@eaDir/a.mp4/SYNOPHOTO_THUMB_XL.jpg',
        '#recycle/a.mp4',
        '#snapshot/GMT+01/a.mp4',
        'a.mp4@SynoEAStream',
      ],
      ...['@Recycle/a.mp4', 'a/.@__thumb/s800a.jpg', '@Recently-Snapshot/a.mp4', 'a/@tmp/x.mp4'],
      ...[
        'music/AlbumArtSmall.jpg',
        'music/AlbumArt_{0A-1B}_Large.jpg',
        '.stversions/a.mp4',
        '.sync/Archive/a.mp4',
      ],
      ...['card/PRIVATE/M4ROOT/SUB/C0001S03.MP4', 'M4ROOT/THMBNL/C0001T01.JPG', 'XDROOT/Sub/a.mp4'],
      ...['p2/CONTENTS/PROXY/0001.MP4'],
    ]) {
      assert.ok(isSidecar(key), key);
      assert.ok(isSidecar(key.toUpperCase()), key.toUpperCase());
    }
  });

  it('takes no master for one', () => {
    for (const key of [
      ...['a.mp4', '_.mp4', '.a.mp4', 'a._b.mp4', '_._a.mp4', 'a/.mov', '.hidden/a.mov'],
      ...[
        'MACOSX/a.mp4',
        '__MACOSX.mp4',
        'x__MACOSX/a.mp4',
        'trash/a.mp4',
        'recycle/a.mp4',
        '#1/a.mp4',
        '@home/a.mp4',
      ],
      ...['Recycle.bin/a.mp4', 'snapshot/a.mov', 'eaDir/a.mp4', 'thumb/a.jpg', 'Folder.jpg', 'AlbumArt.jpg'],
      ...[
        'SUB/a.mp4',
        'films/PROXY/a.mp4',
        'M4ROOT/CLIP/C0001.MP4',
        'CONTENTS/VIDEO/0001.MXF',
        'constructor/a.mp4',
      ],
      ...['__MACOSX', ''],
    ]) {
      assert.ok(!isSidecar(key), key);
    }
  });

  it('takes what is in such a folder where the user has named it, but no AppleDouble', () => {
    assert.ok(!isSidecar('nas/#recycle/a.mp4', 'nas/#recycle/'));
    assert.ok(!isSidecar('M4ROOT/SUB/a.mp4', 'M4ROOT/SUB/'));
    assert.ok(isSidecar('M4ROOT/SUB/a.mp4', 'M4ROOT/'));
    assert.ok(isSidecar('nas/#recycle/@eaDir/a.mp4', 'nas/#recycle/'));
    assert.ok(isSidecar('__MACOSX/._a.mp4', '__MACOSX/'));
  });

  it('looks at whole names only, in any key', () => {
    const part = fc.constantFrom(
      'a',
      '.',
      '_',
      '/',
      '__macosx',
      '@eadir',
      '.trash-',
      '\u0130',
      '{',
      'sub',
      'm4root',
    );
    fc.assert(
      fc.property(
        fc.array(part).map((parts) => parts.join('')),
        (key) => {
          assert.equal(isSidecar(`x${key.replaceAll('/', '/x')}`), false, key);
          assert.ok(isSidecar(`@eaDir/${key}`), key);
        },
      ),
    );
  });
});

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { StreamFolder, type Above } from '../../../../src/core/files/stream-folder.ts';
import { mayBeNoMaster, reasonByName } from '../../../../src/core/files/stream-names.ts';
import { s3Object } from '../../../helpers/fakes.ts';

const PIECE = 4_000_000;
const RECORDING = 3_000_000_000;

/** @returns what a folder of these files says about each of them */
function reasonsIn(names: readonly string[], size = PIECE, above: Above = {}): Record<string, string> {
  const folder = new StreamFolder();
  const objects = names.map((name) => s3Object(`some/folder/${name}`, { size }));
  for (const object of objects) folder.add(object);
  return Object.fromEntries(
    objects.map((object, i) => [names[i] ?? '', folder.reason(object, above) ?? 'master']),
  );
}
const all = (names: readonly string[], reason: string) =>
  Object.fromEntries(names.map((name) => [name, reason]));
const numbered = (from: number, to: number, name: (number: string) => string, digits = 1) =>
  Array.from({ length: to - from + 1 }, (_, i) => name(String(from + i).padStart(digits, '0')));

describe('the pieces of a stream', () => {
  it('are known by a playlist beside them, wherever in the listing it comes', () => {
    for (const playlist of ['a.m3u8', 'master.m3u8', 'zzz.m3u8', 'INDEX.M3U8', 'manifest.mpd', 'film.ism']) {
      const pieces = ['seg_00000.ts', 'x.ts', '1080p_7.TS', 'out0.ts'];
      const { [playlist]: _, ...reasons } = reasonsIn([...pieces, playlist]);
      assert.deepEqual(reasons, all(pieces, 'segment'), playlist);
    }
    const cmaf = ['video_1.mp4', 'video_2.mp4', 'video_3.mp4'];
    const { 'index.m3u8': _, ...reasons } = reasonsIn([...cmaf, 'index.m3u8']);
    assert.deepEqual(reasons, all(cmaf, 'segment'));
  });

  it('are known by their numbers without a playlist', () => {
    for (const pieces of [
      numbered(0, 9, (n) => `seg_${n}.ts`, 5),
      numbered(0, 12, (n) => `stream${n}.ts`),
      numbered(0, 1, (n) => `out${n}.ts`),
      numbered(1, 300, (n) => `${n}.ts`),
      numbered(998, 1002, (n) => `media_b1200000_${n}.ts`),
      numbered(0, 3, (n) => `data${n}.TS`, 3),
      ['1.ts', '2.ts', '4.ts', '5.ts'],
      ['segment-1-v1-a1.ts', 'segment-9-v1-a1.ts'],
      ['fileSequence12.ts'],
      ['init.mp4', 'seg-1.m4s', 'seg-2.m4s'],
      ['init-stream0.m4s', 'chunk-stream0-00001.m4s'],
      ['chunk-stream0-00001.mp4', 'seg_001.m4v', 'fragment_0001.m4a', 'chunk_000.webm', 'segment_0001.aac'],
      ['init-v1.mp4', '1.mp4', '2.mp4', '3.mp4'],
      ['video_init.mp4', '1080p-init-2.m4a', 'init.webm'],
      ['a.cmfv', 'b.cmfa', 'c.m4f'],
    ]) {
      assert.deepEqual(reasonsIn(pieces), all(pieces, 'segment'));
    }
  });

  it('lie in folders below their playlist too', () => {
    assert.deepEqual(reasonsIn(['7.ts', 'film.ts'], PIECE, { belowPlaylist: true }), {
      '7.ts': 'segment',
      'film.ts': 'master',
    });
  });

  it('are no masters of cameras, recorders and people', () => {
    for (const masters of [
      numbered(0, 30, (n) => `${n}.MTS`, 5),
      numbered(0, 3, (n) => `${n}.m2ts`, 5),
      ['Tatort.ts'],
      ['film.ts', 'film 2.ts'],
      ['rec_001.ts', 'rec_002.ts'],
      ['20260101.ts', '20260102.ts', '20260103.ts', '20260104.ts'],
      ['20260101200000.ts', '20260101200001.ts', '20260101200002.ts'],
      ['Olympics 2008.ts', 'Olympics 2012.ts', 'Olympics 2016.ts'],
      ['News segment 2.ts'],
      numbered(1, 12, (n) => `GX01${n}.MP4`, 4),
      numbered(1, 12, (n) => `clip ${n}.mp4`),
      numbered(0, 12, (n) => `song ${n}.mp3`),
      ['segment 1.mp4', 'initial cut.mp4', 'init 2.mov', 'reinit.mp4', 'fragments.mp4', 'chunky7.mp4'],
      ['seg_00001.mov', 'seg_00002.mov', 'seg_00003.mov', 'init.mov'],
      ['99999999999999999999999999.ts', '0x1.ts'],
    ]) {
      assert.deepEqual(reasonsIn(masters), all(masters, 'master'));
    }
    // A list of music, of films, and of renditions: nothing there is numbered as pieces are.
    const lists = [
      ...[
        ['album.m3u8', 'disc.m3u'],
        numbered(1, 9, (n) => `${n} song.mp3`),
        numbered(1, 9, (n) => `${n}.m4a`),
      ],
      ...[
        ['480.mp4', '720.mp4', '1080.mp4'],
        ['film.mp4', 'film.mov'],
      ],
    ].flat();
    assert.deepEqual(reasonsIn(lists), all(lists, 'master'));
  });

  it('are small: a recording is a master, however it is numbered', () => {
    const names = [
      'init.mp4',
      ...numbered(0, 9, (n) => `seg_${n}.ts`, 5),
      ...numbered(0, 9, (n) => `x${n}.mp4`),
    ];
    assert.deepEqual(reasonsIn(names, RECORDING), all(names, 'master'));
    assert.deepEqual(
      reasonsIn(['x.m3u8', ...names], RECORDING)['seg_00000.ts'],
      'segment',
      'beside a playlist',
    );
    const folder = new StreamFolder();
    for (let i = 0; i < 50; i++) folder.add(s3Object(`rec${i}.ts`, { size: RECORDING }));
    assert.equal(folder.reason(s3Object('rec7.ts', { size: 9 })), undefined, 'large ones make no series');
  });

  it('are found in any order of the files, and never from a file that is not asked about', () => {
    const name = fc.constantFrom(
      ...['a.ts', '0.ts', '1.ts', '2.ts', 'x0.mp4', 'x1.mp4', 'x2.mp4', 'init.mp4', 'p.m3u8', 'package.json'],
      ...['seg-001.mp4', 'a.mts', 'a.d.ts', 'b.tsx', '3.m4s', 'clip.mov', '._a.ts', '.ts', '1', ''],
    );
    fc.assert(
      fc.property(fc.uniqueArray(name), fc.boolean(), (names, isLarge) => {
        const size = isLarge ? RECORDING : PIECE;
        const there = reasonsIn(names, size);
        assert.deepEqual(reasonsIn(names.toReversed(), size), there);
        for (const [key, reason] of Object.entries(there)) {
          if (reason !== 'master') assert.ok(mayBeNoMaster(s3Object(key, { size })), key);
        }
      }),
    );
  });

  it('need no more memory in a folder of hostile names', () => {
    const folder = new StreamFolder();
    for (let i = 0; i < 3000; i++) folder.add(s3Object(`name-${i}-x${i}.ts`, { size: PIECE }));
    for (let i = 0; i < 5; i++) folder.add(s3Object(`late${i}.ts`, { size: PIECE }));
    // Beyond its limit of series a folder knows less, and takes files for masters.
    assert.equal(folder.reason(s3Object('late3.ts', { size: PIECE })), undefined);
    assert.equal(folder.reason(s3Object(`${'9'.repeat(900)}.ts`, { size: PIECE })), undefined);
  });
});

describe('source texts in TypeScript', () => {
  it('are known by their names', () => {
    for (const key of [
      ...['types.d.ts', 'a/lib.dom.d.ts', 'x.d.mts', 'X.D.TS', 'app.test.ts', 'a.spec.ts', 'vite.config.mts'],
      ...[
        'web/app.component.ts',
        'index.ts',
        'a/main.ts',
        'node_modules/x/a.ts',
        'web/src/a/b.ts',
        'src/a.mts',
      ],
    ])
      assert.equal(reasonByName(s3Object(key, { size: 5_000 })), 'not-media', key);
    assert.equal(reasonByName(s3Object('lib.d.ts', { size: 2_500_000 })), 'not-media');
  });

  it('are known by what lies beside or above them', () => {
    for (const mark of [
      'tsconfig.json',
      'tsconfig.base.json',
      'package.json',
      'App.tsx',
      'deno.jsonc',
      'x.d.ts',
      'A.vue',
    ]) {
      const reasons = reasonsIn([mark, 'deploy.ts', 'tool.mts', 'film.mp4'], 900);
      assert.deepEqual(
        [reasons['deploy.ts'], reasons['tool.mts'], reasons['film.mp4']],
        ['not-media', 'not-media', 'master'],
        mark,
      );
    }
    const migrations = numbered(1, 5, (n) => `migration${n}.ts`);
    assert.deepEqual(reasonsIn(migrations, 900, { inProject: true }), all(migrations, 'not-media'));
  });

  it('are no recordings', () => {
    const masters = ['film.ts', '00001.MTS'];
    assert.deepEqual(reasonsIn(masters, 900), all(masters, 'master'), 'nothing says that they are texts');
    assert.deepEqual(
      reasonsIn(['package.json', ...masters], RECORDING),
      all(['package.json', ...masters], 'master'),
    );
    for (const key of ['src/film.ts', 'index.ts', 'node_modules/film.ts', 'film.test.ts'])
      assert.equal(reasonByName(s3Object(key, { size: RECORDING })), undefined, key);
    for (const key of ['resrc/film.ts', 'my-index.ts', 'film.ts', 'a.mp4', 'd.ts'])
      assert.equal(reasonByName(s3Object(key, { size: 900 })), undefined, key);
  });
});

import assert from 'node:assert/strict';
import { addSkipped } from '../../../../src/app/batch/batch-progress.ts';
import { FolderReader } from '../../../../src/app/batch/folder-reader.ts';
import { sortPages } from '../../../../src/app/batch/page-sorter.ts';
import { sortListed } from '../../../../src/app/batch/sort-listed.ts';
import type { SkipCounts } from '../../../../src/core/batch/batch.ts';
import type { RunOrder } from '../../../../src/core/batch/cloud-run.ts';
import { readRunOrder } from '../../../../src/core/batch/cloud-run.ts';
import { encodeQueueMessage } from '../../../../src/core/batch/queue-message.ts';
import type { S3Object } from '../../../../src/core/files/bucket-store.ts';
import { readListedItem } from '../../../../src/core/files/listed-item.ts';
import { DEFAULT_JOB_OPTIONS } from '../../../../src/core/ittybit/job-options.ts';
import { DEFAULT_EXTENSIONS } from '../../../../src/core/ittybit/kind-extensions.ts';
import { FakeBuckets, s3Object } from '../../../helpers/fakes.ts';

const BUCKET = 'film-archive';
const PREFIX = 'in/';
/** The same numbers in every run. */
function draws(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const FOLDERS = [
  '',
  'a/',
  'a/clip.b/',
  'hls/',
  'src/',
  '@eaDir/',
  'é/',
  'e\u0301/',
  'M4ROOT/SUB/',
  '日本/',
  'a.b/',
];
const STEMS = [
  ...['clip', 'clip.b', 'seg_0001', 'seg_0002', 'seg_0003', 'init', 'index', 'reel 1', 'reel 2', 'reel-7'],
  ...[
    'tab\there',
    '"quoted"',
    'back\\slash',
    '{name}',
    '..',
    '\uFFFE',
    'party 🎉',
    'cafe\u0301',
    '._clip',
    '00001',
    '00002',
  ],
];
const ENDINGS = ['.mp4', '.MOV', '.ts', '.m4s', '.m3u8', '.mpd', '.txt', '', '.mkv', '/', '.mts', '.json'];

/** Objects whose keys meet every rule, in the order of a listing. */
function objects(count: number): S3Object[] {
  const draw = draws(7);
  const pick = (list: readonly string[]): string => list[draw(list.length)] ?? '';
  const keys = new Set<string>();
  while (keys.size < count) {
    const depth = draw(4) === 0 ? `${draw(40)}/` : '';
    keys.add(
      `${PREFIX}${depth}${pick(FOLDERS)}${pick(STEMS)}${draw(3) === 0 ? '' : draw(50)}${pick(ENDINGS)}`,
    );
  }
  const classes = [undefined, 'STANDARD', 'GLACIER', 'DEEP_ARCHIVE', 'GLACIER_IR', 'INTELLIGENT_TIERING'];
  return [...keys]
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .map((key) => ({
      ...s3Object(key),
      size: draw(9) === 0 ? 0 : 1 + draw(draw(2) === 0 ? 5_000_000 : 200_000_000),
      etag: draw(2 ** 30)
        .toString(16)
        .padStart(32, '0'),
      lastModified: new Date((1_700_000_000 + draw(1000)) * 1000),
      storageClass: classes[draw(classes.length)],
    }));
}

/** An object as the reader of the Distributed Map gives it. */
const itemOf = ({ key, size, etag, lastModified, storageClass }: S3Object): unknown =>
  JSON.parse(
    JSON.stringify({
      Etag: `"${etag}"`,
      Key: key,
      LastModified: (lastModified?.getTime() ?? 0) / 1000,
      Size: size,
      ...(storageClass && { StorageClass: storageClass }),
    }),
  );

const ORDER: RunOrder = {
  batch: '20261127-000000-abcdef',
  bucket: BUCKET,
  prefix: PREFIX,
  job: DEFAULT_JOB_OPTIONS,
  extensions: DEFAULT_EXTENSIONS.video,
  filter: {},
  ordinal: 0,
};
const ORDERS: readonly Partial<RunOrder>[] = [
  {},
  { filter: { glob: '**/reel-*.{mov,MOV}', min_size: 12, max_size: 150_000_000 } },
  { filter: { glob: '!é/**', changed_since: '2023-11-14T22:20:00.000Z' } },
  { filter: { segments: true } },
  { job: { ...DEFAULT_JOB_OPTIONS, output: 's3://results/{stem}.mp4' } },
];

describe('the decisions of the cloud enqueue', function () {
  this.timeout(120_000);

  it('are those of the editor, 50,000 times, wherever its parts begin, with the same messages', async () => {
    const listed = objects(10_000);
    let decisions = 0;
    for (const change of ORDERS) {
      const order = { ...ORDER, ...change };
      const { batch, bucket } = order;
      const buckets = new FakeBuckets(listed);
      const sort = sortPages(order, { folders: new FolderReader(order, buckets) });
      const editor: { skipped: SkipCounts; bodies: string[] } = { skipped: {}, bodies: [] };
      let stems: readonly string[] = [];
      for (let i = 0; i < listed.length; i += 1000) {
        const page = await sort(listed.slice(i, i + 1000), stems);
        stems = page.stems;
        addSkipped(editor.skipped, page.skipped);
        editor.bodies.push(
          ...page.files.map(({ key, etag, size }) => encodeQueueMessage({ batch, bucket, key, etag, size })),
        );
      }
      const cloud: { skipped: SkipCounts; bodies: string[] } = { skipped: {}, bodies: [] };
      const draw = draws(11);
      const asked = readRunOrder(JSON.parse(JSON.stringify(order)));
      for (let i = 0, part; i < listed.length; i += part) {
        part = 1 + draw(1000);
        const items = listed.slice(i, i + part).map((each) => readListedItem(itemOf(each)));
        const { head, tens, count } = await sortListed(
          asked,
          items,
          new FolderReader(asked, buckets),
          buckets,
        );
        assert.ok(tens.every((ten) => ten.length > 0 && ten.length <= 10));
        cloud.bodies.push(...tens.flat().map((tail) => head + tail));
        for (const [id, name] of Object.entries(count.names)) {
          if (!name.startsWith('skipped:')) continue;
          const amount = Number((count.values[id.replace('#', ':')] as { N: string }).N);
          addSkipped(cloud.skipped, { [name.slice('skipped:'.length)]: amount });
        }
        decisions += items.length;
      }
      assert.deepEqual(cloud, editor);
    }
    assert.equal(decisions, 50_000);
  });

  it('are counted for each part, also where two begin with keys that cannot be read', async () => {
    const parts = ['a', 'b'].map((name) => [s3Object(''), s3Object(`${PREFIX}${name}.mp4`)]);
    const buckets = new FakeBuckets(parts.flat());
    const named = await Promise.all(
      parts.map(async (items) => {
        const { count } = await sortListed(ORDER, items, new FolderReader(ORDER, buckets), buckets);
        return count.values[':part'];
      }),
    );
    assert.ok(named[0] !== undefined);
    assert.notDeepEqual(named[0], named[1]);
  });

  it('stay small enough for AWS: an answer is at most twice what its part has', async () => {
    const hostile = Array.from({ length: 70 }, (_, i) => s3Object(`${PREFIX}${'"\\'.repeat(480)}${i}.mp4`));
    const buckets = new FakeBuckets(hostile);
    const given = JSON.stringify(hostile.map(itemOf)).length;
    const answer = await sortListed(ORDER, hostile, new FolderReader(ORDER, buckets), buckets);
    assert.ok(JSON.stringify(answer).length < 2.1 * given);
  });
});

import assert from 'node:assert/strict';
import {
  zeroCounts,
  type BatchMeta,
  type CloudRun,
  type StatusCounts,
} from '../../../../src/core/batch/batch.ts';
import { batchLabel, batchRow } from '../../../../src/ui/batches/batch-rows.ts';
import type { KnownBatch } from '../../../../src/ui/batches/batch-state.ts';
import { HOLD } from '../../../helpers/ui/batch-marks.ts';
import { metaOf } from '../../../helpers/ui/enqueue-fixture.ts';
import { stubVscode } from '../../../helpers/ui/vscode-stub.ts';

const { vs } = stubVscode();
/** The default side bar, at a row's first level: about so many characters of label and description. */
const FITS = 38;

function row(
  counts: Partial<StatusCounts>,
  change: Partial<KnownBatch> = {},
  {
    meta = {},
    sent = 15_000,
    done = true,
    run,
  }: { meta?: Partial<BatchMeta>; sent?: number; done?: boolean; run?: CloudRun } = {},
) {
  const whole = metaOf('b1', { prefix: '1999/', ...meta });
  const checkpoints = [{ shard: 0, lastKey: 'z', listed: sent, sent, skipped: {}, done, run }];
  const node = batchRow(
    vs,
    {
      id: 'b1',
      meta: whole,
      record: { meta: whole, checkpoints, counts: { ...zeroCounts(), ...counts } },
      run: undefined,
      brake: whole.brake,
      neverClaimed: false,
      noLetters: false,
      still: undefined,
      filesPerSecond: undefined,
      endedAt: undefined,
      ...change,
    },
    async () => Promise.resolve([]),
  );
  const [state = ''] = node.description?.split(' · ') ?? [];
  return { node, state, tooltip: node.tooltip?.split('\n') ?? [] };
}

describe('the row of a batch', () => {
  const busy = { succeeded: 9_257, failed: 50, dead: 5, submitted: 40 };

  it('has the facts first, and whole in a side bar of the default width', () => {
    const moving = row(busy, { filesPerSecond: 8 });
    assert.equal(moving.state, '62 %  12 min  55 failed');
    assert.equal(row(busy).state, '62 %  55 failed', 'no number before there is one');
    assert.equal(row(busy, { still: 'paused', filesPerSecond: 8 }).state, '62 %  paused  55 failed');
    assert.equal(row(busy, { still: 'waiting' }).state, '62 %  waits  55 failed');
    const name = 'archive/2024/weddings/winter/';
    for (const { node, state } of [moving, row(busy, { filesPerSecond: 8 }, { meta: { prefix: name } })]) {
      assert.ok(`${node.label} ${state}`.length <= FITS + 2, `${node.label} ${state}`);
    }
  });

  it('says that the cloud enqueues it, and is not resumed by the editor', () => {
    const run = { execution: 'arn:execution', ordinal: 0 };
    const cloud = row({}, {}, { sent: 9_000, done: false, run });
    assert.equal(cloud.state, '0 %  in the cloud, 9,000 sent');
    assert.equal(cloud.node.tokens.includes('resumable'), false);
    assert.ok(cloud.node.tokens.includes('cancellable'));
    assert.equal(cloud.node.icon?.id, 'cloud-upload');
    const editor = row({}, {}, { sent: 9_000, done: false });
    assert.equal(editor.state, '0 %  enqueue not finished, 9,000 sent');
    assert.ok(editor.node.tokens.includes('resumable'));
  });

  it('says how long a batch took that is done, and how many of its files failed', () => {
    const ends = { succeeded: 14_945, failed: 50, dead: 5 };
    const endedAt = Date.parse('2026-11-23T12:02:05.000Z');
    const ended = row(ends, { endedAt });
    assert.equal(ended.state, 'done in 2 min 5 s, 55 failed');
    assert.match(ended.tooltip.at(-1) ?? '', /^Ended .*2026.*, after 2 min 5 s$/);
    assert.equal(row({ succeeded: 15_000 }).state, 'done, 0 failed');
    assert.equal(row({ succeeded: 15_000 }, { endedAt: 0 }).state, 'done, 0 failed', 'a clock that is wrong');
  });

  it('never says 100 % while a file has no end', () => {
    assert.equal(row({ succeeded: 14_999, waiting: 1 }).state, '99 %');
  });

  it('takes the planned total where the enqueue was interrupted', () => {
    const { state, tooltip } = row(
      { succeeded: 1_000 },
      { filesPerSecond: 8 },
      { meta: { planned: 15_000 }, sent: 1_000, done: false },
    );
    assert.equal(state, '6 %  enqueue not finished, 1,000 of about 15,000 sent');
    assert.ok(tooltip.includes('1,000 of 15,000 files finished'));
  });

  it('says in few words why it is held, and what failed', () => {
    const brake = { disarmed: [], hold: { ...HOLD, reason: 'Ittybit refuses the API key (HTTP 401)' } };
    assert.equal(
      row(busy, { filesPerSecond: 8 }, { meta: { brake } }).state,
      'held: key refused  62 %  55 failed',
    );
  });

  it('says in its tooltip what it was asked for', () => {
    const job = { kind: 'video', options: { width: 1920 }, output: 's3://out/{stem}\u202e.mp4' } as const;
    const filter = {
      glob: 'reel-*.mov',
      min_size: 1024,
      max_size: 1_048_576,
      changed_since: '2026-01-01T00:00:00.000Z',
      not_yet_done: true,
      segments: true,
    };
    const meta = {
      job: { ...job, connection_id: 'conn_1' },
      filter,
      extensions: ['mov', 'mp4'],
      planned: 15_000,
    };
    const { tooltip } = row(busy, {}, { meta });
    const asked = tooltip.slice(tooltip.indexOf('Job: video: width 1920'));
    assert.deepEqual(asked.slice(0, -1), [
      'Job: video: width 1920',
      'Output: s3://out/{stem}\\u{202e}.mp4',
      'Connection: conn_1',
      'Files: mov, mp4',
      'Names: reel-*.mov',
      'At least 1.02 kB',
      'At most 1.05 MB',
      asked[7],
      'Only files that are not yet done',
      'With pieces of streams',
      'Planned: 15,000 files',
    ]);
    assert.match(asked[7] ?? '', /^Changed since .*2026|2025/);
    assert.match(asked.at(-1) ?? '', /^Started .*2026/);
    const plain = row(busy, {}, { meta: { again: true } }).tooltip;
    assert.ok(plain.includes('Output: Ittybit’s storage'));
    assert.ok(plain.includes('pays again for files that are done'));
    const strange = row(busy, {}, { meta: { created_at: 'x', filter: { changed_since: 'x' } } });
    assert.doesNotMatch(strange.node.tooltip ?? '', /Invalid|Started|Changed/);
  });
});

describe('the label of a batch', () => {
  it('is its prefix, of a long one the end, and the bucket where it has none', () => {
    assert.equal(batchLabel({ bucket: 'film', prefix: '1999/' }), '1999/');
    assert.equal(batchLabel({ bucket: 'film', prefix: '' }), 'film/');
    assert.equal(batchLabel({ bucket: 'film', prefix: 'archive/2024/weddings/' }), '…/2024/weddings/');
    assert.equal(batchLabel({ bucket: 'film', prefix: 'a\u202eb/' }), 'a\\u{202e}b/');
  });
});

import assert from 'node:assert/strict';
import { enumeratorName } from '../../../../src/core/stack/enumerator-contract.ts';
import type { ViewNode } from '../../../../src/ui/base/node.ts';
import { withCloudRow } from '../../../../src/ui/pipeline/cloud-rows.ts';
import { stackOf } from '../../../helpers/fake-stacks.ts';
import { RUNNING } from '../../../helpers/fake-cloud-runs.ts';
import { cloudFixture, type CloudFixture } from '../../../helpers/ui/cloud-fixture.ts';

const STACK: ViewNode = { id: 'stack', label: 'media-batch', tokens: ['stack'], emptyHint: 'No events.' };
const SIGNAL = new AbortController().signal;

const below = async (node: ViewNode | undefined): Promise<readonly ViewNode[]> =>
  (await node?.children?.(SIGNAL)) ?? [];

/** The row of the cloud enqueues under the stack's row. */
async function cloudRow({ ui }: CloudFixture, stack: ViewNode = STACK): Promise<ViewNode | undefined> {
  return (await below(withCloudRow(ui.vs, ui.scopes.present, stack, 'media-batch'))).at(-1);
}

/** The rows of the runs of the bucket `film`. */
async function runRows(made: CloudFixture): Promise<readonly ViewNode[]> {
  const [bucket] = await below(await cloudRow(made));
  return below(bucket);
}

const items = (total: number) => RUNNING.map && { ...RUNNING.map, items: { ...RUNNING.map.items, total } };

describe('the row of the enqueues in the cloud', () => {
  it('is the last one under the stack, below its events or its hint, and under no other row', async () => {
    const made = cloudFixture();
    const { ui } = made;
    const other = { ...STACK, tokens: ['queue'] };
    assert.equal(withCloudRow(ui.vs, ui.scopes.present, other, 'media-batch'), other);
    const labels = async (stack: ViewNode) =>
      (await below(withCloudRow(ui.vs, ui.scopes.present, stack, 'media-batch'))).map(({ label }) => label);
    assert.deepEqual(await labels(STACK), ['No events.', 'Cloud enqueues']);
    const event: ViewNode = { id: 'e', label: 'WorkQueue', tokens: [] };
    assert.deepEqual(await labels({ ...STACK, children: async () => [event] }), [
      'WorkQueue',
      'Cloud enqueues',
    ]);
  });

  it('asks AWS only when it is expanded', async () => {
    const made = cloudFixture();
    let asked = 0;
    made.fake.stacks.list = async () => {
      asked += 1;
      return [];
    };
    const row = await cloudRow(made);
    assert.equal(asked, 0);
    assert.deepEqual(await below(row), []);
    assert.equal(asked, 1);
    assert.match(row?.emptyHint ?? '', /^None: "Enqueue in the Cloud…" makes one/);
  });

  it('has a row for each bucket, with what a name or a status brought made visible', async () => {
    const made = cloudFixture();
    const name = enumeratorName('media-batch', 'a\u202Eb');
    const outputs = { SourceBucket: 'a\u202Eb' };
    const half = stackOf('CREATE_IN_PROGRESS', { id: 'arn:stack/half', outputs });
    made.fake.stacks.others.set(name, half);
    const rows = await below(await cloudRow(made));
    assert.deepEqual(
      rows.map(({ label, description, tokens }) => [label, description, tokens]),
      [
        ['film', '', ['cloudStack']],
        ['a\\u{202e}b', 'CREATE_IN_PROGRESS', ['cloudStack']],
      ],
    );
    // It has no state machine yet.
    assert.deepEqual(await below(rows[1]), []);
  });
});

describe('the row of a run in the cloud', () => {
  it('says how far it is, most important first, and what it can be told', async () => {
    const made = cloudFixture();
    const batch = await made.start('in/');
    const [start] = made.batches.saved;
    assert.ok(start);
    const count = (listed: number, sent: number, done = false) =>
      made.batches.saveCheckpoint('t', batch, { ...start, listed, sent, done }, start);
    const row = async () => {
      const [run] = await runRows(made);
      assert.ok(run);
      const { label, description, tokens, icon } = run;
      return [label, description, tokens, icon?.id];
    };
    await count(1_200, 900);
    made.stand(batch, { map: items(5_000) });
    const far = '1,200 of 5,000 listed so far, 900 sent';
    assert.deepEqual(await row(), ['in/', far, ['cloudRun', 'running'], 'sync~spin']);
    made.stand(batch, { status: 'ABORTED', map: items(5_000) });
    assert.deepEqual(await row(), ['in/', `paused: ${far}`, ['cloudRun', 'stopped'], 'debug-pause']);
    made.stand(batch, { status: 'FAILED', error: 'X', map: items(5_000) });
    assert.deepEqual(await row(), ['in/', `failed: ${far}`, ['cloudRun', 'stopped'], 'error']);
    await count(5_000, 4_000, true);
    made.stand(batch, { status: 'SUCCEEDED', map: items(5_000) });
    assert.deepEqual(await row(), ['in/', 'all 5,000 listed, 4,000 sent', ['cloudRun', 'ended'], 'pass']);
    await made.batches.cancel('t', batch, { at: '2026-11-23T15:00:00.000Z', by: 'operator' });
    assert.deepEqual(await row(), ['in/', 'cancelled, 4,000 sent', ['cloudRun', 'ended'], 'pass']);
  });

  it('has the whole place, the batch and the failure in its tooltip', async () => {
    const made = cloudFixture();
    const batch = await made.start('a\u202Eb/');
    made.stand(batch, { status: 'FAILED', error: 'E', cause: 'Something else\u202E' });
    const [row] = await runRows(made);
    assert.ok(row);
    assert.equal(row.label, 'a\\u{202e}b/');
    assert.match(row.tooltip ?? '', new RegExp(`^s3://film/a\\\\u\\{202e\\}b/\\nBatch ${batch}\\nfailed: `));
    assert.match(row.tooltip ?? '', /has stopped \(E Something else\\u\{202e\}\): resume it/);
  });

  it('warns of more than one run takes while it goes on, and is never done at that limit', async () => {
    const made = cloudFixture();
    const batch = await made.start('');
    made.stand(batch, { map: items(50_000_001) });
    const warned = async () => /^More than 50 million objects/m.test((await runRows(made))[0]?.tooltip ?? '');
    assert.equal(await warned(), true);
    made.stand(batch, { map: items(50_000_000) });
    assert.equal(await warned(), false);
    const [start] = made.batches.saved;
    assert.ok(start);
    await made.batches.saveCheckpoint('t', batch, { ...start, listed: 1e8, sent: 1e8, done: true }, start);
    made.stand(batch, { status: 'SUCCEEDED', map: items(1e8) });
    const [row] = await runRows(made);
    assert.equal(row?.description, 'failed: 100,000,000 of 100,000,000 listed so far, 100,000,000 sent');
    assert.equal(row.icon?.id, 'error');
    assert.match(row.tooltip ?? '', /some may be missing: cancel the batch/);
  });
});

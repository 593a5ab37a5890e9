import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import type { PipelineSnapshot } from '../../../../src/app/stack/pipeline-snapshot.ts';
import type { Throughput } from '../../../../src/app/watch/reading.ts';
import { AwsError } from '../../../../src/core/errors.ts';
import { PipelineView } from '../../../../src/ui/pipeline/pipeline-view.ts';
import { followWatch } from '../../../../src/ui/watch/watch-context.ts';
import { PIPELINE } from '../../../helpers/fakes.ts';
import type { ViewNode } from '../../../../src/ui/base/node.ts';
import { eventOf, stackOf } from '../../../helpers/fake-stacks.ts';
import { fixture } from '../../../helpers/ui/ui-fixture.ts';

function snapshot(change: Partial<PipelineSnapshot> = {}): PipelineSnapshot {
  return {
    at: Date.now(),
    stackName: 'media-batch',
    stack: { ...stackOf('UPDATE_COMPLETE'), changedAt: new Date(Date.now() - 2 * 86_400_000) },
    outputs: PIPELINE,
    queue: { waiting: 48_912, inFlight: 10, delayed: 0 },
    deadLetters: 12,
    mapping: {
      state: 'Enabled',
      batchSize: 5,
      maximumConcurrency: 2,
      maximumBatchingWindow: 10,
      lastResult: undefined,
    },
    dispatch: { state: 'running', reason: undefined, at: undefined, epoch: 0 },
    pace: undefined,
    reconciler: {
      run: {
        startedAt: undefined,
        endedAt: new Date(Date.now() + 60_000).toISOString(),
        did: { settled: 12 },
        error: undefined,
      },
      isScheduled: true,
      at: Date.now(),
    },
    alarms: [],
    apiKey: 'set',
    problem: undefined,
    ...change,
  };
}

function reading(pipeline: PipelineSnapshot | undefined, throughput?: Throughput) {
  return {
    reading: { pipeline, throughput, deadLetters: pipeline?.deadLetters, problems: {}, busy: false },
    error: undefined,
  };
}

function view() {
  const made = fixture();
  const pipeline = new PipelineView(made.ui);
  followWatch(made.ui);
  const tree = made.stub.treeViews.get('mediaBatch.pipeline');
  assert.ok(tree);
  const texts = async (): Promise<string[]> =>
    (await tree.rows()).map(({ label, description }) => `${label}: ${description}`);
  return { ...made, pipeline, tree, texts };
}

const denied = new AwsError('missing-permission', 'AWS denies sqs:GetQueueAttributes.', {
  operation: 'sqs:GetQueueAttributes',
  awsCode: 'AccessDenied',
});
const unreachable = new AwsError('unreachable', 'AWS does not answer.', {
  operation: 'cloudformation:DescribeStacks',
  awsCode: 'ECONNREFUSED',
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await setImmediate();
}

describe('the Pipeline view', () => {
  it('watches only while it is visible', () => {
    const { tree, watch } = view();
    assert.equal(watch.demanded.size, 0);
    tree.setVisible(true);
    assert.deepEqual([...watch.demanded], ['pipeline']);
    tree.setVisible(false);
    assert.equal(watch.demanded.size, 0);
  });

  it('says how the pipeline stands, each number with its unit', async () => {
    const { watch, texts } = view();
    watch.tell(reading(snapshot(), { filesPerSecond: 4.1, secondsLeft: 11_700 }));
    assert.deepEqual(await texts(), [
      'Dispatch: running, 10 at once',
      'Queue: 48,912 waiting, 10 in flight',
      'Dead letters: about 12',
      'Reconciler: ran 0 s ago, 12 settled',
      'Stack: UPDATE_COMPLETE, 2 d ago',
      'Outputs: 13 values to copy',
    ]);
  });

  it('waits for the first reading, and shows nothing where there is no stack', async () => {
    const { watch, texts, stub } = view();
    const rows = texts();
    watch.tell(reading(snapshot({ stack: undefined, outputs: undefined })));
    assert.deepEqual(await rows, []);
    assert.equal(stub.context.get('mediaBatch.stack'), 'none');
  });

  it('says why dispatch is paused; the mapping decides whether it is', async () => {
    const { watch, texts, tree, stub } = view();
    const mapping = { ...snapshot().mapping!, state: 'Disabled' };
    const dispatch = {
      state: 'paused' as const,
      reason: 'HTTP 402: no credit\u202E',
      at: undefined,
      epoch: 0,
    };
    watch.tell(reading(snapshot({ mapping, dispatch })));
    assert.equal((await texts())[0], 'Dispatch: paused: HTTP 402: no credit\\u{202e}');
    assert.match((await tree.rows())[0]?.contextValue ?? '', /\bpaused\b/);
    assert.equal(stub.context.get('mediaBatch.dispatch'), 'paused');
    // It was switched on again outside Media Batch.
    watch.tell(reading(snapshot({ dispatch })));
    assert.match((await texts())[0] ?? '', /^Dispatch: running/);
  });

  it('offers what the state of the stack allows', async () => {
    const { watch, tree, stub } = view();
    for (const [status, token, key] of [
      ['CREATE_COMPLETE', 'settled', 'present'],
      ['UPDATE_IN_PROGRESS', 'updating', 'busy'],
      ['UPDATE_ROLLBACK_FAILED', 'rollback-failed', 'rollback-failed'],
      ['UPDATE_ROLLBACK_COMPLETE', 'settled', 'present'],
    ] as const) {
      watch.tell(reading(snapshot({ stack: stackOf(status) })));
      const row = (await tree.rows()).find(({ label }) => label === 'Stack');
      assert.match(row?.contextValue ?? '', new RegExp(`\\b${token}\\b`), status);
      assert.equal(stub.context.get('mediaBatch.stack'), key, status);
    }
  });

  it('gives the outputs to copy', async () => {
    const { watch, tree } = view();
    watch.tell(reading(snapshot()));
    const outputs = (await tree.rows()).find(({ label }) => label === 'Outputs');
    const rows = await tree.rows(outputs?.node);
    const queue = rows.find(({ label }) => label === 'WorkQueueUrl');
    assert.deepEqual((queue?.node as { data: unknown }).data, { value: 'value-of-WorkQueueUrl' });
  });

  it('keeps the last reading when a poll fails, and says so', async () => {
    const { watch, texts, tree } = view();
    watch.tell(reading(snapshot()));
    watch.tell({ reading: watch.last, error: unreachable });
    assert.equal((await texts()).length, 6);
    assert.match(tree.message ?? '', /^Read \d.*; it could not be read again: AWS does not answer\.$/);
    watch.tell(reading(snapshot()));
    assert.equal(tree.message, '');
  });

  it('says since when AWS is silent, and takes back that dispatch runs', async () => {
    const { watch, texts, tree } = view();
    watch.tell(reading(snapshot()));
    const silentSince = Date.parse('2026-11-23T08:31:00.000Z');
    watch.tell({ reading: watch.last, error: undefined, silentSince });
    assert.match(tree.message ?? '', /^AWS silent since \d.*31\D*\.$/);
    assert.match((await texts())[0] ?? '', /^Dispatch: AWS silent since/);
    watch.tell({ reading: watch.last, error: unreachable, silentSince });
    assert.match(tree.message ?? '', /^AWS silent since .*: AWS does not answer\.$/);
    watch.tell(reading(snapshot()));
    assert.deepEqual([tree.message, (await texts())[0]], ['', 'Dispatch: running, 10 at once']);
  });

  it('shows what could be read beside what is denied', async () => {
    const { watch, texts, tree } = view();
    watch.tell(reading(snapshot({ queue: undefined, deadLetters: undefined, problem: denied })));
    assert.equal((await texts())[1], 'Queue: could not be read');
    assert.match(tree.message ?? '', /AWS denies sqs:GetQueueAttributes/);
  });

  it('shows the error where nothing could be read, and leaves a login to the welcome content', async () => {
    const { watch, tree, texts, connection } = view();
    watch.tell({ reading: undefined, error: denied });
    assert.equal((await tree.rows())[0]?.contextValue, 'error');
    connection.become({ kind: 'signed-out', error: denied, profile: undefined });
    assert.deepEqual(await texts(), []);
  });

  it('shows its first level after one request, and the rest as it comes', async () => {
    const { watch, texts, tree } = view();
    const unread = { queue: undefined, deadLetters: undefined, mapping: undefined, dispatch: undefined };
    watch.tell(reading(snapshot(unread)));
    const rows = await texts();
    assert.deepEqual(rows.slice(0, 3), ['Dispatch: reading…', 'Queue: reading…', 'Dead letters: reading…']);
    watch.tell({ reading: watch.last, error: unreachable });
    assert.equal((await texts())[1], 'Queue: could not be read');
    assert.match(tree.message ?? '', /AWS does not answer/);
  });

  it('asks again when Read Again is pressed, and not because of a redraw', async () => {
    const { watch, tree, pipeline } = view();
    watch.tell({ reading: undefined, error: denied });
    const [error] = await tree.rows();
    assert.equal(watch.refreshes, 0);
    const rows = tree.rows();
    pipeline.tree.readLevelAgain(error?.node as ViewNode);
    await until(() => watch.refreshes > 0);
    watch.tell(reading(snapshot()));
    assert.equal((await rows).length, 6);
  });

  it('shows a failure that is the same object each time, and asks no more often for it', async () => {
    const { watch, tree, pipeline } = view();
    const failure = { reading: undefined, error: denied };
    watch.tell(failure);
    await tree.rows();
    watch.tell(failure);
    const [error] = await tree.rows();
    assert.equal(error?.label, denied.message);
    assert.equal(watch.refreshes, 0);
    const rows = tree.rows();
    pipeline.tree.readLevelAgain(error.node as ViewNode);
    await until(() => watch.refreshes > 0);
    watch.tell(failure);
    assert.equal((await rows)[0]?.label, denied.message);
    assert.equal(watch.refreshes, 1);
  });

  it('says since when it is paused, and knows a pause that it has not made', async () => {
    const { watch, tree } = view();
    const mapping = { ...snapshot().mapping!, state: 'Disabled' };
    const at = new Date(Date.now() - 7_200_000).toISOString();
    watch.tell(
      reading(snapshot({ mapping, dispatch: { state: 'paused', reason: 'by hand', at, epoch: 0 } })),
    );
    assert.equal((await tree.rows())[0]?.description, 'paused: by hand, 2 h ago');
    watch.tell(reading(snapshot({ mapping })));
    const [row] = await tree.rows();
    assert.equal(row?.description, 'paused: switched off outside Media Batch');
    assert.equal(row.contextValue, 'dispatch paused');
    assert.equal(row.spoken, 'Dispatch: paused: switched off outside Media Batch');
    watch.tell(reading(snapshot({ mapping: { ...mapping, state: 'Disabling' } })));
    assert.equal((await tree.rows())[0]?.description, 'pausing…');
  });

  it('lets no reason or output break its row', async () => {
    const { watch, tree } = view();
    const hostile = 'a\nb\u202Ec](command:x)\u0000';
    const mapping = { ...snapshot().mapping!, state: 'Disabled' };
    const stack = { ...stackOf('UPDATE_COMPLETE'), reason: hostile, outputs: { [hostile]: hostile } };
    const dispatch = { state: 'paused' as const, reason: hostile, at: hostile, epoch: 0 };
    watch.tell(reading(snapshot({ stack, mapping, dispatch })));
    const rows = await tree.rows();
    const outputs = await tree.rows(rows.at(-1)?.node);
    for (const { label, description, spoken } of [...rows, ...outputs]) {
      assert.doesNotMatch(`${label}${description}${spoken}`, /[\p{Cc}\p{Cf}]/u);
    }
    assert.match(rows[0]?.description ?? '', /at an unknown time$/);
    assert.deepEqual((outputs[0]?.node as ViewNode).data, { value: hostile });
  });

  it('shows what CloudFormation does, also before there is a stack', async () => {
    const { watch, tree, ui, stub, connection } = view();
    connection.become({ kind: 'ready', session: connection.session });
    const operation = { stackName: 'media-batch', kind: 'deploy', failure: undefined } as const;
    ui.operations.set({
      ...operation,
      running: true,
      events: [eventOf(1, 'WorkQueue', 'CREATE_IN_PROGRESS')],
    });
    const [row, ...others] = await tree.rows();
    assert.equal(others.length, 0);
    assert.equal(row?.description, 'starting…');
    assert.equal(stub.context.get('mediaBatch.stack'), 'busy');
    assert.deepEqual(
      (await tree.rows(row.node)).map(({ label }) => label),
      ['WorkQueue'],
    );
    ui.operations.set({ ...operation, running: false, events: [] });
    assert.equal(watch.refreshes, 2, 'the beginning and the end are news');
    watch.tell(reading(snapshot()));
    const stack = (await tree.rows()).find(({ label }) => label === 'Stack');
    assert.match((await tree.rows(stack?.node))[0]?.label ?? '', /^The events of the next deploy/);
  });

  it('opens the events of a stack that was shown without any, by a row of its own', async () => {
    const { watch, tree, ui, connection } = view();
    connection.become({ kind: 'ready', session: connection.session });
    watch.tell(reading(snapshot()));
    const stackRow = async () => (await tree.rows()).find(({ label }) => label === 'Stack')?.node as ViewNode;
    const before = await stackRow();
    assert.equal(before.expanded, false);
    const operation = { stackName: 'media-batch', kind: 'deploy', failure: undefined, events: [] } as const;
    ui.operations.set({ ...operation, running: true });
    assert.equal((await tree.rows())[0]?.label, 'Stack', 'its events are in sight in a low view');
    const during = await stackRow();
    assert.equal(during.expanded, true);
    assert.notEqual(during.id, before.id);
    ui.operations.set({ ...operation, running: false });
    assert.equal((await stackRow()).id, during.id, 'what failed stays in sight');
  });

  it('names stack, region, account, profile and endpoint in its description', () => {
    const { connection, tree } = view();
    const endpoint = 'http://localhost:4566';
    const session = { ...connection.session, profile: 'media', profileKind: 'sso' as const, endpoint };
    connection.become({ kind: 'ready', session });
    assert.equal(tree.description, 'media-batch · eu-west-1 · 1111-2222-3333 (sso: media) · localhost:4566');
  });
});

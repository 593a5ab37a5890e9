import assert from 'node:assert/strict';
import type { PipelineSnapshot } from '../../../../src/app/stack/pipeline-snapshot.ts';
import { zeroCounts } from '../../../../src/core/batch/batch.ts';
import { AwsError } from '../../../../src/core/errors.ts';
import { NodeTree } from '../../../../src/ui/base/node-tree.ts';
import type { ViewNode } from '../../../../src/ui/base/node.ts';
import {
  copyKeyCommand,
  copyValueCommand,
  loadMoreCommand,
  openWalkthroughCommand,
  readAgainCommand,
  refreshCommand,
} from '../../../../src/ui/watch/node-commands.ts';
import { followWatch } from '../../../../src/ui/watch/watch-context.ts';
import { stackOf } from '../../../helpers/fake-stacks.ts';
import { fixture } from '../../../helpers/ui/ui-fixture.ts';

const denied = (): AwsError =>
  new AwsError('missing-permission', 'AWS denies s3:ListBucket.', {
    operation: 's3:ListObjectsV2',
    awsCode: 'AccessDenied',
  });

describe('Get Started', () => {
  it('opens the walkthrough, and reads once what its steps are ticked by, also with no view open', async () => {
    const { ui, stub, watch } = fixture();
    followWatch(ui);
    watch.refresh = async () => {
      assert.deepEqual([...watch.demanded], ['pipeline', 'batches']);
      const counts = { ...zeroCounts(), succeeded: 1 };
      const batches = new Map([['b', { meta: undefined, checkpoints: [], counts }]]);
      const pipeline = { stack: stackOf('CREATE_COMPLETE'), apiKey: 'set' } as unknown as PipelineSnapshot;
      watch.tell({ reading: { pipeline, batches, problems: {}, busy: false }, error: undefined });
    };
    await openWalkthroughCommand(ui, 'media-batch.media-batch');
    const [opened] = stub.executed.filter(({ id }) => id === 'workbench.action.openWalkthrough');
    assert.deepEqual(opened?.args, ['media-batch.media-batch#start', false]);
    const keys = ['stack', 'keyStored', 'hasBatches', 'hasResults'];
    assert.deepEqual(
      keys.map((key) => stub.context.get(`mediaBatch.${key}`)),
      ['present', true, true, true],
    );
    assert.deepEqual(
      stub.executed.filter(({ id }) => id === 'welcome.markStepComplete').map(({ args }) => args[0]),
      ['deploy', 'key', 'enqueue', 'watch'].map((step) => `media-batch.media-batch#start#${step}`),
    );
    assert.equal(watch.demanded.size, 0, 'it does not go on reading');
  });
});

describe('Read Again', () => {
  /** A view with one level, whose children can be read only after `allow`. */
  const view = (made: ReturnType<typeof fixture>) => {
    let isAllowed = false;
    const level: ViewNode = {
      id: 'bucket',
      label: 'bucket',
      tokens: ['level'],
      children: () =>
        isAllowed ? Promise.resolve([{ id: 'key', label: 'key', tokens: [] }]) : Promise.reject(denied()),
    };
    const tree = new NodeTree(made.ui, { roots: () => Promise.resolve([level]) });
    const fired: (string | undefined)[] = [];
    tree.onDidChangeTreeData((change) => fired.push(...[change].flat().map((row) => row?.id)));
    const shown = { tree, refresh: () => undefined, dispose: () => undefined };
    return { shown, fired, level, allow: () => (isAllowed = true) };
  };

  it('reads the children of a row, and for an error row the level that it stands for', async () => {
    const made = fixture();
    const { shown, fired, level, allow } = view(made);
    await shown.tree.getChildren();
    const [error] = await shown.tree.getChildren(level);
    assert.deepEqual(error?.tokens, ['error']);
    allow();
    readAgainCommand(made.ui, [shown], error);
    readAgainCommand(made.ui, [shown], level);
    assert.deepEqual(fired, ['bucket', 'bucket']);
    assert.deepEqual(
      (await shown.tree.getChildren(level)).map(({ id }) => id),
      ['key'],
    );
  });

  it('makes a new connection for an error row where the connection has failed, and only there', async () => {
    const made = fixture();
    const { shown, level } = view(made);
    await shown.tree.getChildren();
    const [error] = await shown.tree.getChildren(level);
    made.connection.become({ kind: 'failed', error: denied() });
    readAgainCommand(made.ui, [shown], level);
    assert.equal(made.connection.state.kind, 'failed');
    readAgainCommand(made.ui, [shown], error);
    assert.equal(made.connection.state.kind, 'unknown');
  });

  it('leaves a row of another view, and no row at all, alone', async () => {
    const made = fixture();
    const { shown, fired } = view(made);
    await shown.tree.getChildren();
    readAgainCommand(made.ui, [shown], { id: 'bucket', label: 'bucket', tokens: ['level'] });
    readAgainCommand(made.ui, [shown]);
    assert.deepEqual(fired, []);
  });
});

describe('Refresh', () => {
  it('reads all views and the poll, and makes a new connection unless it is ready', async () => {
    const { ui, connection, watch } = fixture();
    const refreshed: string[] = [];
    const view = (name: string) => ({
      tree: new NodeTree(ui, { roots: () => Promise.resolve([]) }),
      refresh: () => refreshed.push(`${name} ${connection.state.kind}`),
      dispose: () => undefined,
    });
    const views = [view('a'), view('b')];
    connection.become({ kind: 'failed', error: denied() });
    await refreshCommand(ui, views);
    assert.deepEqual(refreshed, ['a unknown', 'b unknown']);
    connection.become({ kind: 'ready', session: connection.session });
    const before = watch.refreshes;
    await refreshCommand(ui, views);
    assert.deepEqual(refreshed.slice(2), ['a ready', 'b ready']);
    assert.equal(watch.refreshes, before + 1);
  });
});

describe('Load More', () => {
  it('goes to the view of the row, and nowhere without a row or with a row of no view', async () => {
    const { ui } = fixture();
    const loaded: string[] = [];
    const view = async (name: string) => {
      const row: ViewNode = { id: 'more', label: name, tokens: ['more'] };
      const tree = new NodeTree(ui, { roots: () => Promise.resolve([row]) });
      await tree.getChildren();
      const loadMore = ({ label }: ViewNode): void => void loaded.push(`${name} ${label}`);
      return { row, shown: { tree, loadMore, refresh: () => undefined, dispose: () => undefined } };
    };
    const [a, b] = [await view('a'), await view('b')];
    const views = [a.shown, b.shown];
    await loadMoreCommand(views, b.row);
    await loadMoreCommand(views, { ...b.row });
    await loadMoreCommand(views);
    assert.deepEqual(loaded, ['b b']);
  });
});

describe('Copy Key', () => {
  it('copies the key of an object or of a file, unchanged', async () => {
    const { ui, stub } = fixture();
    const row = (data: unknown): ViewNode => ({ id: 'x', label: 'x', tokens: [], data });
    await copyKeyCommand(ui, row({ bucket: 'film', key: 'a\u202Eb' }));
    await copyKeyCommand(ui, row({ item: { key: '1999/c.mov' } }));
    assert.deepEqual(stub.clipboard, ['a\u202Eb', '1999/c.mov']);
    await assert.rejects(copyKeyCommand(ui, row({ batch: 'b1' })), { name: 'InvalidInputError' });
  });
});

describe('Copy Value', () => {
  it('copies the value unchanged, and asks for a row that has one', async () => {
    const { ui, stub } = fixture();
    const row = (data: unknown): ViewNode => ({ id: 'x', label: 'x', tokens: [], data });
    await copyValueCommand(ui, row({ value: ' a\u202Eb\n' }));
    for (const node of [undefined, row(undefined), row(null), row('text'), row({ value: 5 })])
      await assert.rejects(copyValueCommand(ui, node), {
        field: 'value',
        message: 'Choose a row with a value for this.',
      });
    assert.deepEqual(stub.clipboard, [' a\u202Eb\n']);
  });
});

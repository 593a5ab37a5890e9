import assert from 'node:assert/strict';
import { AwsError } from '../../../../src/core/errors.ts';
import { NodeTree } from '../../../../src/ui/base/node-tree.ts';
import type { ViewNode } from '../../../../src/ui/base/node.ts';
import { readAgainCommand } from '../../../../src/ui/watch/node-commands.ts';
import { fixture } from '../../../helpers/ui/ui-fixture.ts';

const denied = (): AwsError =>
  new AwsError('missing-permission', 'AWS denies s3:ListBucket.', {
    operation: 's3:ListObjectsV2',
    awsCode: 'AccessDenied',
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
    tree.onDidChangeTreeData((node) => fired.push(node?.id));
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

import assert from 'node:assert/strict';
import { setTimeout as later } from 'node:timers/promises';
import { AwsError } from '../../../../src/core/errors.ts';
import { KnownStacks } from '../../../../src/ui/connection/known-stacks.ts';
import { LeftOutCount } from '../../../../src/ui/failures/left-out-count.ts';
import { DeadLetterStatus } from '../../../../src/ui/failures/status-bar.ts';
import type { Answer } from '../../../helpers/ui/vscode-stub.ts';
import { fixture } from '../../../helpers/ui/ui-fixture.ts';

const counted = (deadLetters: number | undefined) => ({
  reading: { deadLetters, problems: {}, busy: false },
  error: undefined,
});

async function status({ seen = true, answer }: { seen?: boolean; answer?: Answer } = {}) {
  const made = fixture(answer);
  const known = new KnownStacks(made.ui.memory.global);
  if (seen) await known.note(made.connection.session);
  const leftOut = new LeftOutCount();
  const bar = new DeadLetterStatus(made.ui, leftOut);
  const [item] = made.stub.statusBarItems;
  assert.ok(item);
  return { ...made, bar, item, leftOut };
}

describe('the status bar item', () => {
  it('sends no request while it is made, and none at all when no stack was ever used', async () => {
    const seen = await status();
    assert.equal(seen.watch.demanded.size, 0);
    await later(1);
    assert.deepEqual([...seen.watch.demanded], ['dead-letters']);
    const fresh = await status({ seen: false });
    await later(1);
    assert.equal(fresh.watch.demanded.size, 0);
    assert.equal(fresh.item.shown, false);
  });

  it('counts in words, in the colour of a warning above 0, and opens the view', async () => {
    const { item, watch, connection } = await status();
    connection.become({ kind: 'ready', session: connection.session });
    watch.tell(counted(12));
    assert.equal(item.text, '$(warning) 12 dead letters');
    assert.equal(item.backgroundColor?.id, 'statusBarItem.warningBackground');
    assert.equal(item.command, 'mediaBatch.showDeadLetters');
    watch.tell(counted(0));
    assert.equal(item.text, '$(mail) 0 dead letters');
    assert.equal(item.backgroundColor, undefined);
    assert.ok(item.shown);
    watch.tell(counted(undefined));
    assert.equal(item.shown, false, 'no stack');
  });

  it('is no warning where all of them were left out by hand, and says how many were', async () => {
    const { item, watch, connection, leftOut } = await status();
    connection.become({ kind: 'ready', session: connection.session });
    watch.tell(counted(12));
    leftOut.dead = 12;
    assert.equal(item.text, '$(mail) 12 dead letters, 12 left out');
    assert.equal(item.backgroundColor, undefined);
    watch.tell(counted(13));
    assert.equal(item.text, '$(warning) 13 dead letters, 12 left out');
    leftOut.dead = 0;
    assert.equal(item.text, '$(warning) 13 dead letters');
    leftOut.dead = 3;
    watch.tell(counted(0));
    assert.equal(item.text, '$(mail) 0 dead letters');
  });

  it('says in its tooltip why the number may be old; the words of a foreign error are only for the log', async () => {
    const { item, watch, connection } = await status();
    connection.become({ kind: 'ready', session: connection.session });
    watch.tell(counted(1));
    const { reading } = counted(1);
    const error = new AwsError('unreachable', 'AWS does not answer.', { operation: 'x', awsCode: 'x' });
    watch.tell({ reading, error });
    assert.match(String(item.tooltip), /^About 1 dead letter in .*\nAWS does not answer\.$/);
    watch.tell({ reading, error: new TypeError('x is not a function') });
    assert.match(
      String(item.tooltip),
      /\nSomething went wrong inside Media Batch; the log has the details\.$/,
    );
    watch.tell(counted(1));
    assert.doesNotMatch(String(item.tooltip), /\n/);
  });

  it('is quiet about an expired login', async () => {
    const { item, watch, connection, stub } = await status();
    connection.become({ kind: 'ready', session: connection.session });
    watch.tell(counted(1));
    const error = new AwsError('expired-login', 'Expired.', { operation: 'x', awsCode: 'x' });
    connection.become({ kind: 'signed-out', error, profile: undefined });
    assert.equal(item.shown, false);
    assert.equal(watch.demanded.size, 0);
    assert.deepEqual(stub.shown, []);
  });

  it('stops asking while the window has no focus', async () => {
    const { stub, watch } = await status();
    await later(1);
    stub.focus(false);
    assert.equal(watch.demanded.size, 0);
    stub.focus(true);
    assert.equal(watch.demanded.size, 1);
  });

  it('disposes of everything', async () => {
    const { bar, item, watch } = await status();
    await later(1);
    bar.dispose();
    watch.tell(counted(3));
    assert.ok(item.disposed);
    assert.equal(watch.demanded.size, 0);
  });
});

import assert from 'node:assert/strict';
import { setImmediate, setTimeout as later } from 'node:timers/promises';
import { AwsError } from '../../../../src/core/errors.ts';
import { noticeDeadLetters } from '../../../../src/ui/failures/dead-letter-notice.ts';
import { KnownStacks } from '../../../../src/ui/connection/known-stacks.ts';
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
  const bar = new DeadLetterStatus(made.ui);
  const notice = noticeDeadLetters(made.ui);
  const [item] = made.stub.statusBarItems;
  assert.ok(item);
  return { ...made, bar, notice, item, known };
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
    const { bar, notice, item, watch } = await status();
    await later(1);
    bar.dispose();
    notice.dispose();
    watch.tell(counted(3));
    assert.ok(item.disposed);
    assert.equal(watch.demanded.size, 0);
  });
});

describe('the notice of dead letters', () => {
  async function told(counts: readonly number[], answer?: Answer) {
    const made = await status(answer && { answer });
    made.connection.become({ kind: 'ready', session: made.connection.session });
    for (const count of counts) {
      made.watch.tell(counted(count));
      await setImmediate();
    }
    return made;
  }

  it('is shown once, when the number rises from 0', async () => {
    const { stub } = await told([0, 3, 5, 2]);
    assert.deepEqual(
      stub.shown.map(({ text }) => text),
      ['The pipeline "media-batch" has about 3 dead letters.'],
    );
    const again = await told([0, 1, 0, 1]);
    assert.equal(again.stub.shown.length, 2);
  });

  it('is not shown for older dead letters, nor twice for two windows', async () => {
    const { stub, ui } = await told([3, 4]);
    assert.deepEqual(stub.shown, []);
    const other = fixture();
    const shared = { ...other.ui, memory: ui.memory };
    noticeDeadLetters(shared);
    other.connection.become({ kind: 'ready', session: other.connection.session });
    other.watch.tell(counted(4));
    assert.deepEqual(other.stub.shown, []);
  });

  it('shows the view, or is never shown again for this stack', async () => {
    const shown = await told([0, 1], ({ choices }) => choices[0]);
    assert.ok(shown.stub.executed.some(({ id }) => id === 'mediaBatch.showDeadLetters'));
    const muted = await told([0, 1, 0, 1], ({ choices }) => choices[1]);
    assert.equal(muted.stub.shown.length, 1);
  });
});

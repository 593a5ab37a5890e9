import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { AwsError } from '../../../../src/core/errors.ts';
import { openDeadLetterCommand } from '../../../../src/ui/failures/dead-letter-commands.ts';
import { ResultDocuments } from '../../../../src/ui/batches/result-document.ts';
import type { ViewNode } from '../../../../src/ui/base/node.ts';
import { counted, dead, failed, failuresWorld, letter, setNow } from '../../../helpers/ui/failures-world.ts';

type World = ReturnType<typeof failuresWorld>;
const DENIED = new AwsError('missing-permission', 'AWS denies [it](command:x).', {
  ...{ operation: 'sqs:ReceiveMessage', awsCode: 'AccessDenied' },
});
const keys = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}.mkv`);

describe('the Failures view', () => {
  beforeEach(setNow);

  const rowsOf = async ({ tree }: World) =>
    (await tree.rows()).map(({ label, description }) => [label, description]);
  /** Ends what runs in the background. */
  const settled = async ({ failures }: World) => {
    await failures.all();
    for (let turn = 0; turn < 20; turn += 1) await setImmediate();
  };

  it('asks nothing while it is hidden', () => {
    const { queues, store, watch, tree } = failuresWorld({ letters: [letter('a')], items: [failed('b')] });
    watch.tell(counted(1));
    watch.tell(counted(2, { failed: 1 }));
    assert.deepEqual([queues.calls, store.listed], [[], []]);
    tree.setVisible(true);
    assert.deepEqual([...watch.demanded].sort(), ['batches', 'dead-letters']);
  });

  it('shows failed and dead files by cause from the table, and receives nothing', async () => {
    const items = [
      ...keys('in/1999/', 3).map((key) => failed(key, { size: 3e9 })),
      ...keys('a', 2).map((key) => dead(key)),
      dead('x', { error: 'socket closed after 31 ms', failure_class: 'attempts-exhausted' }),
    ];
    const world = failuresWorld({ letters: [letter('a0.mkv'), letter('a1.mkv'), letter('x')], items });
    assert.deepEqual(await rowsOf(world), [
      ['3  the file has no video stream', 'failed at Ittybit · newest 4 min ago'],
      ['2  cannot read input (HTTP 422)', 'rejected, in the dead-letter queue · newest 4 min ago'],
      ['1  socket closed after 31 ms', 'attempts exhausted · newest 4 min ago'],
    ]);
    await settled(world);
    assert.deepEqual(world.queues.calls, []);
    assert.equal(world.tree.description, '6 files, 3 causes');
    assert.equal(world.tree.badge?.value, 6);
    assert.equal(world.stub.context.get('mediaBatch.hasFailures'), true);
    const [group] = await world.tree.rows();
    const [traits, first] = await world.tree.rows(group?.node);
    assert.equal(
      traits?.label,
      'In common: .mkv (3 of 3), over 2 GB (3 of 3), in s3://film-archive/in/1999/ (3 of 3)',
    );
    assert.match(JSON.stringify(group?.item.tooltip), /\.mkv \(3 of 3\).*The job failed at Ittybit/);
    assert.match(first?.label ?? '', /^in\/1999\/\d\.mkv$/);
    assert.equal(first?.item.command?.command, 'mediaBatch.openResult');
  });

  it('says of a cause with several kinds how many there are of each', async () => {
    const error = 'no answer';
    const items = [failed('a', { error }), dead('b', { error }), failed('c', { error })];
    const world = failuresWorld({ items });
    const [[, description] = []] = await rowsOf(world);
    assert.match(description ?? '', /^2 failed at Ittybit · 1 rejected, in the dead-letter queue · newest /);
  });

  it('leaves the code before the words to the tooltip, as a narrow side bar cuts the end', async () => {
    const { tree } = failuresWorld({ items: [dead('x', { error: 'invalid_input: no video stream found' })] });
    const [row] = await tree.rows();
    assert.equal(row?.label, '1  no video stream found');
    const { tooltip = '' } = row.node as ViewNode;
    assert.match(tooltip, /^invalid_input: no video stream found$/m);
  });

  it('peeks into the queue for letters that the table does not know, and shows only those', async () => {
    const items = [dead('known')];
    const letters = [letter('known'), letter('1999/reel 7+8.mov', 'never claimed')];
    const world = failuresWorld({ letters, items });
    await settled(world);
    assert.deepEqual(await rowsOf(world), [
      ['1  cannot read input (HTTP 422)', 'rejected, in the dead-letter queue · newest 4 min ago'],
      ['1  never claimed', 'rejected, in the dead-letter queue · newest 4 min ago'],
    ]);
    const [, group] = await world.tree.rows();
    const [row] = await world.tree.rows(group?.node);
    assert.equal(row?.label, '1999/reel 7+8.mov');
    assert.equal(row.description, '4 min ago, 1 attempt, received 2 times, 13 days to expiry');
    assert.equal(world.hidden.size, 0, 'every message is visible again');
  });

  it('looks again when a number has changed, not at each poll, and keeps the rows until then', async () => {
    const world = failuresWorld({ items: [failed('a')] });
    const { tree, watch, store, ledger } = world;
    tree.setVisible(true);
    await settled(world);
    const [row] = await tree.rows();
    const looks = store.listed.length;
    watch.tell(counted(0, { failed: 1 }));
    await settled(world);
    assert.equal(store.listed.length, looks);
    ledger.items.set('b', failed('b'));
    // A look that the poll asks for waits a little after the last one.
    while (store.listed.length === looks) {
      watch.tell(counted(0, { failed: 2 }));
      assert.equal((await tree.rows())[0]?.item.id, row?.item.id);
      await settled(world);
    }
    assert.match((await rowsOf(world))[0]?.[0] ?? '', /^2 {2}/);
    assert.equal(tree.badge?.value, 2);
    watch.tell(counted(0, { failed: 0 }));
    assert.equal(tree.badge, undefined);
  });

  it('receives nothing again when letters of retried files go, one after the other', async () => {
    const letters = [letter('a'), letter('b'), letter('u', 'x', { body: '{' })];
    const world = failuresWorld({ letters });
    world.ledger.items.set('a', failed('a', { status: 'retrying' }));
    world.ledger.items.set('b', failed('b', { status: 'retrying' }));
    world.tree.setVisible(true);
    await settled(world);
    assert.equal((await rowsOf(world)).length, 1);
    const receives = world.queues.calls.length;
    for (const left of [2, 1]) {
      world.watch.tell(counted(left));
      await settled(world);
    }
    assert.equal(world.queues.calls.length, receives);
  });

  it('shows large groups by pages', async () => {
    const world = failuresWorld({ items: keys('k', 230).map((key) => failed(key)) });
    await settled(world);
    const [group] = await world.tree.rows();
    const shown = async () => (await world.tree.rows(group?.node)).map(({ label }) => label);
    assert.equal((await shown()).length, 103);
    assert.deepEqual((await shown()).slice(-2), ['Load 100 more', 'Load all 230']);
    const more = async () => (await world.tree.rows(group?.node)).at(-2)?.node as ViewNode;
    await world.failures.loadMore(await more());
    assert.equal((await shown()).at(-2), 'Load 30 more');
    await world.failures.loadMore(await more());
    assert.equal((await shown()).length, 231);
  });

  it('reads the newest 10,000 first, says so, and reads on when it is asked', async () => {
    const world = failuresWorld({ items: keys('k', 10_050).map((key) => failed(key)) });
    await settled(world);
    assert.equal(world.tree.message, 'Showing the newest 10,000 of 10,050.');
    assert.equal(world.tree.badge?.value, 10_050);
    const rows = await world.tree.rows();
    assert.match(rows[0]?.label ?? '', /^10,000 {2}/);
    await world.failures.loadMore(rows.at(-2)?.node as ViewNode);
    assert.equal(world.tree.message, '');
    assert.match((await world.tree.rows())[0]?.label ?? '', /^10,050 {2}/);
  });

  it('shows unreadable messages and hostile reasons as harmless lines', async () => {
    const body = '<script>\u0000';
    const world = failuresWorld({
      letters: [letter('u', '\u202Eevil\n', { body, receiveCount: 101, attributes: {} })],
      items: [dead('\u202Egpm.exe', { error: 'a\u0000](command:x)', failure_class: '\u202Eodd' })],
    });
    // The queue holds no more letters than there are dead files.
    world.ledger.items.clear();
    await settled(world);
    const [group] = await world.tree.rows();
    const [row] = await world.tree.rows(group?.node);
    assert.equal(row?.label, 'Unreadable message: <script>\\u{0}');
    assert.doesNotMatch(row.contextValue, /\b(file|retriable)\b/);
    const documents = new ResultDocuments(world.ui);
    await openDeadLetterCommand(world.ui, documents, row.node as ViewNode);
    const content = JSON.parse(world.stub.documents[0]?.text ?? '') as Record<string, unknown>;
    assert.equal(content['message'], body);
    assert.equal(content['receive_count'], 101);
    world.ledger.items.set('x', dead('\u202Egpm.exe', { error: 'a\u0000b', failure_class: '\u202Eodd' }));
    world.failures.refresh();
    const [hostile] = await rowsOf(world);
    assert.deepEqual(hostile, ['1  a\\u{0}b', '\\u{202e}odd · newest 4 min ago']);
  });

  it('shows the error of a look with a way to retry it', async () => {
    const world = failuresWorld({ items: [failed('a')] });
    world.store.failure = DENIED;
    const [row] = await world.tree.rows();
    assert.equal(row?.contextValue, 'error');
    world.store.failure = undefined;
    world.failures.tree.readLevelAgain(row.node as ViewNode);
    assert.equal((await world.tree.rows())[0]?.label, '1  the file has no video stream');
  });

  it('says why the list is not complete: our own words as they are, others only in the log', async () => {
    for (const [failure, words] of [
      [DENIED, 'AWS denies [it] (command:x).'],
      [
        new TypeError('x is not a function'),
        'Something went wrong inside Media Batch; the log has the details.',
      ],
    ] as const) {
      const world = failuresWorld({ letters: [letter('a')], items: [failed('b')] });
      world.queues.failure = failure;
      await settled(world);
      assert.equal(world.tree.message, `The list is not complete: ${words}`);
      assert.ok(world.stub.logged.includes(`warn: ${failure.message}`), world.stub.logged.join('|'));
      assert.match((await rowsOf(world))[0]?.[0] ?? '', /^1 {2}/, 'the files so far stay');
    }
  });
});

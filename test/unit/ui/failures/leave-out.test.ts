import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { leftOut, leftOutOf } from '../../../../src/core/batch/left-out.ts';
import type { ResultItem } from '../../../../src/core/batch/result-item.ts';
import type { ViewNode } from '../../../../src/ui/base/node.ts';
import { leaveOutCommand, takeInCommand } from '../../../../src/ui/failures/leave-out.ts';
import { retryAllCommand } from '../../../../src/ui/failures/retry-files.ts';
import { awsError } from '../../../helpers/fakes.ts';
import { counted, dead, failed, failuresWorld, letter } from '../../../helpers/ui/failures-world.ts';

type World = ReturnType<typeof failuresWorld>;
const MARK = { at: '2026-11-23T15:00:00.000Z', by: 'user/ann', note: 'not needed' };
const NOTE = 'the owner wants it back';

describe('Leave Out', () => {
  /** Types the note, and answers each question by a part of its title or placeholder. */
  function world(
    items: readonly ResultItem[],
    answers: Readonly<Record<string, string | undefined>> = {},
    letters: string[] = [],
  ): World {
    const messages = letters.map((key) => letter(key, 'x', { body: key }));
    return failuresWorld({ items, letters: messages }, ({ text, detail = '', kind }) => {
      const [, answer] = Object.entries(answers).find(([part]) => `${text}\n${detail}`.includes(part)) ?? [];
      return answer ?? (kind === 'input' && !('note' in answers) ? NOTE : undefined);
    });
  }
  const labels = async ({ tree }: World) => (await tree.rows()).map(({ label }) => label);
  const rowOf = async ({ tree }: World, label: string) => {
    const groups = await tree.rows();
    const files = await Promise.all(groups.map(({ node }) => tree.rows(node)));
    return [...groups, ...files.flat()].find((row) => row.label === label)?.node as ViewNode;
  };
  const flagged = ({ ledger }: World) =>
    [...ledger.items.values()].filter((item) => leftOutOf(item)).map(({ key }) => key);
  const said = ({ stub }: World) => stub.shown.at(-1)?.text;

  it('takes a file out of its group and of the numbers, and shows it with its note', async () => {
    const made = world([failed('a'), failed('b'), dead('c')]);
    await leaveOutCommand(made.ui, made.failures, await rowOf(made, 'a'));
    assert.equal(said(made), '1 file left out.');
    assert.deepEqual(flagged(made), ['a']);
    assert.equal(leftOutOf([...made.ledger.items.values()][0]!)?.by, 'user/me');
    assert.deepEqual(await labels(made), [
      '1  cannot read input (HTTP 422)',
      '1  the file has no video stream',
      '1 left out',
    ]);
    assert.deepEqual([made.tree.description, made.tree.badge?.value], ['2 files, 2 causes', 2]);
    const [row] = await made.tree.rows(await rowOf(made, '1 left out'));
    assert.equal(row?.label, 'a');
    assert.match(row.description, /^the owner wants it back · .*2026.*, by user\/me$/);
    assert.match(JSON.stringify(row.item.tooltip), /the file has no video stream"$/);
    const polled = counted(1, { failed: 2, dead: 1 });
    made.watch.tell(polled);
    assert.equal(made.tree.badge?.value, 2, 'a poll counts it, and it is left out of that');
  });

  it('leaves out a cause or a selection, and takes them in again from the message', async () => {
    const made = world([failed('a'), failed('b'), dead('c')], { 'left out.': 'Take In Again' });
    const selected = [await rowOf(made, '2  the file has no video stream'), await rowOf(made, 'c')];
    await leaveOutCommand(made.ui, made.failures, selected[0], selected);
    assert.deepEqual(
      made.stub.shown.slice(-2).map(({ text }) => text),
      ['3 files left out.', '3 files taken in again.'],
    );
    assert.deepEqual(flagged(made), []);
    assert.equal(made.tree.badge?.value, 3);
  });

  it('asks for the cause and the files where it has no row, and takes them in again likewise', async () => {
    const made = world([failed('a'), failed('b')], {
      'which cause': '2  the file has no video stream',
      'Which files': 's3://film-archive/b',
    });
    await leaveOutCommand(made.ui, made.failures);
    assert.deepEqual(flagged(made), ['b']);
    await takeInCommand(made.ui, made.failures);
    assert.deepEqual([flagged(made), said(made)], [[], '1 file taken in again.']);
    await takeInCommand(made.ui, made.failures);
    assert.equal(said(made), 'No file is left out.');
  });

  it('needs a note, and changes nothing on Escape', async () => {
    for (const note of ['', ' ', 'x'.repeat(501)]) {
      const made = world([failed('a')], { 'Leave Out 1 file': note, note: '' });
      const row = await rowOf(made, 'a');
      await assert.rejects(leaveOutCommand(made.ui, made.failures, row), { name: 'AbortError' });
      assert.match(made.stub.shown.at(-1)?.problem ?? '', /^(Type a note|A note has at most 500)/);
      assert.deepEqual(flagged(made), []);
    }
  });

  it('leaves letters that the table does not know, and says so', async () => {
    const made = world([], {}, ['{']);
    await made.failures.all();
    const [group] = await made.tree.rows();
    assert.doesNotMatch(group?.contextValue ?? '', /\b(counted|leftOut)\b/);
    await leaveOutCommand(made.ui, made.failures, group?.node as ViewNode);
    assert.match(said(made) ?? '', /^There is no file to leave out/);
  });

  it('says what it did before a failure of AWS, and what had changed', async () => {
    const made = world([failed('a'), failed('b'), failed('c')]);
    const row = await rowOf(made, '3  the file has no video stream');
    made.ledger.items.set('b1 s3://film-archive/b', failed('b', { status: 'retrying' }));
    made.ledger.beforeWrite = ({ next }) => {
      if (next.key === 'c') throw awsError('throttled');
    };
    await leaveOutCommand(made.ui, made.failures, row);
    const { kind, text } = made.stub.shown.at(-1)!;
    assert.equal(kind, 'error');
    assert.match(
      text,
      /^1 file left out\. 1 had changed meanwhile.* 1 were not reached.* AWS said throttled\.$/,
    );
  });

  it('keeps what is left out from Retry All, which says so', async () => {
    const made = world([failed('a'), leftOut(failed('b'), MARK)!], { Retry: 'Retry' });
    await retryAllCommand(made.ui, made.failures);
    const [question] = made.stub.shown;
    assert.equal(question?.text, 'Retry 1 file? 1 new paid job.');
    assert.match(question.detail ?? '', /\nLeft out by hand: 1, which stay as they are\.\n/);
    assert.deepEqual(
      [...made.ledger.items.values()].map(({ key, status }) => `${key} ${status}`),
      ['a retrying', 'b failed'],
    );
  });

  it('tells whoever counts dead letters, until a batch has fewer than were seen', async () => {
    const items = [leftOut(dead('a'), MARK)!, leftOut(failed('b'), MARK)!, dead('c')];
    const made = world(items, {}, []);
    const told: number[] = [];
    made.failures.leftOutCount.onChange((count) => told.push(count));
    const badge = () => made.tree.badge?.value;
    await made.failures.all();
    await setImmediate();
    made.watch.tell(counted(2, { failed: 1, dead: 2 }));
    assert.deepEqual([told, badge()], [[1], 1]);
    made.watch.tell(counted(3, { failed: 1, dead: 3 }));
    assert.equal(badge(), 2);
    made.watch.tell(counted(1, { failed: 1, dead: 1 }));
    assert.deepEqual(told, [1, 0], 'one of them may have been sent again');
    assert.equal(badge(), 1);
  });
});

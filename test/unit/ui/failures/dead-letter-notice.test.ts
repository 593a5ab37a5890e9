import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { noticeDeadLetters } from '../../../../src/ui/failures/dead-letter-notice.ts';
import type { Answer } from '../../../helpers/ui/vscode-stub.ts';
import { fixture } from '../../../helpers/ui/ui-fixture.ts';

const PAUSE_MS = 5 * 60_000;

function bench(answer?: Answer, memory?: ReturnType<typeof fixture>['ui']['memory']) {
  const made = fixture(answer);
  const clock = { now: 1_000_000 };
  const ui = { ...made.ui, ...(memory && { memory }) };
  const notice = noticeDeadLetters(ui, () => clock.now);
  made.connection.become({ kind: 'ready', session: made.connection.session });
  const tell = async (...counts: readonly number[]): Promise<void> => {
    for (const deadLetters of counts) {
      made.watch.tell({ reading: { deadLetters, problems: {}, busy: false }, error: undefined });
      await setImmediate();
    }
  };
  const texts = () => made.stub.shown.map(({ text }) => text);
  return { ...made, ui, clock, notice, tell, texts };
}

describe('the notice of dead letters', () => {
  it('is shown when the number rises from 0', async () => {
    const { tell, texts, notice } = bench();
    await tell(0, 3, 3);
    assert.deepEqual(texts(), ['The pipeline "media-batch" has about 3 dead letters.']);
    notice.dispose();
    const one = bench();
    await one.tell(0, 1);
    assert.deepEqual(one.texts(), ['The pipeline "media-batch" has a dead letter: a file failed for good.']);
  });

  it('comes again when there are more, at most once in five minutes, with all that are new', async () => {
    const { tell, texts, clock } = bench();
    await tell(0, 3, 5);
    clock.now += PAUSE_MS - 1;
    await tell(1203);
    assert.equal(texts().length, 1);
    clock.now += 1;
    await tell(1203, 1204);
    assert.equal(
      texts()[1],
      'The pipeline "media-batch" has about 1,200 new dead letters, about 1,203 in all.',
    );
    clock.now += PAUSE_MS;
    await tell(1204);
    assert.equal(texts()[2], 'The pipeline "media-batch" has 1 new dead letter, about 1,204 in all.');
    clock.now += PAUSE_MS;
    await tell(1204, 1000);
    assert.equal(texts().length, 3);
  });

  it('counts as new what comes back after a redrive', async () => {
    const { tell, texts, clock } = bench();
    await tell(0, 9, 2);
    clock.now += PAUSE_MS;
    await tell(4);
    assert.match(texts()[1] ?? '', /about 2 new dead letters, about 4 in all/);
  });

  it('does not come while another one is unanswered', async () => {
    const { tell, ui, stub, clock } = bench();
    let answer = (): void => undefined;
    const open = new Promise<undefined>((resolve) => {
      answer = () => {
        resolve(undefined);
      };
    });
    let shown = 0;
    Object.assign(ui.vs.window, {
      showWarningMessage: () => {
        shown += 1;
        return open;
      },
    });
    await tell(0, 1);
    clock.now += PAUSE_MS;
    await tell(2);
    assert.equal(shown, 1);
    answer();
    await setImmediate();
    await tell(3);
    assert.equal(shown, 2);
    assert.deepEqual(stub.shown, []);
  });

  it('is not shown for older dead letters, nor twice for two windows', async () => {
    const { tell, texts, ui, clock } = bench();
    await tell(3);
    assert.deepEqual(texts(), []);
    await tell(4);
    const other = bench(undefined, ui.memory);
    other.clock.now = clock.now + PAUSE_MS;
    await other.tell(4);
    assert.deepEqual([texts().length, other.texts().length], [1, 0]);
  });

  it('shows the view, or is never shown again for this stack', async () => {
    const shown = bench(({ choices }) => choices[0]);
    await shown.tell(0, 1);
    assert.ok(shown.stub.executed.some(({ id }) => id === 'mediaBatch.showDeadLetters'));
    const muted = bench(({ choices }) => choices[1]);
    await muted.tell(0, 1);
    muted.clock.now += PAUSE_MS;
    await muted.tell(0, 1);
    assert.equal(muted.texts().length, 1);
  });
});

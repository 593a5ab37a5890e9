import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import type { CloudServices } from '../../../../src/core/stack/cloud-services.ts';
import type { ResultItem } from '../../../../src/core/batch/result-item.ts';
import type { FoundItem } from '../../../../src/ui/batches/found-item.ts';
import { pickMatch } from '../../../../src/ui/batches/pick-match.ts';
import { RunningSearch } from '../../../../src/ui/batches/running-search.ts';
import type { StackScope } from '../../../../src/ui/watch/stack-scope.ts';
import { awsError, FakeBatches, PIPELINE } from '../../../helpers/fakes.ts';
import { stored } from '../../../helpers/stored-items.ts';
import { StubQuickPick } from '../../../helpers/ui/vscode-stub-inputs.ts';
import { stubVscode } from '../../../helpers/ui/vscode-stub.ts';

const FRAME = { title: 'Find File', step: 2, totalSteps: 3 };

/** A pick over a search of a batch, each page of which waits until the test lets it come. */
function bench() {
  const batches = new FakeBatches();
  const gates: { open: (items: readonly ResultItem[]) => void; fail: (error: Error) => void }[] = [];
  batches.results = async (_table, { status }) => {
    if (status !== 'failed') return { items: [], next: undefined };
    const gate = Promise.withResolvers<readonly ResultItem[]>();
    gates.push({ open: gate.resolve, fail: gate.reject });
    return { items: await gate.promise, next: 'more' };
  };
  const read: StackScope['read'] = (work, signal) =>
    work({ batches } as unknown as CloudServices, PIPELINE, signal ?? new AbortController().signal);
  const search = new RunningSearch({ read }, { batch: 'b1', meta: undefined }, '.mp4');
  const answer: { give: string | undefined } = { give: undefined };
  const answered = Promise.withResolvers<undefined>();
  const { vs } = stubVscode();
  const pick = new StubQuickPick(() => answer.give);
  // The person looks on until the test answers.
  pick.show = () =>
    void answered.promise.then(() => {
      StubQuickPick.prototype.show.call(pick);
    });
  const chosen = pickMatch(
    { ...vs, window: { ...vs.window, createQuickPick: () => pick } } as unknown as typeof vs,
    FRAME,
    search,
  );
  const page = async (...keys: string[]): Promise<void> => {
    await setImmediate();
    gates.at(-1)?.open(keys.map((key) => stored('failed', { key })));
    await setImmediate();
  };
  const take = (label: string | undefined): typeof chosen => {
    answer.give = label;
    answered.resolve(undefined);
    return chosen;
  };
  const active = () => (pick.activeItems as FoundItem[]).map(({ file }) => file.key);
  return { search, pick, gates, page, take, active, chosen };
}

describe('the matches of a search', () => {
  it('come while it runs, below the others, and the selected one stays selected', async () => {
    const { search, pick, page, take, active } = bench();
    assert.equal(pick.title, 'Find File: looking in b1…');
    await page('a.mp4', 'b.mp4', 'c.txt');
    assert.match(pick.title, /^Find File: 3 of 3 looked at in b1, 2 found$/);
    assert.equal(pick.busy, true);
    pick.activeItems = pick.items.slice(1);
    const before = pick.items;
    await page('d.mp4');
    assert.deepEqual(pick.items.slice(0, 2), before);
    assert.deepEqual([pick.items.length, active()], [3, ['b.mp4']]);
    await page('b.mp4');
    assert.deepEqual([pick.items.length, active()], [3, ['b.mp4']], 'it has changed meanwhile');
    assert.deepEqual(await take('$(error) d.mp4'), stored('failed', { key: 'd.mp4' }));
    assert.equal(search.isRunning, true, 'it goes on behind the next question');
    search.dispose();
  });

  it('stay when a button stops the search', async () => {
    const { search, pick, page, take, chosen } = bench();
    await page('a.mp4');
    assert.equal(pick.buttons.length, 2);
    search.stop();
    await page('b.mp4');
    assert.match(pick.title, /: stopped at 1 of 1 in b1, 1 found$/);
    assert.deepEqual([pick.busy, pick.buttons.length, pick.items.length], [false, 1, 1]);
    void take(undefined);
    await assert.rejects(chosen, { name: 'AbortError' });
  });

  it('end with the error of the search', async () => {
    const { gates, page, chosen, search } = bench();
    const failed = assert.rejects(chosen, { code: 'throttled' });
    await page('a.mp4');
    gates.at(-1)?.fail(awsError('throttled'));
    await failed;
    assert.equal(search.isRunning, false);
  });

  it('are 500 at most', async () => {
    const { pick, page, take, chosen, search } = bench();
    await page(...Array.from({ length: 600 }, (_, index) => `${index}.mp4`));
    assert.equal(pick.items.length, 500);
    assert.equal(pick.title, 'Find File: the first 500 in b1; give more of the name');
    assert.equal(search.isRunning, false);
    void take(undefined);
    await assert.rejects(chosen, { name: 'AbortError' });
  });
});

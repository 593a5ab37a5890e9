import type * as vscode from 'vscode';
import type { SearchState } from '../../app/batch/search-batch.ts';
import { Lifetime } from '../../core/lifetime.ts';
import type { ResultItem } from '../../core/batch/result-item.ts';
import { formatCount } from '../base/format.ts';
import type { BACK } from '../base/wizard.ts';
import { dressInput, untilStepAnswered, type StepFrame } from '../base/wizard.ts';
import { batchName, foundItem, type FoundItem } from './found-item.ts';
import type { RunningSearch } from './running-search.ts';

const FAILED = Symbol('failed');

/**
 * Asks for one of a search's matches. They come while it runs, below those that are shown, and the selected one stays
 * selected. A button of the title stops the search.
 * @returns the file, or BACK
 * @throws what the search throws, AbortError on Escape
 */
export async function pickMatch(
  vs: typeof vscode,
  frame: StepFrame,
  search: RunningSearch,
): Promise<ResultItem | typeof BACK> {
  const pick = vs.window.createQuickPick<FoundItem>();
  dressInput(vs, pick, frame);
  pick.matchOnDescription = true;
  pick.matchOnDetail = true;
  pick.keepScrollPosition = true;
  const { buttons } = pick;
  const stop = { iconPath: new vs.ThemeIcon('debug-stop'), tooltip: vs.l10n.t('Stop Searching') };
  const items = new Map<ResultItem, FoundItem>();
  const draw = (): void => {
    show(pick, (search.state?.matches ?? []).map(itemOf));
    pick.busy = search.isRunning;
    pick.buttons = search.isRunning ? [...buttons, stop] : buttons;
    pick.title = `${frame.title}: ${progressWords(vs, search)}`;
    pick.placeholder = hintWords(vs, search.state);
  };
  const itemOf = (file: ResultItem): FoundItem => {
    const item = items.get(file) ?? foundItem(vs, file, search.place.meta);
    items.set(file, item);
    return item;
  };
  const lifetime = new Lifetime();
  const answer = await untilStepAnswered<ResultItem | typeof FAILED>(vs, pick, (accept) => {
    const follow = (): void => {
      if (search.error === undefined) draw();
      else accept(FAILED);
    };
    lifetime.use(search.onChange(follow));
    pick.onDidTriggerButton((button) => {
      if (button === stop) search.stop();
    });
    pick.onDidAccept(() => {
      const [item] = pick.selectedItems;
      if (item) accept(item.file);
    });
    follow();
  }).finally(() => {
    lifetime.dispose();
  });
  if (answer === FAILED) throw search.error;
  return answer;
}

/** The editor would select the first item again. */
function show(pick: vscode.QuickPick<FoundItem>, items: readonly FoundItem[]): void {
  const isSame =
    items.length === pick.items.length && items.every((item, index) => item === pick.items[index]);
  if (isSame) return;
  const active = pick.activeItems[0]?.file;
  pick.items = items;
  const again = items.find(({ file }) => file.bucket === active?.bucket && file.key === active.key);
  if (again) pick.activeItems = [again];
}

function progressWords(vs: typeof vscode, { state, place, isRunning, isStopped }: RunningSearch): string {
  const { t } = vs.l10n;
  const name = batchName(vs, place.batch, place.meta);
  if (!state) return t('looking in {0}…', name);
  const { looked, total, matches, isFull } = state;
  const at = formatCount(vs, looked);
  const of = formatCount(vs, total);
  const found = formatCount(vs, matches.length);
  if (isFull) return t('the first {0} in {1}; give more of the name', found, name);
  if (isRunning) return t('{0} of {1} looked at in {2}, {3} found', at, of, name, found);
  if (isStopped) return t('stopped at {0} of {1} in {2}, {3} found', at, of, name, found);
  return t('{0} looked at in {1}, {2} found', at, name, found);
}

/** What the search cannot find. */
function hintWords(vs: typeof vscode, state: SearchState | undefined): string {
  const { t } = vs.l10n;
  const { unclaimed = 0, isCancelled = false } = state ?? {};
  if (unclaimed === 0) return t('Choose a file to see what can be done with it');
  const count = formatCount(vs, unclaimed);
  return isCancelled
    ? t('{0} files of this cancelled batch left the queue unclaimed, and cannot be found', count)
    : t('{0} files of this batch are not claimed yet, and cannot be found', count);
}

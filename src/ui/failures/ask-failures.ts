import type * as vscode from 'vscode';
import type { FailureGroup } from '../../app/batch/failure-groups.ts';
import type { Failure } from '../../app/batch/failures.ts';
import { s3Uri } from '../../core/files/s3-location.ts';
import { askItem } from '../base/ask.ts';
import { formatCount } from '../base/format.ts';
import { pickText } from '../base/pick-text.ts';
import { causeLabel, kindsWords } from './failure-words.ts';

/** A pick with more items is slow, and nobody reads them. */
const MOST_ITEMS = 1_000;

/**
 * Asks for a cause, and then for all of its files or one of them: for commands from the palette.
 * @throws AbortError on Escape
 */
export async function askOfCause(
  vs: typeof vscode,
  groups: readonly FailureGroup[],
  title: string,
): Promise<readonly Failure[]> {
  const { t } = vs.l10n;
  const items = groups.map((group) => ({
    label: `${formatCount(vs, group.failures.length)}  ${pickText(causeLabel(vs, group, 120))}`,
    description: pickText(kindsWords(vs, group)),
    group,
  }));
  const { group } = await askItem(vs, items, { title, placeHolder: t('Files of which cause?') });
  return askOfFiles(vs, group.failures, title);
}

/**
 * Asks for all of some files, or one of them. A single one needs no question.
 * @throws AbortError on Escape
 */
export async function askOfFiles(
  vs: typeof vscode,
  failures: readonly Failure[],
  title: string,
): Promise<readonly Failure[]> {
  const { t } = vs.l10n;
  if (failures.length < 2) return failures;
  const all = {
    label: t('All {0} files', formatCount(vs, failures.length)),
    description: '',
    chosen: failures,
  };
  const files = failures.slice(0, MOST_ITEMS).map((failure) => {
    const name = failure.file ? s3Uri(failure.file) : (failure.letter?.body ?? '');
    return {
      label: pickText(name, 200),
      description: pickText(failure.leftOut?.note ?? failure.reason, 200),
      chosen: [failure],
    };
  });
  return (await askItem(vs, [all, ...files], { title, placeHolder: t('Which files?') })).chosen;
}

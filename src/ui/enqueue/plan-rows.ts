import type * as vscode from 'vscode';
import type { EnqueuePlan } from '../../app/batch/plan-enqueue.ts';
import { prefixUri, type S3Prefix } from '../../core/files/s3-location.ts';
import { visibleText } from '../../core/visible-text.ts';
import { formatCount, formatDate } from '../base/format.ts';
import { pickText } from '../base/pick-text.ts';

/** How many extensions are named; the rest are counted as others. */
const EXTENSIONS = 5;
/** Longest shown name of a neighbour, in UTF-16 units. */
const MAX_NAME = 60;

/**
 * @param seconds how long the files and those before them take; undefined where it is not known
 * @param now epoch ms
 * @returns what the dry run found that may surprise, as rows of a pick
 */
export function planWarnings(
  vs: typeof vscode,
  plan: EnqueuePlan,
  place: S3Prefix,
  seconds: number | undefined,
  now: number,
): vscode.QuickPickItem[] {
  return [
    ...neighbourRows(vs, plan, place),
    ...copyRows(vs, plan, seconds === undefined ? Infinity : now + seconds * 1000),
    ...tieredRows(vs, plan),
    ...segmentRows(vs, plan),
  ];
}

/** A prefix without a slash takes more than the folder that it seems to name. */
function neighbourRows(vs: typeof vscode, { notes }: EnqueuePlan, place: S3Prefix): vscode.QuickPickItem[] {
  const { t } = vs.l10n;
  const { own, folders, files, names } = notes.neighbours;
  const count = folders + files;
  // Files alone are what a prefix such as `reel-` asks for.
  if (count === 0 || (!own && folders === 0)) return [];
  const shown = names.map((name) => pickText(visibleText(name, MAX_NAME)));
  const list = count > shown.length ? [...shown, '…'] : shown;
  return [
    {
      label: own
        ? t(
            '$(warning) The prefix has no / at its end, so it takes {0} neighbours too',
            formatCount(vs, count),
          )
        : t('$(warning) The prefix has no / at its end, so it takes {0} names', formatCount(vs, count)),
      detail: own
        ? t('{0}. For its folder alone: {1}', list.join(', '), pickText(`${prefixUri(place)}/`))
        : list.join(', '),
    },
  ];
}

/** A restored copy that ends before its turn cannot be read any more. */
function copyRows(vs: typeof vscode, { notes, truncated }: EnqueuePlan, end: number): vscode.QuickPickItem[] {
  const { t } = vs.l10n;
  const early = [...notes.copies].filter(([until]) => until <= end);
  if (early.length === 0) return [];
  const files = formatCount(
    vs,
    early.reduce((sum, [, count]) => sum + count, 0),
  );
  const first = formatDate(vs, new Date(Math.min(...early.map(([until]) => until))));
  return [
    {
      label: truncated
        ? t('$(warning) At least {0} restored copies may end before their turn, and then fail', files)
        : t('$(warning) {0} restored copies may end before their turn, and then fail', files),
      detail: t('The first ends {0}. Restore them for longer, or enqueue them first.', first),
    },
  ];
}

function tieredRows(vs: typeof vscode, { notes }: EnqueuePlan): vscode.QuickPickItem[] {
  const { t } = vs.l10n;
  if (notes.tiered === 0) return [];
  return [
    {
      label: t('$(warning) {0} files are in INTELLIGENT_TIERING', formatCount(vs, notes.tiered)),
      detail: t('No listing shows which of them are in an archive tier: those fail until they are restored.'),
    },
  ];
}

/** @returns how the files are taken that look like segments of streams; none where none are left out */
export function segmentRows(vs: typeof vscode, { skipped }: EnqueuePlan): vscode.QuickPickItem[] {
  const { t } = vs.l10n;
  const count = skipped.segment ?? 0;
  if (count === 0) return [];
  return [
    {
      label:
        count === 1
          ? t('$(info) 1 stream segment is left out')
          : t('$(info) {0} stream segments are left out', formatCount(vs, count)),
      detail: t(
        'It is numbered as segments are, or lies beside a playlist. For masters with such names, go back and tick "Stream segments too".',
      ),
    },
  ];
}

/** @returns a row such as `1,200 ts, 40 mov, 3 others`, the most frequent first; none where there are no files */
export function extensionRows(vs: typeof vscode, { notes }: EnqueuePlan): vscode.QuickPickItem[] {
  const { t } = vs.l10n;
  const counts = [...notes.extensions].toSorted(([, a], [, b]) => b - a);
  if (counts.length === 0) return [];
  const words = counts
    .slice(0, EXTENSIONS)
    .map(([ext, count]) => t('{0} {1}', formatCount(vs, count), pickText(ext)));
  const others = counts.slice(EXTENSIONS).reduce((sum, [, count]) => sum + count, 0);
  if (others > 0) words.push(t('{0} others', formatCount(vs, others)));
  return [{ label: `$(file-media) ${words.join(', ')}` }];
}

/** @returns why nothing was found: the letters of the prefix are written in another way; none where that is not so */
export function otherFormRows(
  vs: typeof vscode,
  { otherForm }: EnqueuePlan,
  { bucket }: S3Prefix,
): vscode.QuickPickItem[] {
  if (otherForm === undefined) return [];
  const { t } = vs.l10n;
  return [
    {
      label: t(
        '$(info) {0} is there with the same letters in another Unicode form',
        pickText(visibleText(prefixUri({ bucket, prefix: otherForm }), 200)),
      ),
      detail: t(
        'S3 tells these forms apart: choose the prefix in the Buckets view, which has its exact name.',
      ),
    },
  ];
}

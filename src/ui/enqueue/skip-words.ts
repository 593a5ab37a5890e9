import type * as vscode from 'vscode';
import type { SkipCounts } from '../../core/batch/batch.ts';
import type { SkipReason } from '../../core/files/media-files.ts';
import { formatCount } from '../base/format.ts';

/** @returns such as `37,655 not media, 12 archived`; empty when nothing was skipped */
export function skipWords(vs: typeof vscode, skipped: SkipCounts): string {
  const { t } = vs.l10n;
  const words: Readonly<Record<SkipReason, (count: string) => string>> = {
    'not-media': (count) => t('{0} not media', count),
    'folder-marker': (count) => (count === '1' ? t('1 folder marker') : t('{0} folder markers', count)),
    sidecar: (count) =>
      count === '1'
        ? t('1 sidecar of a system, file server or camera')
        : t('{0} sidecars of systems, file servers and cameras', count),
    segment: (count) => (count === '1' ? t('1 stream segment') : t('{0} stream segments', count)),
    'not-utf8': (count) => t('{0} with a name that is no UTF-8', count),
    empty: (count) => t('{0} empty', count),
    archived: (count) => t('{0} archived', count),
    filtered: (count) => t('{0} outside the filters', count),
    braces: (count) => t('{0} with braces in the key, which Ittybit would replace in the output', count),
    'output-folder': (count) => t('{0} with a folder "." or ".." in the output', count),
    'output-length': (count) => t('{0} with an output longer than 1,024 bytes', count),
    'same-output': (count) => t('{0} with the same output as another file', count),
    'bad-line': (count) => (count === '1' ? t('1 unreadable line') : t('{0} unreadable lines', count)),
    'other-bucket': (count) => t('{0} of other buckets', count),
    repeated: (count) => t('{0} listed twice', count),
    missing: (count) => t('{0} not in the bucket', count),
    done: (count) => t('{0} done or under way', count),
  };
  // The counts of a resumed batch may come from a later version with more reasons.
  const unknown = (count: string): string => t('{0} for reasons that this version does not know', count);
  const wordsFor = (reason: string): ((count: string) => string) =>
    Object.hasOwn(words, reason) ? words[reason as SkipReason] : unknown;
  return Object.entries(skipped)
    .filter(([, count]) => count > 0)
    .map(([reason, count]) => wordsFor(reason)(formatCount(vs, count)))
    .join(', ');
}

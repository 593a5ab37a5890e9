import type * as vscode from 'vscode';
import type { Failure } from '../../app/batch/failures.ts';
import { InvalidInputError } from '../../core/errors.ts';
import type { BatchFile } from '../../core/files/batch-file.ts';
import { s3Uri } from '../../core/files/s3-location.ts';
import { formatCount } from '../base/format.ts';
import type { ViewNode } from '../base/node.ts';
import type { GroupData } from './failure-rows.ts';

/** How many documents open at once. */
const DOCUMENTS = 10;

interface Vs {
  readonly vs: typeof vscode;
}

/**
 * The files that a command works on.
 * @param node the row that it was called on
 * @param selected all selected rows; they count only where the row is one of them
 * @returns each file once, those of groups included
 * @throws InvalidInputError without a row
 */
export function failuresOf(
  vs: typeof vscode,
  node: ViewNode | undefined,
  selected: readonly ViewNode[] | undefined,
): readonly Failure[] {
  const nodes = node && selected?.includes(node) ? selected : [node];
  const failures = nodes.flatMap((each) => (each?.data as Partial<GroupData> | undefined)?.failures ?? []);
  if (failures.length === 0) {
    throw new InvalidInputError('failure', vs.l10n.t('Choose a file or a cause in the Failures view first.'));
  }
  return [...new Map(failures.map((failure) => [failure.id, failure])).values()];
}

/** "Copy Keys": the raw keys, a line each; whole S3 addresses where the files are in several buckets. */
export async function copyKeysCommand(
  { vs }: Vs,
  node?: ViewNode,
  selected?: readonly ViewNode[],
): Promise<void> {
  const { t } = vs.l10n;
  const files = failuresOf(vs, node, selected).flatMap(({ file }) => file ?? []);
  const isOneBucket = new Set(files.map(({ bucket }) => bucket)).size === 1;
  const keys = new Set(files.map((file) => (isOneBucket ? file.key : s3Uri(file))));
  await vs.env.clipboard.writeText([...keys].join('\n'));
  vs.window.setStatusBarMessage(
    keys.size === 1 ? t('1 key copied') : t('{0} keys copied', formatCount(vs, keys.size)),
    5000,
  );
}

/** "Open Results": the results of up to 10 files as read-only documents, the newest first. */
export async function openResultsCommand(
  { vs }: Vs,
  documents: { openResult(file: BatchFile, keep: boolean): Promise<void> },
  node?: ViewNode,
  selected?: readonly ViewNode[],
): Promise<void> {
  const { t } = vs.l10n;
  const items = failuresOf(vs, node, selected).flatMap(({ item }) => item ?? []);
  const newest = items.toSorted((a, b) => b.updated_at.localeCompare(a.updated_at)).slice(0, DOCUMENTS);
  for (const item of newest) await documents.openResult(item, newest.length > 1);
  if (items.length > newest.length) {
    await vs.window.showInformationMessage(
      t('The newest {0} of {1} results are open.', newest.length, formatCount(vs, items.length)),
    );
  }
}

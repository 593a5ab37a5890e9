import type * as vscode from 'vscode';
import { groupFailures } from '../../app/batch/failure-groups.ts';
import { inSlices } from '../../app/in-slices.ts';
import { exportFailures, formatOf } from '../../app/batch/failure-export.ts';
import type { Failure } from '../../app/batch/failures.ts';
import { visibleText } from '../../core/visible-text.ts';
import { cancelled } from '../base/ask.ts';
import { formatCount } from '../base/format.ts';
import type { ViewNode } from '../base/node.ts';
import { plainText } from '../base/register-command.ts';
import { withCancel, type Progress } from '../base/with-cancel.ts';
import { writeFileIn } from './export-file.ts';
import { failuresOf } from './failure-commands.ts';
import type { FailuresView } from './failures-view.ts';
import { filesWords } from './failure-words.ts';

/** The name that the dialog suggests. */
const NAME = 'media-batch-failures.csv';

/**
 * "Export…": writes failures to a CSV or JSON Lines file, as its name says.
 * @param node the row; absent: everything, also what the view has not read yet. `selected` has all selected rows
 * @throws AbortError on Escape and on Cancel, AwsError, the errors of the file system
 */
export async function exportFailuresCommand(
  { vs, log }: { readonly vs: typeof vscode; readonly log: vscode.LogOutputChannel },
  view: Pick<FailuresView, 'everything'>,
  node?: ViewNode,
  selected?: readonly ViewNode[],
): Promise<void> {
  const { t } = vs.l10n;
  const chosen = node && failuresOf(vs, node, selected);
  const uri = await askFile(vs);
  const name = uri.path.slice(uri.path.lastIndexOf('/') + 1);
  const count = await withCancel(vs, t('Exporting failures'), async (progress, { signal }) => {
    const failures = chosen ?? (await readAll(vs, view, progress, signal));
    progress.report({ message: filesWords(vs, failures.length) });
    const groups = await inSlices(groupFailures(failures), { signal });
    await writeFileIn(vs, uri, exportFailures(groups, formatOf(name)), signal);
    return failures.length;
  });
  log.info(`export: ${count} failures`);
  const open = t('Open');
  const text = t('{0} exported to {1}.', filesWords(vs, count), visibleText(name, 100));
  if ((await vs.window.showInformationMessage(plainText(text), open)) === open) {
    await vs.commands.executeCommand('vscode.open', uri);
  }
}

async function askFile(vs: typeof vscode): Promise<vscode.Uri> {
  const { t } = vs.l10n;
  const [folder] = vs.workspace.workspaceFolders ?? [];
  const uri = await vs.window.showSaveDialog({
    title: t('Export Failures'),
    filters: { [t('CSV')]: ['csv'], [t('JSON Lines')]: ['jsonl'] },
    ...(folder && { defaultUri: vs.Uri.joinPath(folder.uri, NAME) }),
  });
  if (!uri) throw cancelled();
  return uri;
}

function readAll(
  vs: typeof vscode,
  view: Pick<FailuresView, 'everything'>,
  progress: Progress,
  signal: AbortSignal,
): Promise<readonly Failure[]> {
  return view.everything(signal, (read, total) => {
    const [some, all] = [formatCount(vs, read), formatCount(vs, total)];
    progress.report({ message: vs.l10n.t('{0} of {1} read', some, all) });
  });
}

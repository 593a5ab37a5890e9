import type * as vscode from 'vscode';
import type { CommandId } from '../base/command-ids.ts';
import type { EditorContext } from '../base/editor-context.ts';
import { pickText } from '../base/pick-text.ts';
import { JOB_DOCUMENT_SUFFIX, readJobDocument } from './job-document.ts';

/** Shows above each job document how to enqueue with it, or why it cannot be used yet. */
export function showJobLens({ vs }: Pick<EditorContext, 'vs'>): vscode.Disposable {
  const provideCodeLenses = (document: vscode.TextDocument): vscode.CodeLens[] => [
    new vs.CodeLens(new vs.Range(0, 0, 0, 0), lensOf(vs, document)),
  ];
  return vs.languages.registerCodeLensProvider(
    { pattern: `**/*${JOB_DOCUMENT_SUFFIX}` },
    { provideCodeLenses },
  );
}

function lensOf(vs: typeof vscode, document: vscode.TextDocument): vscode.Command {
  const { t } = vs.l10n;
  const { job, problem = '' } = readJobDocument(document);
  // A lens without a command is only text.
  if (!job) return { title: `$(error) ${pickText(problem)}`, command: '' };
  const command = 'mediaBatch.enqueueWithJob' satisfies CommandId;
  return { title: t('$(run-all) Enqueue with this job…'), command, arguments: [document.uri] };
}

import type * as vscode from 'vscode';
import { dispatchOf } from '../../app/stack/pipeline-snapshot.ts';
import type { CommandId } from '../base/command-ids.ts';
import { plainText } from '../base/register-command.ts';
import { sinceLines } from '../base/when-and-by.ts';
import type { ScopeContext } from '../watch/scope-context.ts';
import type { StackScope } from '../watch/stack-scope.ts';

/**
 * Shows how a command ended that has sent files to the work queue. Where dispatch is paused, it says so and offers to resume it.
 * @param scope the scope that the command has worked on
 * @param outcome one or more sentences
 */
export async function tellSent(
  vs: typeof vscode,
  scopes: ScopeContext['scopes'],
  scope: StackScope,
  outcome: string,
): Promise<void> {
  const { t } = vs.l10n;
  // By now another account or stack may be shown; its state says nothing about these files.
  const pipeline = scope === scopes.present ? scope.watch.last?.pipeline : undefined;
  const dispatch = pipeline && dispatchOf(pipeline);
  if (!dispatch || !/^paus/.test(dispatch.state)) {
    await vs.window.showInformationMessage(plainText(outcome));
    return;
  }
  const resume = t('Resume Dispatch');
  const waits = t('Dispatch is paused, so they wait in the queue.');
  const text = [outcome, waits, ...sinceLines(vs, dispatch)].join(' ');
  if ((await vs.window.showWarningMessage(plainText(text), resume)) === resume) {
    await vs.commands.executeCommand('mediaBatch.resumeDispatch' satisfies CommandId);
  }
}

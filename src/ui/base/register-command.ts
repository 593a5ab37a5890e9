import { setTimeout as sleep } from 'node:timers/promises';
import type * as vscode from 'vscode';
import { InvalidInputError, isAbort, MediaBatchError, messageOf } from '../../core/errors.ts';
import type { CommandId } from './command-ids.ts';
import type { EditorContext } from './editor-context.ts';
import { messageFor } from './message-for.ts';
import type { ViewNode } from './node.ts';
import type { ViewId } from './view-ids.ts';

/** How many causes of an error are logged. Deeper ones add nothing new. */
const MAX_CAUSES = 5;
/** A little more than the 250 ms after which a step of a walkthrough that was chosen takes the keyboard. */
const STEP_TAKES_KEYBOARD_MS = 300;

/**
 * Registers a command. This is the one place where commands are logged and their errors become messages. The command's
 * promise never rejects, as the error has been shown.
 * @param run gets the row that the command was called on, and in a view with several selected rows all of them. An
 * AbortError (a cancel) is only logged. A MediaBatchError is shown with its own sentence.
 */
export function registerCommand(
  ui: Pick<EditorContext, 'vs' | 'log'>,
  id: CommandId,
  run: (node?: ViewNode, selected?: readonly ViewNode[]) => Promise<void> | void,
): vscode.Disposable {
  const { vs, log } = ui;
  return vs.commands.registerCommand(id, async (node?: ViewNode, selected?: readonly ViewNode[]) => {
    log.debug(`${id}: started`);
    try {
      if (node === undefined) await leaveWalkthrough(vs);
      await run(node, selected);
      log.debug(`${id}: done`);
    } catch (error) {
      if (isAbort(error)) log.debug(`${id}: cancelled`);
      else await reportError(ui, id, error);
    }
  });
}

/**
 * A walkthrough gets the keyboard back when the palette closes. The Enter that is let go there chooses its step, which
 * takes the keyboard 250 ms later, also from a question (VS Code, gettingStarted.ts, `selectStep`). A tab of the editor's own,
 * as a walkthrough is, has no input (VS Code API, Tab.input).
 */
async function leaveWalkthrough({ window, commands }: typeof vscode): Promise<void> {
  const { activeTab } = window.tabGroups.activeTabGroup;
  if (!activeTab || activeTab.input !== undefined) return;
  await commands.executeCommand('mediaBatch.pipeline.focus' satisfies `${ViewId}.focus`);
  await sleep(STEP_TAKES_KEYBOARD_MS);
}

async function reportError(
  { vs, log }: Pick<EditorContext, 'vs' | 'log'>,
  id: CommandId,
  error: unknown,
): Promise<void> {
  const { t } = vs.l10n;
  log.error(`${id}: ${describe(error)}`);
  const showLog = t('Show Log');
  const openSettings = t('Open Settings');
  const setting =
    error instanceof InvalidInputError && error.field.startsWith('mediaBatch.') ? error.field : undefined;
  const choice = await vs.window.showErrorMessage(
    plainText(messageFor(vs, error)),
    ...(setting ? [openSettings] : []),
    showLog,
  );
  if (choice === showLog) log.show();
  if (choice === openSettings) {
    // A remote machine has its own settings page.
    const page = vs.env.remoteName ? 'openRemoteSettings' : 'openSettings';
    await vs.commands.executeCommand(`workbench.action.${page}`, { query: setting });
  }
}

/** @returns text from AWS or a file for a message, in which `[text](command:…)` does not become a link */
export function plainText(text: string): string {
  return text.replaceAll('](', '] (');
}

/** @returns lines for the log: our own errors with their causes, unexpected errors with their stack too */
function describe(error: unknown): string {
  const lines = [
    error instanceof Error && !(error instanceof MediaBatchError)
      ? (error.stack ?? messageOf(error))
      : messageOf(error),
  ];
  let cause = error instanceof Error ? error.cause : undefined;
  for (let depth = 0; cause !== undefined && depth < MAX_CAUSES; depth += 1) {
    lines.push(`caused by ${cause instanceof Error ? `${cause.name}: ` : ''}${messageOf(cause)}`);
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return lines.join('\n  ');
}

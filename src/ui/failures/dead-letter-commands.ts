import type * as vscode from 'vscode';
import type { DeadLetter } from '../../app/batch/dead-letters.ts';
import { InvalidInputError } from '../../core/errors.ts';
import type { FailureData } from './failure-rows.ts';
import type { ViewNode } from '../base/node.ts';

/** "Show Dead Letters": brings the view to the front. */
export async function showDeadLettersCommand({ vs }: { vs: typeof vscode }): Promise<void> {
  await vs.commands.executeCommand('mediaBatch.deadLetters.focus');
}

/** "Open Dead Letter": shows the message with its reason as a read-only document. */
export async function openDeadLetterCommand(
  { vs }: { vs: typeof vscode },
  documents: { openLetter(letter: DeadLetter): Promise<void> },
  node?: ViewNode,
): Promise<void> {
  const data = node?.data as Partial<FailureData> | undefined;
  if (!data?.letter) {
    throw new InvalidInputError('letter', vs.l10n.t('Choose a dead letter in the Failures view first.'));
  }
  await documents.openLetter(data.letter);
}

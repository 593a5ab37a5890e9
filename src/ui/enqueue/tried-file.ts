import type * as vscode from 'vscode';
import type { Trial, TriedFile } from '../../app/batch/trial.ts';
import type { CommandId } from '../base/command-ids.ts';
import type { ViewNode } from '../base/node.ts';
import { pickText } from '../base/pick-text.ts';
import { BACK, pickOne, type StepFrame } from '../base/wizard.ts';

/**
 * Opens the output or the result of a file that was tried.
 * @throws AbortError on Escape
 */
export async function openTried(
  { vs }: { readonly vs: typeof vscode },
  frame: StepFrame,
  { key, item }: TriedFile,
  { batch, bucket }: Trial,
): Promise<void> {
  const { t } = vs.l10n;
  const choices: (vscode.QuickPickItem & { readonly id: CommandId })[] = [
    ...(item?.output_url === undefined
      ? []
      : [
          {
            label: t('$(link-external) Open Output'),
            description: pickText(item.output_url),
            id: 'mediaBatch.openOutput' as const,
          },
        ]),
    { label: t('$(json) Open Result'), description: t('with its history'), id: 'mediaBatch.openResult' },
  ];
  const choice = await pickOne(vs, frame, { placeHolder: pickText(key), items: choices });
  if (choice === BACK) return;
  const data = { item: item ?? { batch, bucket, key }, value: key };
  const row: ViewNode = { id: key, label: key, tokens: [], data };
  await vs.commands.executeCommand(choice.id, row);
}

import type * as vscode from 'vscode';
import type { ResourceChange } from '../core/ports.ts';
import { plainText } from './register-command.ts';
import { connectionLine, type Session } from './session.ts';

/** Resources that hold something: replacing one loses it. */
const STATEFUL = /^AWS::(DynamoDB::Table|SQS::Queue|SecretsManager::Secret|Logs::LogGroup)$/;

/**
 * Shows what a change set would do and asks for consent.
 * @param changes one entry per resource
 * @param create true for a new stack
 * @returns true to go on
 */
export async function reviewChanges(
  vs: typeof vscode,
  session: Session,
  stackName: string,
  changes: readonly ResourceChange[],
  create: boolean,
): Promise<boolean> {
  const { t } = vs.l10n;
  const atRisk = changes.filter(losesData);
  const deploy = t('Deploy');
  const question = create ? t('Create the stack "{0}"?', stackName) : t('Update the stack "{0}"?', stackName);
  const detail = [connectionLine(vs, session), '', ...changeLines(vs, changes)];
  if (atRisk.length > 0) {
    detail.push(
      '',
      t('What these hold may be lost:'),
      ...atRisk.map(({ logicalId, type }) => `${logicalId} (${type})`),
    );
  }
  const options = { modal: true, detail: detail.join('\n') };
  const choice =
    atRisk.length > 0
      ? await vs.window.showWarningMessage(plainText(question), options, deploy)
      : await vs.window.showInformationMessage(plainText(question), options, deploy);
  return choice === deploy;
}

function changeLines(vs: typeof vscode, changes: readonly ResourceChange[]): string[] {
  const { t } = vs.l10n;
  const count = (...actions: ResourceChange['action'][]): number =>
    changes.filter(({ action }) => actions.includes(action)).length;
  const replaced = changes.filter(isReplaced).length;
  const roles = changes.some(({ action, type }) => action !== 'Remove' && type === 'AWS::IAM::Role');
  return [
    t(
      'Resources: {0} to add, {1} to change, {2} to remove',
      count('Add', 'Import'),
      count('Modify', 'Dynamic'),
      count('Remove'),
    ),
    ...(replaced > 0 ? [t('Replaced by new ones, or may be: {0}', replaced)] : []),
    ...(roles ? [t('Its functions get IAM roles of their own.')] : []),
  ];
}

function isReplaced({ replacement }: ResourceChange): boolean {
  return replacement === 'True' || replacement === 'Conditional';
}

function losesData(change: ResourceChange): boolean {
  return STATEFUL.test(change.type) && (change.action === 'Remove' || isReplaced(change));
}

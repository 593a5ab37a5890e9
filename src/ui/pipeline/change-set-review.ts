import type * as vscode from 'vscode';
import type { ResourceChange } from '../../core/stack/stack-service.ts';
import { changeWords, type ChangeWords } from './change-set-words.ts';
import { visibleText } from '../../core/visible-text.ts';
import { askItem } from '../base/ask.ts';
import { plainText } from '../base/register-command.ts';
import { readSettings } from '../base/settings.ts';
import { connectionLine, type Session } from '../connection/session.ts';

const SCHEME = 'media-batch-changes';
/** How many names of each kind of change the question shows. The details show all of them. */
const MAX_NAMES = 6;

/**
 * Shows what a change set would do and asks whether to deploy it.
 * @param changes one entry per resource
 * @param create true for a new stack
 * @param pauses true where dispatch is paused during the update
 * @returns true to deploy
 * @throws AbortError on Escape in the question that is shown with the details
 */
export async function reviewChanges(
  vs: typeof vscode,
  session: Session,
  stackName: string,
  changes: readonly ResourceChange[],
  create: boolean,
  pauses = false,
): Promise<boolean> {
  const { t } = vs.l10n;
  const words = changeWords(vs, changes);
  const where = connectionLine(vs, session);
  const question = create ? t('Create the stack "{0}"?', stackName) : t('Update the stack "{0}"?', stackName);
  const deploy = t('Deploy');
  const details = t('Show Details');
  const pause = t(
    'The stack has an older template: dispatch is paused during the update and resumed after it.',
  );
  const { templateFile } = readSettings(vs);
  const ofFile =
    templateFile === undefined ? [] : [t('Template: your file {0}', visibleText(templateFile, 200))];
  const lines = [...ofFile, ...modalLines(vs, words, create), ...(pauses ? ['', pause] : [])];
  const options = { modal: true, detail: plainText([where, ...lines].join('\n')) };
  const choice =
    words.atRisk.length > 0
      ? await vs.window.showWarningMessage(question, options, deploy, details)
      : await vs.window.showInformationMessage(question, options, deploy, details);
  if (choice !== details) return choice === deploy;
  const text = [question, where, ...ofFile, ...documentLines(vs, words)].join('\n');
  return withDocument(vs, t('Change set of {0}', stackName), text, async () => {
    // A modal would cover the document. A pick stays open above it while the user reads.
    const yes = { label: deploy };
    const no = { label: t("Don't Deploy"), description: t('leaves everything as it is') };
    const placeHolder = words.atRisk.length > 0 ? t('Data is at risk: see the details') : words.summary;
    // When data is at risk, pressing Enter alone does not deploy.
    const items = words.atRisk.length > 0 ? [no, yes] : [yes, no];
    return (await askItem(vs, items, { title: question, placeHolder })) === yes;
  });
}

function modalLines(vs: typeof vscode, words: ChangeWords, create: boolean): string[] {
  const { t } = vs.l10n;
  const { summary, atRisk, groups, changesRoles } = words;
  // In a new stack every resource is new, so we do not list their names.
  const named = create ? [] : groups;
  return [
    '',
    summary,
    ...(changesRoles ? [t('The stack creates or changes IAM roles for its functions.')] : []),
    ...(atRisk.length > 0 ? ['', t('The data in these may be lost:'), ...atRisk] : []),
    ...named.flatMap(({ title, lines }) => [
      '',
      `${title}: ${lines.length}`,
      ...lines.slice(0, MAX_NAMES),
      ...(lines.length > MAX_NAMES ? [t('… and {0} more', lines.length - MAX_NAMES)] : []),
    ]),
  ];
}

function documentLines({ l10n: { t } }: typeof vscode, words: ChangeWords): string[] {
  const section = (title: string, lines: readonly string[]): string[] => [
    '',
    `${title}: ${lines.length}`,
    ...lines.map((line) => `  ${line}`),
  ];
  return [
    '',
    words.summary,
    ...(words.changesRoles ? [t('The stack creates or changes IAM roles for its functions.')] : []),
    ...(words.atRisk.length > 0 ? section(t('Data at risk'), words.atRisk) : ['', t('No data is at risk.')]),
    ...words.groups.flatMap(({ title, lines }) => section(title, lines)),
    '',
  ];
}

/** Shows a read-only document while `work` runs. The document stays open afterwards. */
async function withDocument<Result>(
  vs: typeof vscode,
  name: string,
  text: string,
  work: () => Promise<Result>,
): Promise<Result> {
  const registration = vs.workspace.registerTextDocumentContentProvider(SCHEME, {
    provideTextDocumentContent: () => text,
  });
  try {
    // The query makes the address unique: the editor may still hold the document of an earlier change set.
    const uri = vs.Uri.from({ scheme: SCHEME, path: `/${name}`, query: Date.now().toString(36) });
    const document = await vs.workspace.openTextDocument(uri);
    await vs.window.showTextDocument(document, { preview: true });
    return await work();
  } finally {
    registration.dispose();
  }
}

import type * as vscode from 'vscode';
import { AwsError, isAbort, messageOf } from '../../core/errors.ts';
import type { StackSummary } from '../../core/stack/stack-service.ts';
import { visibleText } from '../../core/visible-text.ts';
import { connectionLine, type Session } from './session.ts';
import { isStackName, rememberSetting } from '../base/settings.ts';
import type { ConnectionContext } from './connection-context.ts';
import { BACK, inputText, pickOne, runWizard, type Step } from '../base/wizard.ts';

interface Choice {
  /** undefined: the user types the name */
  readonly name: string | undefined;
}

/**
 * "Select Stack…": one of the region's pipelines, or a typed name, for example where the right to list stacks is missing. The
 * choice is saved in the settings.
 * @throws AwsError for credentials, AbortError on Escape
 */
export async function selectStackCommand(
  ui: Pick<ConnectionContext, 'vs' | 'log' | 'connection'>,
): Promise<void> {
  const { vs } = ui;
  const { name } = await ui.connection.use(
    async (session) => {
      const stacks = await stacksOf(ui, session);
      return runWizard<Choice>(vs.l10n.t('Pipeline Stack'), { name: undefined }, [
        pickStep(vs, session, stacks),
        typeStep(vs, session),
      ]);
    },
    { ask: true },
  );
  if (name !== undefined) await rememberSetting(vs, 'stackName', name);
}

async function stacksOf(
  { vs, log }: Pick<ConnectionContext, 'vs' | 'log'>,
  { services }: Session,
): Promise<readonly StackSummary[]> {
  try {
    return await vs.window.withProgress(
      { location: vs.ProgressLocation.Window, title: vs.l10n.t('Media Batch: listing stacks') },
      () => services.stacks.list(),
    );
  } catch (error) {
    if (isAbort(error) || !(error instanceof AwsError) || !TYPED_INSTEAD.has(error.code)) throw error;
    log.info(`stacks are not listed: ${messageOf(error)}`);
    return [];
  }
}

/** Errors of the listing after which the user can still type a name. */
const TYPED_INSTEAD: ReadonlySet<string> = new Set(['missing-permission', 'unsupported', 'throttled']);

function pickStep(vs: typeof vscode, session: Session, stacks: readonly StackSummary[]): Step<Choice> {
  const { t } = vs.l10n;
  const listed = stacks.map(({ name, status }) => ({
    label: visibleText(name),
    description: [visibleText(status), ...(name === session.stackName ? [t('current')] : [])].join(' · '),
    name,
  }));
  return (_, frame) =>
    stacks.length === 0
      ? undefined
      : pickOne<vscode.QuickPickItem & Choice>(vs, frame, {
          placeHolder: connectionLine(vs, session),
          items: [...listed, { label: t('Another name…'), name: undefined }],
          active: listed.find(({ name }) => name === session.stackName),
        }).then((item) => (item === BACK ? BACK : { name: item.name }));
}

function typeStep(vs: typeof vscode, session: Session): Step<Choice> {
  const { t } = vs.l10n;
  return ({ name }, frame) =>
    name !== undefined
      ? undefined
      : inputText(vs, frame, {
          prompt: t("Name of the pipeline's stack. {0}", connectionLine(vs, session)),
          value: session.stackName,
          validate: (text) =>
            isStackName(text) ? undefined : t('Use letters, digits and hyphens, with a letter first.'),
        }).then((text) => (text === BACK ? BACK : { name: text }));
}

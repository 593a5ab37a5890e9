import type * as vscode from 'vscode';
import type { Failure } from '../../app/batch/failures.ts';
import { leaveOut, type LeaveOutProgress } from '../../app/batch/leave-out.ts';
import { findPipeline } from '../../app/stack/pipeline.ts';
import { NOTE_CHARACTERS, type LeftOut } from '../../core/batch/left-out.ts';
import type { Ledger } from '../../core/batch/ledger.ts';
import type { ResultItem } from '../../core/batch/result-item.ts';
import { AwsError } from '../../core/errors.ts';
import { callerName } from '../../core/stack/identity.ts';
import { askText } from '../base/ask.ts';
import { formatCount } from '../base/format.ts';
import { messageFor } from '../base/message-for.ts';
import type { ViewNode } from '../base/node.ts';
import { plainText } from '../base/register-command.ts';
import { withCancel } from '../base/with-cancel.ts';
import type { Session } from '../connection/session.ts';
import { withSessionToWrite } from '../connection/with-session.ts';
import type { ScopeContext } from '../watch/scope-context.ts';
import type { StackScope } from '../watch/stack-scope.ts';
import { askOfCause, askOfFiles } from './ask-failures.ts';
import { failuresOf } from './failure-commands.ts';
import { filesWords } from './failure-words.ts';
import type { FailuresView } from './failures-view.ts';

type View = Pick<FailuresView, 'all' | 'changed'>;

/** How a change of some files ended; a cancel is not an error. */
interface Ended {
  readonly wanted: number;
  readonly progress: LeaveOutProgress;
  readonly error: AwsError | undefined;
}

/**
 * "Leave Out…": takes failed and dead files out of the failures, with a note that says why.
 * @param node the row; absent: asks for a cause and its files. `selected` has all selected rows
 * @throws DeployError as `findPipeline`, AwsError, AbortError on Escape
 */
export async function leaveOutCommand(
  ui: ScopeContext,
  view: View,
  node?: ViewNode,
  selected?: readonly ViewNode[],
): Promise<void> {
  const { vs } = ui;
  const { t } = vs.l10n;
  const end = await withSessionToWrite(ui, async (session) => {
    const place = await placeOf(ui, session);
    const failures = node
      ? failuresOf(vs, node, selected)
      : await askOfCause(vs, (await view.all()).groups ?? [], t('Leave Out'));
    const items = failures.flatMap(({ item, leftOut }) => (item && !leftOut ? item : []));
    if (items.length === 0) return undefined;
    const letters = failures.filter(({ item }) => !item).length;
    const note = await askNote(vs, items.length, letters);
    const { arn } = await session.services.identity.caller();
    const mark = { at: new Date().toISOString(), by: callerName(arn), note };
    return change(ui, place, view, { items, mark });
  });
  if (!end) {
    const nothing = t(
      'There is no file to leave out: these are left out already, or the results table does not know them.',
    );
    await vs.window.showInformationMessage(nothing);
    return;
  }
  const { done } = end.progress;
  const back = t('Take In Again');
  if ((await tell(vs, end, t('{0} left out.', filesWords(vs, done.length)), back)) === back) {
    await takeIn(ui, view, () => Promise.resolve(done));
  }
}

/**
 * "Take In Again": takes files that were left out back among the failures.
 * @param node the row; absent: asks. `selected` has all selected rows
 * @throws as `leaveOutCommand`
 */
export function takeInCommand(
  ui: ScopeContext,
  view: View,
  node?: ViewNode,
  selected?: readonly ViewNode[],
): Promise<void> {
  const { vs } = ui;
  return takeIn(ui, view, async () => {
    const failures = node
      ? failuresOf(vs, node, selected)
      : await askOfFiles(vs, (await view.all()).leftOut, vs.l10n.t('Take In Again'));
    return failures.flatMap(({ item, leftOut }: Failure) => (item && leftOut ? item : []));
  });
}

async function takeIn(
  ui: ScopeContext,
  view: View,
  choose: () => Promise<readonly ResultItem[]>,
): Promise<void> {
  const { vs } = ui;
  const { t } = vs.l10n;
  const end = await withSessionToWrite(ui, async (session) => {
    const place = await placeOf(ui, session);
    const items = await choose();
    return items.length > 0 && change(ui, place, view, { items, mark: undefined });
  });
  if (end) await tell(vs, end, t('{0} taken in again.', filesWords(vs, end.progress.done.length)));
  else await vs.window.showInformationMessage(t('No file is left out.'));
}

function askNote(vs: typeof vscode, files: number, letters: number): Promise<string> {
  const { t } = vs.l10n;
  const unknown = t('{0} messages that the results table does not know stay.', formatCount(vs, letters));
  return askText(vs, {
    title: t('Leave Out {0}', filesWords(vs, files)),
    prompt: [
      t('Why? The note is for everybody who uses this stack.'),
      ...(letters > 0 ? [unknown] : []),
    ].join(' '),
    validate: (text) => {
      if (text === '') return t('Type a note, such as "not needed any more".');
      if (text.length <= NOTE_CHARACTERS) return undefined;
      return t('A note has at most {0} characters.', NOTE_CHARACTERS);
    },
  });
}

interface Wanted {
  readonly items: readonly ResultItem[];
  /** undefined takes them in again */
  readonly mark: LeftOut | undefined;
}

/** The user may choose another stack meanwhile: the files belong to this one. */
interface Place {
  readonly scope: StackScope;
  readonly ledger: Ledger;
}

async function placeOf({ scopes }: ScopeContext, { services, stackName }: Session): Promise<Place> {
  const scope = scopes.present;
  const { resultsTable } = await findPipeline(stackName, services.stacks);
  return { scope, ledger: services.ledgers.of(resultsTable) };
}

async function change(
  { vs, log, scopes }: ScopeContext,
  { scope, ledger }: Place,
  view: View,
  { items, mark }: Wanted,
): Promise<Ended> {
  const { t } = vs.l10n;
  const wanted = items.length;
  let progress: LeaveOutProgress = { done: [], changed: 0, refused: 0 };
  let error: AwsError | undefined;
  await withCancel(
    vs,
    mark ? t('Leaving files out') : t('Taking files in again'),
    async (shown, { signal }) => {
      const onProgress = (now: LeaveOutProgress): void => {
        progress = now;
        shown.report({
          message: t('{0} of {1}', formatCount(vs, now.done.length), formatCount(vs, wanted)),
        });
      };
      try {
        await leaveOut(items, mark, { ledger, signal, onProgress });
      } catch (failure) {
        // What has been done is news, too.
        if (!(failure instanceof AwsError)) throw failure;
        error = failure;
      }
    },
  );
  log.info(`${mark ? 'leave out' : 'take in'}: ${progress.done.length} of ${wanted} files`);
  if (scope === scopes.present) await view.changed(progress.done);
  return { wanted, progress, error };
}

/** @returns the button that was pressed */
async function tell(
  vs: typeof vscode,
  { wanted, progress, error }: Ended,
  outcome: string,
  button?: string,
): Promise<string | undefined> {
  const { t } = vs.l10n;
  const { done, changed, refused } = progress;
  const left = wanted - done.length - changed - refused;
  const number = (count: number): string => formatCount(vs, count);
  const text = [
    outcome,
    ...(changed > 0 ? [t('{0} had changed meanwhile and stay as they are.', number(changed))] : []),
    ...(refused > 0 ? [t('{0} could not be read or changed; try again.', number(refused))] : []),
    ...(left > 0 ? [t('{0} were not reached and stay as they are.', number(left))] : []),
    ...(error ? [messageFor(vs, error)] : []),
  ].join(' ');
  const buttons = button !== undefined && done.length > 0 ? [button] : [];
  return error
    ? vs.window.showErrorMessage(plainText(text), ...buttons)
    : vs.window.showInformationMessage(plainText(text), ...buttons);
}

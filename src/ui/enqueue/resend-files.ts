import type * as vscode from 'vscode';
import { sum } from '../../app/batch/batch-progress.ts';
import { findLeftFiles, resendFiles, type LeftFiles } from '../../app/batch/resend-files.ts';
import { findPipeline } from '../../app/stack/pipeline.ts';
import { isAbort } from '../../core/errors.ts';
import type { StackOutputs } from '../../core/stack/stack-contract.ts';
import { visibleText } from '../../core/visible-text.ts';
import { cancelled } from '../base/ask.ts';
import { formatCount } from '../base/format.ts';
import type { ViewNode } from '../base/node.ts';
import { withCancel } from '../base/with-cancel.ts';
import type { BatchData } from '../batches/batch-rows.ts';
import { connectionLine, type Session } from '../connection/session.ts';
import { withSessionToWrite } from '../connection/with-session.ts';
import type { ScopeContext } from '../watch/scope-context.ts';

/** How a run ended; a cancel is not an error. */
interface Ended {
  readonly sent: number;
  readonly isStopped: boolean;
}

/**
 * "Send Dead Files Again…": sends dead and retrying files whose messages are gone again from their results, as after a
 * deploy over the table of a deleted stack.
 * @param node one batch; absent: all batches
 * @throws DeployError as `findPipeline`, MediaBatchError as `findLeftFiles`, AwsError, AbortError on Escape
 */
export async function resendFilesCommand(ui: ScopeContext, node?: ViewNode): Promise<void> {
  const { vs, scopes } = ui;
  const ended = await withSessionToWrite(ui, async (session) => {
    // The user may choose another stack meanwhile: the files go to this one.
    const scope = scopes.present;
    const { services, stackName } = session;
    const pipeline = await findPipeline(stackName, services.stacks);
    const batch = (node?.data as Partial<BatchData> | undefined)?.batch;
    const left = await findLeftFiles(pipeline, services, { batch });
    await confirm(vs, session, left);
    try {
      return await send(ui, session, pipeline, left);
    } finally {
      scope.enqueued();
    }
  });
  ui.log.info(`send dead files again: ${ended.sent} sent${ended.isStopped ? ', stopped' : ''}`);
  await vs.window.showInformationMessage(outcomeWords(vs, ended));
}

async function confirm(vs: typeof vscode, session: Session, left: readonly LeftFiles[]): Promise<void> {
  const { t } = vs.l10n;
  const go = t('Send Again');
  const [dead, retrying] = [sum(left.map((each) => each.dead)), sum(left.map((each) => each.retrying))];
  const leftOut = sum(left.map((each) => each.leftOut));
  const [first, ...others] = left;
  const detail = [
    connectionLine(vs, session),
    others.length === 0
      ? t('Batch {0}', visibleText(first?.batch ?? '', 100))
      : t('{0} batches', formatCount(vs, left.length)),
    t('{0} dead, {1} waiting for another attempt', formatCount(vs, dead), formatCount(vs, retrying)),
    ...(leftOut > 0 ? [t('{0} left out by hand are not sent.', formatCount(vs, leftOut))] : []),
    '',
    t(
      'Their messages are gone, with a deleted stack or after 14 days. Each file is sent again from its result, as a redrive would. Fix the cause first, or they die again.',
    ),
    t(
      'Files that another batch has done end as covered and cost nothing, and one that may have a job is looked up first. Ittybit charges for the others, once each.',
    ),
  ].join('\n');
  const count = dead + retrying;
  const question = count === 1 ? t('Send 1 file again?') : t('Send {0} files again?', formatCount(vs, count));
  if ((await vs.window.showWarningMessage(question, { modal: true, detail }, go)) !== go) throw cancelled();
}

async function send(
  { vs }: Pick<ScopeContext, 'vs'>,
  { services }: Session,
  pipeline: StackOutputs,
  left: readonly LeftFiles[],
): Promise<Ended> {
  const { t } = vs.l10n;
  let sent = 0;
  return withCancel(vs, t('Sending dead files again'), async (notification, { signal }) => {
    const onProgress = (now: number): void => {
      sent = now;
      notification.report({ message: t('{0} sent', formatCount(vs, now)) });
    };
    try {
      return { sent: await resendFiles(left, pipeline, services, { signal, onProgress }), isStopped: false };
    } catch (error) {
      if (isAbort(error) && signal.aborted) return { sent, isStopped: true };
      throw error;
    }
  });
}

function outcomeWords(vs: typeof vscode, { sent, isStopped }: Ended): string {
  const { t } = vs.l10n;
  const count = formatCount(vs, sent);
  if (isStopped)
    return t('Stopped after {0} files, which stay sent. Run it again to send the others.', count);
  return sent === 1 ? t('1 file is in the queue again.') : t('{0} files are in the queue again.', count);
}

import type * as vscode from 'vscode';
import { groupFailures } from '../../app/batch/failure-groups.ts';
import { planRetry, retryFiles, type RetryPlan, type RetryProgress } from '../../app/batch/retry-files.ts';
import { inSlices } from '../../app/in-slices.ts';
import { findPipeline } from '../../app/stack/pipeline.ts';
import type { BatchCounts } from '../../app/batch/failed-files.ts';
import { failureOfItem, type Failure } from '../../app/batch/failures.ts';
import { AwsError, MediaBatchError } from '../../core/errors.ts';
import type { BatchFile } from '../../core/files/batch-file.ts';
import type { StackOutputs } from '../../core/stack/stack-contract.ts';
import { cancelled } from '../base/ask.ts';
import { formatCount } from '../base/format.ts';
import { messageFor } from '../base/message-for.ts';
import type { ViewNode } from '../base/node.ts';
import { plainText } from '../base/register-command.ts';
import { withCancel } from '../base/with-cancel.ts';
import { connectionLine, type Session } from '../connection/session.ts';
import { withSessionToWrite } from '../connection/with-session.ts';
import type { ScopeContext } from '../watch/scope-context.ts';
import { failuresOf } from './failure-commands.ts';
import type { FailuresView } from './failures-view.ts';
import { doneWords, planLines, retryQuestion, type RetryEnd } from './retry-words.ts';
import { causeLabel } from './failure-words.ts';
import { tellSent } from './tell-sent.ts';

/** How many causes the question names at most. */
const TOP_CAUSES = 3;

type View = Pick<FailuresView, 'all' | 'counts'>;

/** What is to be retried, and how many there are in all. */
interface Wanted {
  readonly failures: readonly Failure[];
  readonly total: number;
  /** beside them, left out by hand */
  readonly leftOut: number;
  /** of their batches, which say what is cancelled */
  readonly counts: BatchCounts;
}

/** "Retry All…": as "Retry…", for every failure that the view has read. */
export function retryAllCommand(ui: ScopeContext, view: View): Promise<void> {
  return retry(ui, async () => {
    const { failures, total, leftOut } = await view.all();
    return { failures, total, leftOut: leftOut.length, counts: view.counts };
  });
}

/**
 * "Retry…": sends files again, after a question that says how many new paid jobs that makes.
 * @param node a row of the Failures view, where `selected` has all selected rows; or an object of the Buckets view
 * @throws DeployError as `findPipeline`, MediaBatchError for a stack that would lose a message, InvalidInputError without a
 * row, AwsError, AbortError on Escape
 */
export function retryFilesCommand(
  ui: ScopeContext,
  view: View,
  node?: ViewNode,
  selected?: readonly ViewNode[],
): Promise<void> {
  const { result } = (node?.data ?? {}) as { readonly result?: BatchFile };
  if (result) return retry(ui, (session, pipeline) => readWanted(session, pipeline, result));
  return retry(ui, () => {
    const failures = failuresOf(ui.vs, node, selected);
    return Promise.resolve({ failures, total: failures.length, leftOut: 0, counts: view.counts });
  });
}

/** An object's row may be old: the file and its batch are read now. */
async function readWanted(
  { services: { batches } }: Session,
  { resultsTable }: StackOutputs,
  file: BatchFile,
): Promise<Wanted> {
  const [item, record] = await Promise.all([
    batches.result(resultsTable, file),
    batches.read(resultsTable, file.batch),
  ]);
  const isRetriable = item?.status === 'failed' || item?.status === 'dead';
  const failures = isRetriable ? [failureOfItem(item)] : [];
  return { failures, total: failures.length, leftOut: 0, counts: new Map([[file.batch, record]]) };
}

async function retry(
  ui: ScopeContext,
  read: (session: Session, pipeline: StackOutputs) => Promise<Wanted>,
): Promise<void> {
  const { vs, log, scopes } = ui;
  const { t } = vs.l10n;
  const end = await withSessionToWrite(ui, async (session) => {
    // The user may choose another stack meanwhile: the files belong to this one.
    const scope = scopes.present;
    const pipeline = await findPipeline(session.stackName, session.services.stacks);
    mustHeal(vs, pipeline);
    const wanted = await read(session, pipeline);
    const plan = planRetry(wanted.failures, wanted.counts);
    if (plan.items.length === 0) return undefined;
    const payAgain = await confirm(vs, session, wanted, plan);
    try {
      return { scope, ...(await run(vs, session, pipeline, plan, payAgain)) };
    } finally {
      scope.redriven();
    }
  });
  if (!end) {
    await vs.window.showInformationMessage(t('There is no failed or dead file to retry.'));
    return;
  }
  const { scope, progress, error } = end;
  log.info(`retry: ${progress.sent} sent, ${progress.paid} of them as new runs`);
  // A message may stay on screen for hours: the connection is released before it.
  const outcome = doneWords(vs, end);
  if (error) await vs.window.showErrorMessage(plainText(`${outcome} ${messageFor(vs, error)}`));
  else if (progress.sent === 0) await vs.window.showInformationMessage(outcome);
  else await tellSent(vs, scopes, scope, outcome);
}

/** A message that is lost after its item was written is sent by the reconciler. */
function mustHeal({ l10n: { t } }: typeof vscode, { reconcilerFunction }: StackOutputs): void {
  if (reconcilerFunction !== undefined) return;
  throw new MediaBatchError(
    'unsupported',
    t(
      'The functions of this stack cannot retry single files: run "Deploy Pipeline…" to update it first. "Redrive All…" sends every dead letter.',
    ),
  );
}

/** @returns true where files of which Ittybit cannot tell are to be paid again */
async function confirm(
  vs: typeof vscode,
  session: Session,
  { failures, total, leftOut }: Wanted,
  plan: RetryPlan,
): Promise<boolean> {
  const { t } = vs.l10n;
  const go = t('Retry');
  const payAgain = t('Retry and Pay Again');
  const groups = await inSlices(groupFailures(failures.filter(({ item }) => item)));
  const causes = groups.slice(0, TOP_CAUSES);
  const detail = [
    ...[connectionLine(vs, session), ''],
    ...(total > failures.length
      ? [t('These are the newest of {0}: the view reads on with "Load more".', formatCount(vs, total))]
      : []),
    ...planLines(vs, plan),
    ...(leftOut > 0 ? [t('Left out by hand: {0}, which stay as they are.', formatCount(vs, leftOut))] : []),
    ...['', t('Why they failed:')],
    ...causes.map((group) => `${formatCount(vs, group.failures.length)} × ${causeLabel(vs, group, 120)}`),
    ...['', t('Fix the cause first, or they come back.')],
  ].join('\n');
  const question = retryQuestion(vs, plan);
  const buttons = plan.cannotTell > 0 ? [go, payAgain] : [go];
  const choice = await vs.window.showWarningMessage(question, { modal: true, detail }, ...buttons);
  if (choice !== go && choice !== payAgain) throw cancelled();
  return choice === payAgain;
}

function run(
  vs: typeof vscode,
  { services }: Session,
  pipeline: StackOutputs,
  { items }: RetryPlan,
  payAgain: boolean,
): Promise<RetryEnd> {
  const { t } = vs.l10n;
  const wanted = items.length;
  return withCancel(vs, t('Retrying files'), async (notification, { signal }) => {
    let progress: RetryProgress = { sent: 0, paid: 0, changed: 0, refused: 0 };
    const onProgress = (now: RetryProgress): void => {
      progress = now;
      const [done, all] = [formatCount(vs, now.sent), formatCount(vs, wanted)];
      notification.report({ message: t('{0} of {1} sent', done, all) });
    };
    const parts = { ledger: services.ledgers.of(pipeline.resultsTable), queues: services.queues };
    try {
      await retryFiles(items, pipeline, parts, { payAgain, signal, onProgress });
      return { wanted, progress, isStopped: signal.aborted, error: undefined };
    } catch (error) {
      // What has been sent is news, too.
      if (error instanceof AwsError) return { wanted, progress, isStopped: true, error };
      throw error;
    }
  });
}

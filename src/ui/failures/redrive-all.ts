import type * as vscode from 'vscode';
import type { DeadLetterGroup } from '../../app/batch/dead-letter-groups.ts';
import { dispatchOf, inQueue } from '../../app/stack/pipeline-snapshot.ts';
import { findPipeline } from '../../app/stack/pipeline.ts';
import { MAX_REDRIVE_RATE, redriveAll, type RedriveResult } from '../../app/batch/redrive.ts';
import { inFlightOf } from '../../app/stack/tuning-presets.ts';
import { visibleText } from '../../core/visible-text.ts';
import { askItem, askText, cancelled } from '../base/ask.ts';
import type { CommandId } from '../base/command-ids.ts';
import { formatCount } from '../base/format.ts';
import { plainText } from '../base/register-command.ts';
import { connectionLine, type Session } from '../connection/session.ts';
import { withSessionToWrite } from '../connection/with-session.ts';
import type { ScopeContext } from '../watch/scope-context.ts';
import type { StackScope } from '../watch/stack-scope.ts';
import type { StackOutputs } from '../../core/stack/stack-contract.ts';

/** Reasons that the question names. */
const TOP_REASONS = 3;

/**
 * "Redrive All…": says what would go back and why it is there, asks for the rate, and follows the move. A cancel is no
 * error: what has moved stays moved.
 * @param reasons the groups as the Dead Letters view knows them, the largest first
 * @throws AbortError on Escape, DeployError as `findPipeline`, MediaBatchError `redrive-failed`, AwsError
 */
export async function redriveAllCommand(
  ui: ScopeContext,
  reasons: readonly DeadLetterGroup[],
): Promise<void> {
  const { vs, log, scopes } = ui;
  const { t } = vs.l10n;
  const end = await withSessionToWrite(ui, async (session) => {
    const { stackName, services } = session;
    // Another stack that is chosen meanwhile has nothing to do with it.
    const scope = scopes.present;
    const pipeline = await findPipeline(stackName, services.stacks);
    const about = inQueue(await services.queues.depth(pipeline.deadLetterQueueUrl));
    if (about === 0) return undefined;
    await confirm(vs, session, about, reasons);
    const perSecond = await askRate(vs, scope);
    return { scope, result: await move(ui, session, pipeline, perSecond) };
  });
  // A message may stay for hours: the connection is not held for it.
  if (!end) {
    await vs.window.showInformationMessage(t('There are no dead letters to redrive.'));
    return;
  }
  const { scope, result } = end;
  log.info(`redrive: about ${result.moved} moved by ${result.by}${result.cancelled ? ', cancelled' : ''}`);
  scope.redriven();
  await report(ui, scope, result);
}

async function confirm(
  vs: typeof vscode,
  session: Session,
  about: number,
  reasons: readonly DeadLetterGroup[],
): Promise<void> {
  const { t } = vs.l10n;
  const go = t('Continue');
  const top = reasons
    .slice(0, TOP_REASONS)
    .map(({ reason, letters }) => `${formatCount(vs, letters.length)} × ${visibleText(reason, 120)}`);
  const detail = [
    connectionLine(vs, session),
    '',
    ...(top.length > 0 ? [t('Why they are there:'), ...top, ''] : []),
    t(
      'Mend the cause first, or they come back. Each file keeps its idempotency key, so what was paid is not paid again.',
    ),
  ].join('\n');
  const question =
    about === 1
      ? t('Send about 1 dead letter back to the work queue?')
      : t('Send about {0} dead letters back to the work queue?', formatCount(vs, about));
  const choice = await vs.window.showWarningMessage(plainText(question), { modal: true, detail }, go);
  if (choice !== go) throw cancelled();
}

/** @returns messages a second; undefined leaves it to SQS */
async function askRate(vs: typeof vscode, { watch }: StackScope): Promise<number | undefined> {
  const { t } = vs.l10n;
  const title = t('Redrive All');
  const mapping = watch.last?.pipeline?.mapping;
  const suggested = mapping && Math.min(MAX_REDRIVE_RATE, inFlightOf(mapping));
  const free = { label: t('As fast as SQS chooses') };
  const paced = suggested !== undefined && {
    label: t('{0} messages a second', suggested),
    description: t('as many as are in flight at once'),
  };
  const other = { label: t('Another rate…') };
  const choice = await askItem(vs, [free, ...(paced ? [paced] : []), other], {
    title,
    placeHolder: t('How fast? The queue paces the files to Ittybit in any case.'),
  });
  if (choice === free) return undefined;
  if (choice === paced) return suggested;
  const text = await askText(vs, {
    title,
    prompt: t('Messages a second, 1 to {0}', MAX_REDRIVE_RATE),
    validateInput: (value) =>
      isRate(value) ? undefined : t('Type a whole number from 1 to {0}.', MAX_REDRIVE_RATE),
  });
  return Number(text);
}

function isRate(text: string): boolean {
  return /^\d{1,3}$/.test(text.trim()) && Number(text) >= 1 && Number(text) <= MAX_REDRIVE_RATE;
}

async function move(
  ui: ScopeContext,
  { services }: Session,
  pipeline: StackOutputs,
  perSecond: number | undefined,
): Promise<RedriveResult> {
  const { vs, contextKeys } = ui;
  const { t } = vs.l10n;
  contextKeys.set('mediaBatch.redriving', true);
  try {
    return await vs.window.withProgress(
      { location: vs.ProgressLocation.Notification, title: t('Redriving dead letters'), cancellable: true },
      async (progress, token) => {
        const controller = new AbortController();
        const listener = token.onCancellationRequested(() => {
          controller.abort();
          progress.report({ message: t('stopping…') });
        });
        try {
          return await redriveAll(pipeline, services.queues, {
            perSecond,
            signal: controller.signal,
            onProgress: (moved, about) => {
              progress.report({
                message:
                  about === undefined
                    ? t('about {0} moved', formatCount(vs, moved))
                    : t('about {0} of about {1} moved', formatCount(vs, moved), formatCount(vs, about)),
              });
            },
          });
        } finally {
          listener.dispose();
        }
      },
    );
  } finally {
    contextKeys.set('mediaBatch.redriving', false);
  }
}

async function report(
  { vs, scopes }: Pick<ScopeContext, 'vs' | 'scopes'>,
  scope: StackScope,
  { moved, by, cancelled }: RedriveResult,
): Promise<void> {
  const { t } = vs.l10n;
  // Our own mover counts exactly; the service only estimates.
  const count = by === 'mover' ? formatCount(vs, moved) : t('about {0}', formatCount(vs, moved));
  const outcome = cancelled
    ? t('The redrive was stopped: {0} went back to the work queue, the others are still dead letters.', count)
    : t('Redriven: {0} went back to the work queue.', count);
  // What is known of another account or stack, by now, says nothing about this redrive.
  const pipeline = scope === scopes.present ? scope.watch.last?.pipeline : undefined;
  const isPaused = pipeline !== undefined && /^paus/.test(dispatchOf(pipeline).state);
  if (!isPaused) {
    await vs.window.showInformationMessage(outcome);
    return;
  }
  const resume = t('Resume Dispatch');
  const waits = t('Dispatch is paused, so they wait there.');
  if ((await vs.window.showWarningMessage(`${outcome} ${waits}`, resume)) === resume) {
    await vs.commands.executeCommand('mediaBatch.resumeDispatch' satisfies CommandId);
  }
}

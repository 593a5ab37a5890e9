import type * as vscode from 'vscode';
import { attempt } from '../../app/attempt.ts';
import { messageOf } from '../../core/errors.ts';
import { findPipeline } from '../../app/stack/pipeline.ts';
import { MAX_REDRIVE_RATE, redriveAll, type RedriveResult } from '../../app/batch/redrive.ts';
import { inFlightOf } from '../../app/stack/tuning-presets.ts';
import { askItem, askText, cancelled } from '../base/ask.ts';
import { formatCount } from '../base/format.ts';
import { plainText } from '../base/register-command.ts';
import { withCancel } from '../base/with-cancel.ts';
import { connectionLine, type Session } from '../connection/session.ts';
import { withSessionToWrite } from '../connection/with-session.ts';
import type { ScopeContext } from '../watch/scope-context.ts';
import type { StackScope } from '../watch/stack-scope.ts';
import { causeLabel } from './failure-words.ts';
import type { AllFailures } from './failure-look.ts';
import type { FailuresView } from './failures-view.ts';
import { tellSent } from './tell-sent.ts';
import { inQueue } from '../../core/batch/queue-service.ts';
import type { StackOutputs } from '../../core/stack/stack-contract.ts';

/** How many reasons the question names at most. */
const TOP_REASONS = 3;

/**
 * "Redrive All…": says how many letters would go back and why they are there, asks for the rate, and follows the move. A
 * cancel is not an error: what has moved stays moved.
 * @param view reads the failures of the present stack
 * @throws AbortError on Escape, DeployError as `findPipeline`, MediaBatchError `redrive-failed`, AwsError
 */
export async function redriveAllCommand(ui: ScopeContext, view: Pick<FailuresView, 'all'>): Promise<void> {
  const { vs, log, scopes } = ui;
  const { t } = vs.l10n;
  const end = await withSessionToWrite(ui, async (session) => {
    const { stackName, services } = session;
    // The user may choose another stack meanwhile: the result belongs to this one.
    const scope = scopes.present;
    const pipeline = await findPipeline(stackName, services.stacks);
    const about = inQueue(await services.queues.depth(pipeline.deadLetterQueueUrl));
    if (about === 0) return undefined;
    // The question must know which letters were left out by hand: SQS moves them all.
    const { value: known, problem } = await attempt(() => view.all());
    if (problem !== undefined) log.warn(messageOf(problem));
    await confirm(vs, session, about, { known, pipeline });
    const perSecond = await askRate(vs, scope);
    return { scope, result: await move(ui, session, pipeline, perSecond) };
  });
  // A message may stay on screen for hours: we release the connection before it.
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
  { known, pipeline }: { known: AllFailures | undefined; pipeline: StackOutputs },
): Promise<void> {
  const { t } = vs.l10n;
  const go = t('Continue');
  const top = (known?.groups ?? [])
    .flatMap((group) => {
      // A failed job has no letter.
      const letters = group.failures.filter(({ kind }) => kind !== 'failed').length;
      return letters > 0 ? [{ group, letters }] : [];
    })
    .sort((a, b) => b.letters - a.letters)
    .slice(0, TOP_REASONS)
    .map(({ group, letters }) => `${formatCount(vs, letters)} × ${causeLabel(vs, group, 120)}`);
  const detail = [
    connectionLine(vs, session),
    '',
    ...(top.length > 0
      ? [t('Why they are there:'), ...top]
      : [t('Why they are there is not known: the Failures view says why it cannot be read.')]),
    ...leftOutLines(vs, known),
    '',
    t('Fix the cause first, or they come back.'),
    pipeline.reconcilerFunction === undefined
      ? t(
          'Files that were enqueued again meanwhile are paid again: run "Deploy Pipeline…" first, to update the stack.',
        )
      : t(
          'Files that another batch has done meanwhile end as covered and cost nothing. Ittybit charges for the others, once each.',
        ),
  ].join('\n');
  const question =
    about === 1
      ? t('Send about 1 dead letter back to the work queue?')
      : t('Send about {0} dead letters back to the work queue?', formatCount(vs, about));
  const choice = await vs.window.showWarningMessage(plainText(question), { modal: true, detail }, go);
  if (choice !== go) throw cancelled();
}

/** A redrive moves every letter, those of files that were left out by hand, too. */
function leftOutLines(vs: typeof vscode, known: AllFailures | undefined): string[] {
  const { t } = vs.l10n;
  if (!known) return ['', t('Files that were left out by hand may be among them: they are sent, too.')];
  const count = known.leftOut.filter(({ kind }) => kind !== 'failed').length;
  const rest = known.isPart ? t('More may be among those that the Failures view has not read.') : '';
  if (count === 0) return rest ? ['', t('None of those read is left out by hand.') + ' ' + rest] : [];
  const words = t(
    '{0} of them were left out by hand, and are sent, too: SQS moves every letter. "Retry All…" leaves them out.',
    formatCount(vs, count),
  );
  return ['', [words, rest].filter(Boolean).join(' ')];
}

/** @returns messages a second; undefined lets SQS choose */
async function askRate(vs: typeof vscode, { watch }: StackScope): Promise<number | undefined> {
  const { t } = vs.l10n;
  const title = t('Redrive All');
  const mapping = watch.last?.pipeline?.mapping;
  const suggested = mapping && Math.min(MAX_REDRIVE_RATE, inFlightOf(mapping));
  const free = { label: t('As fast as SQS chooses') };
  const paced = suggested !== undefined && {
    label: t('{0} messages a second', suggested),
    description: t('as many as run at Ittybit at once'),
  };
  const other = { label: t('Another rate…') };
  const choice = await askItem(vs, [free, ...(paced ? [paced] : []), other], {
    title,
    placeHolder: t('How fast? In any case, the queue paces the files that go to Ittybit.'),
  });
  if (choice === free) return undefined;
  if (choice === paced) return suggested;
  const text = await askText(vs, {
    title,
    prompt: t('Messages a second, 1 to {0}', MAX_REDRIVE_RATE),
    validate: (value) =>
      isRate(value) ? undefined : t('Type a whole number from 1 to {0}.', MAX_REDRIVE_RATE),
  });
  return Number(text);
}

function isRate(text: string): boolean {
  return /^\d{1,3}$/.test(text.trim()) && Number(text) >= 1 && Number(text) <= MAX_REDRIVE_RATE;
}

async function move(
  { vs, contextKeys }: Pick<ScopeContext, 'vs' | 'contextKeys'>,
  { services }: Session,
  pipeline: StackOutputs,
  perSecond: number | undefined,
): Promise<RedriveResult> {
  const { t } = vs.l10n;
  contextKeys.set('mediaBatch.redriving', true);
  try {
    return await withCancel(vs, t('Redriving dead letters'), (progress, { signal }) => {
      signal.addEventListener('abort', () => {
        progress.report({ message: t('stopping…') });
      });
      return redriveAll(pipeline, services.queues, {
        perSecond,
        signal,
        onProgress: (moved, about) => {
          progress.report({
            message:
              about === undefined
                ? t('about {0} moved', formatCount(vs, moved))
                : t('about {0} of about {1} moved', formatCount(vs, moved), formatCount(vs, about)),
          });
        },
      });
    });
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
  // Our own mover counts exactly; SQS only estimates.
  const count = by === 'mover' ? formatCount(vs, moved) : t('about {0}', formatCount(vs, moved));
  const outcome = cancelled
    ? t('The redrive was stopped: {0} went back to the work queue. The others are still dead letters.', count)
    : t('Redriven: {0} went back to the work queue.', count);
  await tellSent(vs, scopes, scope, outcome);
}

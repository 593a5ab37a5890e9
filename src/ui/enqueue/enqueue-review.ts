import type * as vscode from 'vscode';
import type { EnqueueRequest } from '../../app/batch/enqueue-prefix.ts';
import { NOTHING_READ, planEnqueue, type EnqueuePlan } from '../../app/batch/plan-enqueue.ts';
import { estimateBacklogSeconds } from '../../app/stack/tuning-presets.ts';
import { estimateAwsCost } from '../../core/stack/aws-prices.ts';
import { isAbort } from '../../core/errors.ts';
import { formatBytes } from '../../core/files/byte-size.ts';
import { prefixUri } from '../../core/files/s3-location.ts';
import type { StackOutputs } from '../../core/stack/stack-contract.ts';
import { cloudOffer } from './cloud-advice-row.ts';
import { earlierBatchRows } from './earlier-batch.ts';
import { isComplete, type CompleteForm, type EnqueueForm } from './enqueue-form.ts';
import { formatCount, formatDuration, formatRate } from '../base/format.ts';
import { pickText } from '../base/pick-text.ts';
import { connectionLine, type Session } from '../connection/session.ts';
import { confirmPayAgain, payAgainRows } from './pay-again.ts';
import { extensionRows, otherFormRows, planWarnings, segmentRows } from './plan-rows.ts';
import { sameOutputRows } from './same-output-rows.ts';
import { skipWords } from './skip-words.ts';
import type { BatchesContext } from '../batches/batches-context.ts';
import { withCancel } from '../base/with-cancel.ts';
import { BACK, pickOne, type Step, type StepFrame } from '../base/wizard.ts';
import { enqueueWarnings, readEnqueueFacts, type EnqueueFacts } from './enqueue-facts.ts';
import { filterOf } from './enqueue-files.ts';
import { jobWords } from './enqueue-job.ts';

type ReviewContext = Pick<BatchesContext, 'vs' | 'scopes' | 'memory'>;

type Action = 'enqueue' | 'cloud' | 'again' | 'back' | 'details';
type Row = vscode.QuickPickItem & { readonly action?: Action };

/** The last step: counts the files that would be sent, shows the time and the cost, and asks. It sends nothing. */
export function reviewStep(ui: ReviewContext, session: Session, pipeline: StackOutputs): Step<EnqueueForm> {
  return (form, frame) =>
    isComplete(form) && !form.edit ? review(ui, session, pipeline, form, frame) : undefined;
}

/** @returns the request for a form's answers */
export function requestOf(form: CompleteForm): EnqueueRequest {
  const { place, job, extensions, again } = form;
  return { ...place, job, extensions, filter: filterOf(form), again };
}

async function review(
  ui: ReviewContext,
  session: Session,
  pipeline: StackOutputs,
  form: CompleteForm,
  frame: StepFrame,
): Promise<EnqueueForm | typeof BACK> {
  const { vs } = ui;
  const request = requestOf(form);
  const [plan, facts] = await Promise.all([
    count(vs, session, pipeline, request),
    readEnqueueFacts(ui, session, pipeline),
  ]);
  const { filter = {} } = request;
  const warnings = [...enqueueWarnings(vs, facts), ...earlierBatchRows(vs, facts, form, filter)];
  const again = payAgainRows(vs, facts, form, filter);
  let details = false;
  for (;;) {
    const nothing = plan.files === 0 && !plan.truncated;
    const items = nothing
      ? nothingRows(vs, form, plan)
      : rows(vs, session, form, { plan, facts, warnings, again, details });
    const answer = await pickOne(vs, frame, {
      placeHolder: nothing
        ? vs.l10n.t('There is nothing to enqueue')
        : vs.l10n.t('Nothing has been sent yet. Enqueue?'),
      items,
      active: items.find(({ action }) => action !== undefined),
    });
    if (answer === BACK || answer.action === 'back') return BACK;
    if (answer.action === 'enqueue') return { ...form, plan };
    if (answer.action === 'cloud') return { ...form, plan, inCloud: true };
    if (answer.action === 'again' && (await confirmPayAgain(vs, session, plan)))
      return { ...form, plan, again: true };
    if (answer.action === 'details') details = true;
  }
}

/** The dry run. Cancel ends the counting, not the flow: the review then says "at least". */
async function count(
  vs: typeof vscode,
  { services }: Session,
  pipeline: StackOutputs,
  request: EnqueueRequest,
): Promise<EnqueuePlan> {
  const { t } = vs.l10n;
  let latest = NOTHING_READ;
  const title = t('Counting the files; nothing is sent. Cancel stops counting');
  return withCancel(vs, title, async (progress, { signal }) => {
    try {
      return await planEnqueue(request, pipeline, services, {
        signal,
        onProgress: (plan) => {
          latest = plan;
          const [files, listed] = [formatCount(vs, plan.files), formatCount(vs, plan.listed)];
          progress.report({ message: t('{0} files of {1} objects so far', files, listed) });
        },
      });
    } catch (error) {
      if (isAbort(error) && signal.aborted) return { ...latest, truncated: true };
      throw error;
    }
  });
}

interface Review {
  readonly plan: EnqueuePlan;
  readonly facts: EnqueueFacts;
  readonly warnings: readonly vscode.QuickPickItem[];
  readonly again: readonly Row[];
  readonly details: boolean;
}

function rows(
  vs: typeof vscode,
  session: Session,
  form: CompleteForm,
  { plan, facts, warnings, again, details }: Review,
): Row[] {
  const { t } = vs.l10n;
  const { place, job } = form;
  const { files, bytes, listed, samples, truncated } = plan;
  const number = formatCount(vs, files);
  const skipped = skipWords(vs, plan.skipped);
  const uri = pickText(prefixUri(place));
  const of = truncated
    ? t('of the first {0} objects under {1}; counting was stopped', formatCount(vs, listed), uri)
    : t('of {0} objects under {1}', formatCount(vs, listed), uri);
  const seconds = backlogSeconds(plan, facts);
  const isTooLong = seconds !== undefined && seconds > MAX_BACKLOG_SECONDS;
  const offer = cloudOffer(vs, plan, seconds);
  const enqueue: Row = {
    label: truncated
      ? t('$(run-all) Enqueue at least {0} files', number)
      : files === 1
        ? t('$(run-all) Enqueue 1 file')
        : t('$(run-all) Enqueue {0} files', number),
    description: formatBytes(bytes),
    detail: skipped === '' ? of : `${of} (${t('skipped: {0}', skipped)})`,
    action: 'enqueue',
  };
  return [
    ...warnings,
    ...sameOutputRows(vs, plan),
    ...planWarnings(vs, plan, place, seconds, Date.now()),
    ...(offer && offer.advice !== 'suggested' ? [offer.row] : []),
    isTooLong ? tooLongRow(vs, number, seconds) : enqueue,
    ...(offer?.advice === 'suggested' ? [offer.row] : []),
    timeRow(vs, plan, facts),
    {
      label: t('$(credit-card) AWS: {0}', costWords(vs, estimateAwsCost(files), truncated)),
      description: t('at list prices; Ittybit charges each file on top'),
    },
    ...(isTooLong ? [] : again),
    {
      label: `$(gear) ${jobWords(job)}`,
      description: job.output === undefined ? t('to Ittybit’s storage') : pickText(job.output),
    },
    { label: `$(cloud) ${session.stackName}`, description: pickText(connectionLine(vs, session)) },
    ...(details
      ? [...extensionRows(vs, plan), ...samples.map((key) => ({ label: `$(file) ${pickText(key)}` }))]
      : samples.length > 0
        ? [{ label: t('$(list-unordered) Show Details'), action: 'details' as const }]
        : []),
  ];
}

/** The queue deletes a file after 14 days. A rate that sinks, or a pause, must leave room. */
const MAX_BACKLOG_SECONDS = 10 * 86_400;

/** In place of the offer: files whose turn comes too late would be deleted by the queue. */
function tooLongRow(vs: typeof vscode, number: string, seconds: number): Row {
  const { t } = vs.l10n;
  return {
    label: t('$(error) {0} files are too many at once: {1}', number, formatDuration(vs, seconds)),
    detail: t(
      'The queue deletes a file after 14 days, so at most 10 days of work may wait in it. Tune the throughput, or go back and enqueue a part.',
    ),
    action: 'back',
  };
}

/** @returns how long the files take, with those in the queue: at the measured rate, or else at the stack's tuning */
function backlogSeconds({ files }: EnqueuePlan, facts: EnqueueFacts): number | undefined {
  const { measured = 0, mapping, waiting = 0 } = facts;
  if (measured > 0) return (files + waiting) / measured;
  return mapping && estimateBacklogSeconds(files + waiting, mapping);
}

function timeRow(vs: typeof vscode, plan: EnqueuePlan, facts: EnqueueFacts): Row {
  const { t } = vs.l10n;
  const { truncated } = plan;
  const { measured = 0, waiting = 0 } = facts;
  const seconds = backlogSeconds(plan, facts);
  if (seconds === undefined) return { label: t('$(clock) time unknown') };
  const duration = formatDuration(vs, seconds);
  const before = waiting > 0 ? t(', after the {0} files that wait already', formatCount(vs, waiting)) : '';
  const how =
    measured > 0
      ? t('at the present rate (about {0})', formatRate(vs, measured))
      : t('at the present tuning; longer if your Ittybit plan is slower');
  return {
    label: `$(clock) ${truncated ? t('at least {0}', duration) : seconds < 60 ? duration : t('about {0}', duration)}`,
    description: `${how}${before}`,
  };
}

function nothingRows(vs: typeof vscode, { place }: CompleteForm, plan: EnqueuePlan): Row[] {
  const { t } = vs.l10n;
  const { listed, skipped } = plan;
  const uri = pickText(prefixUri(place));
  return [
    {
      label: t('$(arrow-left) Change the Answers'),
      detail:
        listed === 0
          ? t('There is nothing under {0}: the prefix is case-sensitive.', uri)
          : t(
              'Nothing to enqueue among the {0} objects under {1}: {2}.',
              formatCount(vs, listed),
              uri,
              skipWords(vs, skipped),
            ),
      action: 'back',
    },
    ...otherFormRows(vs, plan, place),
    ...segmentRows(vs, plan),
  ];
}

function costWords(vs: typeof vscode, amount: number, atLeast: boolean): string {
  const { t } = vs.l10n;
  const dollars = (value: number): string =>
    value.toLocaleString(vs.env.language, { style: 'currency', currency: 'USD' });
  if (atLeast) return t('at least {0}', dollars(amount));
  return amount < 0.01 ? t('less than {0}', dollars(0.01)) : t('about {0}', dollars(amount));
}

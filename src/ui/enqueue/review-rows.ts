import type * as vscode from 'vscode';
import type { EnqueuePlan } from '../../app/batch/plan-enqueue.ts';
import { formatBytes } from '../../core/files/byte-size.ts';
import { prefixUri } from '../../core/files/s3-location.ts';
import { outputFor } from '../../core/ittybit/job-options.ts';
import { visibleText } from '../../core/visible-text.ts';
import { formatCount, formatDuration } from '../base/format.ts';
import { pickText } from '../base/pick-text.ts';
import { connectionLine } from '../connection/session.ts';
import { allRows, type AnswerRow } from './enqueue-answers.ts';
import { awsRow, backlogSeconds, isTooLong, ittybitRow, timeRow } from './cost-rows.ts';
import { cloudOffer } from './cloud-advice-row.ts';
import { earlierBatchRows } from './earlier-batch.ts';
import { enqueueWarnings, type EnqueueFacts } from './enqueue-facts.ts';
import { filterOf } from './enqueue-files.ts';
import type { EnqueueFlow } from './enqueue-flow.ts';
import { sourceAnswer, type CompleteForm } from './enqueue-form.ts';
import { payAgainRows } from './pay-again.ts';
import { extensionRows, otherFormRows, planWarnings, segmentRows } from './plan-rows.ts';
import { sameOutputRows } from './same-output-rows.ts';
import { skipWords } from './skip-words.ts';
import { TRY_FIRST } from './try-first.ts';

/** What a row of the review does. */
export type Action =
  'try' | 'try-number' | 'enqueue' | 'cloud' | 'again' | 'done-too' | 'left-out' | 'rate' | 'back';
/** A row of the review; one with `ask` changes an answer. */
export type ReviewRow = vscode.QuickPickItem & {
  readonly action?: Action;
  readonly ask?: AnswerRow['ask'];
};

/** What a review shows: the answers, what the dry run has found, and the pipeline. */
export interface Counted {
  readonly form: CompleteForm;
  readonly plan: EnqueuePlan;
  readonly facts: EnqueueFacts;
  /** how long the dry run took, in seconds */
  readonly countedIn: number;
}

/** So many files are shown with their outputs. */
const EXAMPLES = 3;

/** @returns the rows of a review; the first one with an action is what Enter does */
export function reviewRows(flow: EnqueueFlow, counted: Counted): ReviewRow[] {
  const { vs } = flow.ui;
  const { t } = vs.l10n;
  const { form, plan, facts } = counted;
  const seconds = backlogSeconds(plan.files, facts);
  const filter = filterOf(form);
  return [
    ...enqueueWarnings(vs, facts),
    ...earlierBatchRows(vs, facts, form, filter),
    ...sameOutputRows(vs, plan),
    ...planWarnings(vs, plan, form.place, seconds, Date.now()),
    ...actionRows(vs, counted, seconds),
    separator(vs, t('Time and cost')),
    timeRow(vs, plan, facts),
    awsRow(vs, plan, sourceAnswer(form) !== undefined),
    { ...ittybitRow(vs, plan, flow.memory.rate, form.measured), action: 'rate' },
    separator(vs, t('Files')),
    ...extensionRows(vs, plan),
    ...plan.samples.slice(0, EXAMPLES).map((key) => exampleRow(vs, form, key)),
    ...leftOutRows(vs, plan),
    ...answerRows(flow, form),
  ];
}

/** @returns the rows of a review that has found nothing to enqueue */
export function nothingRows(flow: EnqueueFlow, { form, plan }: Counted): ReviewRow[] {
  const { vs } = flow.ui;
  const { t } = vs.l10n;
  const { listed, skipped } = plan;
  const uri = placeWords(form);
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
    ...doneRows(vs, form, plan),
    ...leftOutRows(vs, plan),
    ...otherFormRows(vs, plan, form.place),
    ...segmentRows(vs, plan),
    ...answerRows(flow, form),
  ];
}

function placeWords({ place, keyList }: CompleteForm): string {
  return pickText(keyList ? keyList.name : prefixUri(place));
}

function separator(vs: typeof vscode, label: string): ReviewRow {
  return { label, kind: vs.QuickPickItemKind.Separator };
}

/** What can be done now: the safest first, as Enter takes it. */
function actionRows(vs: typeof vscode, counted: Counted, seconds: number | undefined): ReviewRow[] {
  const { t } = vs.l10n;
  const { form, plan, facts } = counted;
  const isLate = isTooLong(plan, facts);
  // Step Functions lists; it takes no list of keys.
  const offer = sourceAnswer(form) === undefined ? cloudOffer(vs, counted, seconds) : undefined;
  const canTry = facts.paysOnce && plan.files > 1;
  const few = formatCount(vs, TRY_FIRST);
  const first: ReviewRow = {
    label: t('$(beaker) Try {0} files first', few),
    description: t('waits for their results, then asks for the rest'),
    action: 'try',
  };
  // While dispatch stands still, nobody wants to wait for a result.
  const isMoving = !['paused', 'pausing', 'waiting'].includes(facts.dispatch?.state ?? '');
  const isFirst = canTry && isMoving && plan.files > TRY_FIRST && form.measured === undefined;
  return [
    ...(isFirst ? [first] : []),
    ...(offer && offer.advice !== 'suggested' ? [offer.row] : []),
    isLate ? tooLongRow(vs, formatCount(vs, plan.files), seconds ?? 0) : enqueueRow(vs, form, plan),
    ...(offer?.advice === 'suggested' ? [offer.row] : []),
    ...(canTry
      ? [
          {
            label: t('$(beaker) Try Another Number…'),
            description: t('one tests the connection'),
            action: 'try-number' as const,
          },
        ]
      : []),
    ...doneRows(vs, form, plan),
    ...(isLate ? [] : payAgainRows(vs, facts, form, filterOf(form))),
  ];
}

function enqueueRow(vs: typeof vscode, form: CompleteForm, plan: EnqueuePlan): ReviewRow {
  const { t } = vs.l10n;
  const { files, bytes, listed, truncated } = plan;
  const number = formatCount(vs, files);
  const skipped = skipWords(vs, plan.skipped);
  const of = truncated
    ? t('of the first {0} objects under {1}; counting was stopped', formatCount(vs, listed), placeWords(form))
    : t('of {0} objects under {1}', formatCount(vs, listed), placeWords(form));
  return {
    label: truncated
      ? t('$(run-all) Enqueue at least {0} files', number)
      : files === 1
        ? t('$(run-all) Enqueue 1 file')
        : t('$(run-all) Enqueue {0} files', number),
    description: formatBytes(bytes),
    detail: skipped === '' ? of : `${of} (${t('skipped: {0}', skipped)})`,
    action: 'enqueue',
  };
}

/** In place of the offer: files whose turn comes too late would be deleted by the queue. */
function tooLongRow(vs: typeof vscode, number: string, seconds: number): ReviewRow {
  const { t } = vs.l10n;
  return {
    label: t('$(error) {0} files are too many at once: {1}', number, formatDuration(vs, seconds)),
    detail: t(
      'The queue deletes a file after 14 days, so at most 10 days of work may wait in it. Tune the throughput, or go back and enqueue a part.',
    ),
    action: 'back',
  };
}

/** Files that are done are left out, unless the user takes them, too. */
function doneRows(vs: typeof vscode, form: CompleteForm, { skipped }: EnqueuePlan): ReviewRow[] {
  const { t } = vs.l10n;
  const done = skipped.done ?? 0;
  if (!form.conditions.includes('not-yet-done') || done === 0) return [];
  return [
    {
      label: t('$(history) Take What Is Done, Too…'),
      description: t('{0} files are done or under way, and left out', formatCount(vs, done)),
      action: 'done-too',
    },
  ];
}

function exampleRow(vs: typeof vscode, { place: { bucket }, job }: CompleteForm, key: string): ReviewRow {
  const output = outputFor(job, { bucket, key });
  return {
    label: `$(file) ${pickText(key)}`,
    detail: `→ ${output === undefined ? vs.l10n.t('Ittybit’s storage') : pickText(visibleText(output, 300))}`,
  };
}

function leftOutRows(vs: typeof vscode, { skipped }: EnqueuePlan): ReviewRow[] {
  const words = skipWords(vs, skipped);
  if (words === '') return [];
  const { t } = vs.l10n;
  return [{ label: t('$(list-flat) Show What Is Left Out…'), description: words, action: 'left-out' }];
}

function answerRows(flow: EnqueueFlow, form: CompleteForm): ReviewRow[] {
  const { vs } = flow.ui;
  const { stackName } = flow.session;
  return [
    separator(vs, vs.l10n.t('Answers: choose one to change it')),
    ...allRows(flow, form),
    { label: `$(cloud) ${stackName}`, description: pickText(connectionLine(vs, flow.session)) },
  ];
}

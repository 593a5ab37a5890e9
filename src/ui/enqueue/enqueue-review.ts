import { NOTHING_READ, planEnqueue, type EnqueuePlan } from '../../app/batch/plan-enqueue.ts';
import { isAbort } from '../../core/errors.ts';
import { formatCount } from '../base/format.ts';
import { withCancel } from '../base/with-cancel.ts';
import { BACK, pickOne, type Step, type StepFrame } from '../base/wizard.ts';
import { earlierBatch } from './earlier-batch.ts';
import { readEnqueueFacts, type EnqueueFacts } from './enqueue-facts.ts';
import { below, type EnqueueFlow } from './enqueue-flow.ts';
import { isComplete, type CompleteForm, type Condition, type EnqueueForm } from './enqueue-form.ts';
import { askRate, isTooLong } from './cost-rows.ts';
import { showLeftOut } from './left-out.ts';
import { confirmPayAgain } from './pay-again.ts';
import { nothingRows, reviewRows, type Action, type Counted } from './review-rows.ts';
import { requestOf, requestWithFile } from './enqueue-request.ts';
import { askTrialSize, TRY_FIRST, tryFirst } from './try-first.ts';

/**
 * The second screen: counts the files that would be sent, shows the time and the cost, and asks. Any answer can be
 * changed from here. It sends nothing but a trial that the user asks for.
 */
export function reviewStep(flow: EnqueueFlow): Step<EnqueueForm> {
  return (form, frame) => (isComplete(form) && !form.edit ? review(flow, form, frame) : undefined);
}

async function review(
  flow: EnqueueFlow,
  first: CompleteForm,
  frame: StepFrame,
): Promise<EnqueueForm | typeof BACK> {
  const { vs } = flow.ui;
  let form: CompleteForm = first;
  let counted: Counted | undefined;
  for (;;) {
    counted ??= await countFor(flow, form);
    const { plan } = counted;
    const isNothing = plan.files === 0 && !plan.truncated;
    const rows = isNothing ? nothingRows(flow, counted) : reviewRows(flow, counted);
    const row = await pickOne(vs, frame, {
      placeHolder: isNothing
        ? vs.l10n.t('There is nothing to enqueue')
        : vs.l10n.t('Nothing has been sent yet. Enqueue?'),
      items: rows,
      active: rows.find(({ action }) => action !== undefined),
      isInert: ({ action, ask }) => !action && !ask,
    });
    if (row === BACK || row.action === 'back') return BACK;
    const next: EnqueueForm | typeof BACK | undefined = row.ask
      ? await row.ask(counted.form, below(frame))
      : row.action && (await act(flow, counted, row.action, frame));
    if (next === undefined || next === BACK) continue;
    flow.answered(next);
    if (next.plan || next.edit || !isComplete(next)) return next;
    // A trial has changed what there is; a name, or the same answer again, changes nothing that was counted.
    const isCounted: boolean = row.ask !== undefined && asksFor(next) === asksFor(counted.form);
    counted = isCounted ? { ...counted, form: next } : undefined;
    form = next;
  }
}

/** What a dry run depends on, as a text. */
function asksFor(form: CompleteForm): string {
  return JSON.stringify({ ...requestOf(form), name: undefined });
}

/** @returns the form that is to be sent, which has its plan, or one that is to be counted anew; undefined: none */
async function act(
  flow: EnqueueFlow,
  counted: Counted,
  action: Action,
  frame: StepFrame,
): Promise<EnqueueForm | undefined> {
  const { vs } = flow.ui;
  const { form, plan } = counted;
  switch (action) {
    case 'enqueue':
      return { ...form, plan };
    case 'cloud':
      return { ...form, plan, inCloud: true };
    case 'again':
      return (await confirmPayAgain(vs, flow.session, plan)) ? { ...form, plan, again: true } : undefined;
    case 'done-too':
      return { ...form, conditions: without(form.conditions, 'not-yet-done'), saidDone: true };
    case 'left-out':
      await showLeftOut(vs, below(frame), plan);
      return undefined;
    case 'rate':
      await askRate(vs, below(frame), flow.memory);
      return undefined;
    case 'try':
      return afterTrial(flow, counted, TRY_FIRST, frame);
    case 'try-number': {
      const count = await askTrialSize(vs, below(frame), plan.files);
      return count === undefined ? undefined : afterTrial(flow, counted, count, frame);
    }
    case 'back':
      return undefined;
  }
}

async function afterTrial(
  flow: EnqueueFlow,
  { form, plan, facts }: Counted,
  count: number,
  frame: StepFrame,
): Promise<EnqueueForm | undefined> {
  const options = { count, offersRest: !isTooLong(plan, facts) };
  const end = await tryFirst(flow, { ...form, plan }, options, below(frame));
  if (!end) return undefined;
  const { plan: counted, ...rest } = end.form;
  return end.isRestWanted ? { ...rest, plan: counted } : rest;
}

async function countFor(flow: EnqueueFlow, given: CompleteForm): Promise<Counted> {
  const facts = await readEnqueueFacts(flow.ui, flow.session, flow.pipeline);
  const form = withDoneDefault(given, facts);
  const begun = performance.now();
  const plan = await count(flow, form);
  return { form, facts, plan, countedIn: (performance.now() - begun) / 1000 };
}

/** Where an earlier batch may have done the same, only what is not done is taken, until the user says otherwise. */
function withDoneDefault(form: CompleteForm, { batches = [] }: EnqueueFacts): CompleteForm {
  if (form.saidDone === true) return form;
  const others = without(form.conditions, 'not-yet-done');
  const isDone = earlierBatch(batches, form.place, form.job) !== undefined;
  return { ...form, conditions: isDone ? [...others, 'not-yet-done'] : others };
}

function without(conditions: readonly Condition[], left: Condition): readonly Condition[] {
  return conditions.filter((condition) => condition !== left);
}

/** The dry run. Cancel ends the counting, not the flow: the review then says "at least". */
async function count({ ui, session, pipeline }: EnqueueFlow, form: CompleteForm): Promise<EnqueuePlan> {
  const { vs } = ui;
  const { t } = vs.l10n;
  let latest = NOTHING_READ;
  const title = t('Counting the files; nothing is sent. Cancel stops counting');
  return withCancel(vs, title, async (progress, { signal }) => {
    try {
      return await planEnqueue(requestWithFile(ui, form), pipeline, session.services, {
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

import type * as vscode from 'vscode';
import { enqueuePrefix } from '../../app/batch/enqueue-prefix.ts';
import { findPipeline } from '../../app/stack/pipeline.ts';
import { MediaBatchError } from '../../core/errors.ts';
import { JOB_PRESETS } from '../../core/ittybit/job-presets.ts';
import { prefixUri, type S3Prefix } from '../../core/files/s3-location.ts';
import type { StackOutputs } from '../../core/stack/stack-contract.ts';
import { visibleText } from '../../core/visible-text.ts';
import type { CommandId } from '../base/command-ids.ts';
import { formatCount } from '../base/format.ts';
import { sendInCloud } from './cloud-enqueue.ts';
import {
  EMPTY_FORM,
  isComplete,
  type CompleteForm,
  type EditFirst,
  type EnqueueForm,
} from './enqueue-form.ts';
import { openJobDocument } from './job-document.ts';
import { plainText } from '../base/register-command.ts';
import type { Session } from '../connection/session.ts';
import { withSessionToWrite } from '../connection/with-session.ts';
import type { BatchesContext } from '../batches/batches-context.ts';
import { placeOf } from '../buckets/bucket-rows.ts';
import type { ViewNode } from '../base/node.ts';
import { runWizard } from '../base/wizard.ts';
import type { EnqueueFlow } from './enqueue-flow.ts';
import { likeLabel } from './enqueue-job.ts';
import { EnqueueMemory } from './enqueue-memory.ts';
import { operatorOf, requestOf, requestWithFile } from './enqueue-request.ts';
import { reviewStep } from './enqueue-review.ts';
import { whatStep } from './enqueue-what.ts';
import { runEnqueue, showEnqueueOutcome, type EnqueueOutcome } from './run-enqueue.ts';

/** The flow ended with a job document that the user has to edit. */
interface EditOutcome {
  readonly kind: 'edit';
  readonly edit: EditFirst;
  readonly place: S3Prefix | undefined;
}

/** Step Functions enqueues the batches from here on; none where the user took another way. */
interface CloudOutcome {
  readonly kind: 'cloud';
  readonly batches: readonly string[];
}

/**
 * "Enqueue Prefix…": asks what and with what, counts, shows the cost and the time, and sends. We hold the connection until
 * everything is sent. Messages come after that, because they may stay on screen for hours.
 * @param node a bucket, pin or prefix; absent: the user chooses one
 * @throws AwsError, InvalidInputError; AbortError on Escape
 */
export async function enqueuePrefixCommand(ui: BatchesContext, node?: ViewNode): Promise<void> {
  const place = placeOf(node);
  await enqueueFrom(ui, ui.vs.l10n.t('Enqueue Prefix'), () => ({ form: place ? { place } : {} }));
}

/** Where an enqueue begins. */
export interface Start {
  /** the answers that are known already */
  readonly form: Partial<EnqueueForm>;
  /** true: all answers are known, so that the review is the first screen */
  readonly isWhole?: boolean;
  /** true: Step Functions enqueues, and nothing is counted before */
  readonly inCloud?: boolean;
}

/**
 * Asks for an enqueue in two screens, and sends.
 * @param begin returns undefined where there is nothing to ask about
 * @returns false in that case
 * @throws what `begin` throws, and as `enqueuePrefixCommand`
 */
export async function enqueueFrom(
  ui: BatchesContext,
  title: string,
  begin: (session: Session, pipeline: StackOutputs) => Promise<Start | undefined> | Start,
): Promise<boolean> {
  const { vs } = ui;
  try {
    const outcome = await withSessionToWrite(ui, async (session) => {
      const pipeline = await findPipeline(session.stackName, session.services.stacks);
      const start = await begin(session, pipeline);
      return start && askAndSend(ui, session, title, { ...start, pipeline });
    });
    if (outcome?.kind === 'edit') await editFirst(ui, outcome);
    else if (outcome?.kind === 'cloud') await showCloudOutcome(vs, outcome);
    else if (outcome) await showEnqueueOutcome(ui, outcome);
    return outcome !== undefined;
  } catch (error) {
    if (!(error instanceof MediaBatchError) || error.code !== 'not-deployed') throw error;
    const deploy = vs.l10n.t('Deploy Pipeline…');
    if ((await vs.window.showInformationMessage(plainText(error.message), deploy)) === deploy)
      await vs.commands.executeCommand('mediaBatch.deployPipeline' satisfies CommandId);
    return true;
  }
}

async function askAndSend(
  ui: BatchesContext,
  session: Session,
  title: string,
  { pipeline, form: given, isWhole = false, inCloud = false }: Start & { readonly pipeline: StackOutputs },
): Promise<EnqueueOutcome | EditOutcome | CloudOutcome> {
  const memory = new EnqueueMemory(ui.memory, session);
  let latest: EnqueueForm | undefined;
  const answered = (form: EnqueueForm): void => {
    latest = form;
  };
  const flow: EnqueueFlow = { ui, session, pipeline, memory, answered, latest: () => latest };
  try {
    const form = await runWizard<EnqueueForm>(title, withDefaults(ui, memory, given), [
      whatStep(flow, { isGiven: isWhole, inCloud }),
      ...(inCloud ? [] : [reviewStep(flow)]),
    ]);
    const { edit, place } = form;
    if (edit) {
      await keepDraft(memory, latest);
      return { kind: 'edit', edit, place };
    }
    if (!isComplete(form)) throw new TypeError('The flow ended without an answer to a question.');
    if (form.inCloud !== true && !inCloud) return await send(flow, form);
    const asked = { request: requestOf(form), plan: form.plan };
    const metas = await sendInCloud(ui, session, pipeline, asked);
    const [first] = metas ?? [];
    if (first) await remember(memory, form, first.batch);
    else await keepDraft(memory, latest);
    return { kind: 'cloud', batches: metas?.map(({ batch }) => batch) ?? [] };
  } catch (error) {
    // After an error as after Escape: a login that has expired must not cost the answers.
    await keepDraft(memory, latest);
    throw error;
  }
}

/** What was answered before the flow ended without a batch is offered next time; without an answer, an older draft stays. */
async function keepDraft(memory: EnqueueMemory, form: EnqueueForm | undefined): Promise<void> {
  if (form) await memory.keepDraft({ form, at: Date.now() });
}

/** The job, and where no row was chosen the place, begin as they were the last time. */
function withDefaults(
  { vs }: Pick<BatchesContext, 'vs'>,
  { last }: EnqueueMemory,
  given: Partial<EnqueueForm>,
): EnqueueForm {
  const [preset] = JOB_PRESETS;
  const job = last
    ? { job: last.job, jobLabel: likeLabel(vs, last.batch) }
    : { job: preset?.job, jobLabel: preset?.title };
  return { ...EMPTY_FORM, ...(given.job ? {} : job), ...(last?.place && { place: last.place }), ...given };
}

async function send(flow: EnqueueFlow, form: CompleteForm): Promise<EnqueueOutcome> {
  const { ui, session, pipeline, memory } = flow;
  const { plan, place, keyList } = form;
  const name = visibleText(keyList ? keyList.name : prefixUri(place));
  const total = plan && !plan.truncated ? plan.files : undefined;
  ui.log.info(`enqueue ${name}: ${total === undefined ? 'not counted' : `${total} files planned`}`);
  const by = await operatorOf(ui, session);
  const request = {
    ...requestWithFile(ui, form),
    ...(total !== undefined && { planned: total }),
    ...(by !== undefined && { by }),
  };
  const outcome = await runEnqueue(ui, {
    title: ui.vs.l10n.t('Enqueuing {0}', name),
    total,
    begin: (options) => enqueuePrefix(request, pipeline, session.services, options),
  });
  if (outcome.progress) await remember(memory, form, outcome.progress.batch);
  return outcome;
}

/** The next enqueue begins with these answers. */
async function remember(
  memory: EnqueueMemory,
  { place, job, keyList }: CompleteForm,
  batch: string,
): Promise<void> {
  await memory.rememberLast({ batch, job, place: keyList ? undefined : place });
  await memory.keepDraft(undefined);
}

async function showCloudOutcome(vs: BatchesContext['vs'], { batches }: CloudOutcome): Promise<void> {
  const { t } = vs.l10n;
  const [first] = batches;
  if (first === undefined) return;
  const text =
    batches.length === 1
      ? t(
          'Batch {0} is enqueued in the cloud: the Pipeline view shows it under the stack. You can close the editor.',
          first,
        )
      : t(
          '{0} batches are enqueued in the cloud: the Pipeline view shows them under the stack. You can close the editor.',
          formatCount(vs, batches.length),
        );
  await vs.window.showInformationMessage(plainText(text));
}

/** Opens the document, and starts the flow again with its job when the user says that the document is ready. */
async function editFirst({ vs }: Pick<BatchesContext, 'vs'>, { edit, place }: EditOutcome): Promise<void> {
  const { t } = vs.l10n;
  const ready = t('Enqueue with This Document');
  let choice: string | undefined;
  let uri: vscode.Uri;
  if ('problem' in edit) {
    ({ uri } = edit);
    await vs.window.showTextDocument(uri);
    const text = plainText(visibleText(`${edit.name}: ${edit.problem}`, 1_000));
    choice = await vs.window.showWarningMessage(text, ready);
  } else {
    uri = await openJobDocument(vs, edit.job);
    choice = await vs.window.showInformationMessage(
      t('Edit the job, then enqueue with it. The editor completes its options. You need not save it.'),
      ready,
    );
  }
  if (choice !== ready) return;
  await vs.commands.executeCommand('mediaBatch.enqueueWithJob' satisfies CommandId, uri, place);
}

import { enqueuePrefix } from '../../app/batch/enqueue-prefix.ts';
import { findPipeline } from '../../app/stack/pipeline.ts';
import { MediaBatchError } from '../../core/errors.ts';
import { prefixUri, type S3Prefix } from '../../core/files/s3-location.ts';
import type { StackOutputs } from '../../core/stack/stack-contract.ts';
import { visibleText } from '../../core/visible-text.ts';
import type { CommandId } from '../base/command-ids.ts';
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
import { fileSteps } from './enqueue-files.ts';
import { jobSteps, rememberJob } from './enqueue-job.ts';
import { requestOf, reviewStep } from './enqueue-review.ts';
import { whereSteps } from './enqueue-where.ts';
import { runEnqueue, showEnqueueOutcome, type EnqueueOutcome } from './run-enqueue.ts';

/** The flow ended with a job document that the user has to edit. */
interface EditOutcome {
  readonly kind: 'edit';
  readonly edit: EditFirst;
  readonly place: S3Prefix | undefined;
}

/** Step Functions enqueues from here on; `text` says so, undefined where the user took another way. */
interface CloudOutcome {
  readonly kind: 'cloud';
  readonly text: string | undefined;
}

/**
 * "Enqueue Prefix…": asks, counts, shows the cost and the time, and sends. We hold the connection until everything is sent.
 * Messages come after that, because they may stay on screen for hours.
 * @param node a bucket, pin or prefix; absent: the user chooses one
 * @throws AwsError, InvalidInputError; AbortError on Escape
 */
export async function enqueuePrefixCommand(ui: BatchesContext, node?: ViewNode): Promise<void> {
  const place = placeOf(node);
  await enqueueFrom(ui, ui.vs.l10n.t('Enqueue Prefix'), async ({ stackName, services }) => ({
    pipeline: await findPipeline(stackName, services.stacks),
    form: { place },
  }));
}

/** Where an enqueue begins: the stack, and the answers that are known already. */
interface Start {
  readonly pipeline: StackOutputs;
  readonly form: Partial<EnqueueForm>;
}

/**
 * Asks the questions of an enqueue, and sends.
 * @param begin returns undefined where there is nothing to ask about
 * @returns false in that case
 * @throws what `begin` throws, and as `enqueuePrefixCommand`
 */
export async function enqueueFrom(
  ui: BatchesContext,
  title: string,
  begin: (session: Session) => Promise<Start | undefined>,
): Promise<boolean> {
  const { vs } = ui;
  try {
    const outcome = await withSessionToWrite(ui, async (session) => {
      const start = await begin(session);
      return start && askAndSend(ui, session, title, start);
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
  { pipeline, form: given }: Start,
): Promise<EnqueueOutcome | EditOutcome | CloudOutcome> {
  const form = await runWizard<EnqueueForm>(title, { ...EMPTY_FORM, ...given }, [
    ...whereSteps(ui, session, given.place === undefined),
    ...jobSteps(ui),
    ...fileSteps(ui.vs),
    reviewStep(ui, session, pipeline),
  ]);
  const { edit, place } = form;
  if (edit) return { kind: 'edit', edit, place };
  if (!isComplete(form)) throw new TypeError('The flow ended without an answer to a question.');
  if (form.inCloud) return { kind: 'cloud', text: await sendInCloud(ui, session, pipeline, requestOf(form)) };
  return send(ui, session, pipeline, form);
}

async function send(
  ui: BatchesContext,
  { services }: Session,
  pipeline: StackOutputs,
  form: CompleteForm,
): Promise<EnqueueOutcome> {
  const { plan, place, job } = form;
  const name = visibleText(prefixUri(place));
  ui.log.info(`enqueue ${name}`);
  const total = plan && !plan.truncated ? plan.files : undefined;
  const request = { ...requestOf(form), ...(total !== undefined && { planned: total }) };
  const outcome = await runEnqueue(ui, {
    title: ui.vs.l10n.t('Enqueuing {0}', name),
    total,
    begin: (options) => enqueuePrefix(request, pipeline, services, options),
  });
  if (outcome.progress) await rememberJob(ui, { batch: outcome.progress.batch, job });
  return outcome;
}

async function showCloudOutcome(vs: BatchesContext['vs'], { text }: CloudOutcome): Promise<void> {
  if (text !== undefined) await vs.window.showInformationMessage(plainText(text));
}

/** Opens the document, and starts the flow again when the user says that the document is ready. */
async function editFirst({ vs }: Pick<BatchesContext, 'vs'>, { edit, place }: EditOutcome): Promise<void> {
  const { t } = vs.l10n;
  const ready = t('Enqueue with This Document');
  let choice: string | undefined;
  if ('problem' in edit) {
    await vs.window.showTextDocument(edit.uri);
    const text = plainText(visibleText(`${edit.name}: ${edit.problem}`, 1_000));
    choice = await vs.window.showWarningMessage(text, ready);
  } else {
    await openJobDocument(vs, edit.job);
    choice = await vs.window.showInformationMessage(
      t('Edit the job, then enqueue with it. The editor completes its options. You need not save it.'),
      ready,
    );
  }
  if (choice !== ready) return;
  const id = 'mediaBatch.enqueuePrefix' satisfies CommandId;
  await vs.commands.executeCommand(id, ...(place ? [rowOf(place)] : []));
}

/** @returns a row for a command that takes one. */
function rowOf(place: S3Prefix): ViewNode {
  return { id: prefixUri(place), label: '', tokens: [], data: place };
}

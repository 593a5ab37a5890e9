import type * as vscode from 'vscode';
import { selectionOf } from '../../app/batch/enqueue-prefix.ts';
import { InvalidInputError, messageOf } from '../../core/errors.ts';
import { DEFAULT_JOB_OPTIONS, parseJobOptions, type JobOptions } from '../../core/ittybit/job-options.ts';
import { JOB_PRESETS } from '../../core/ittybit/job-presets.ts';
import { exampleOutput } from '../../core/ittybit/output-rules.ts';
import type { EnqueueFlow } from './enqueue-flow.ts';
import { sourceAnswer, type EditFirst, type EnqueueForm } from './enqueue-form.ts';
import { openJobDocuments } from './job-document.ts';
import { jobText } from '../batches/batch-asked.ts';
import { pickText } from '../base/pick-text.ts';
import { BACK, inputText, pickOne, type Step } from '../base/wizard.ts';

type JobContext = Pick<EnqueueFlow, 'ui' | 'memory'>;

interface JobItem extends vscode.QuickPickItem {
  readonly job?: JobOptions;
  readonly edit?: EditFirst;
}

/** The question for the job. */
export function jobStep(flow: JobContext): Step<EnqueueForm> {
  const { vs } = flow.ui;
  return async (form, frame) => {
    const items = jobItems(flow, form);
    const item = await pickOne(vs, frame, {
      placeHolder: vs.l10n.t('What should Ittybit make of each file?'),
      items,
      active: items.find(({ label, job }) =>
        form.jobLabel ? label === form.jobLabel : job && job === form.like?.job,
      ),
    });
    if (item === BACK) return BACK;
    const { job, edit, label } = item;
    if (job?.kind === form.job?.kind) {
      const output = form.job?.output;
      // We keep an output given before Back; the next question shows it.
      return { ...form, job: job && output ? { output, ...job } : job, edit, jobLabel: label };
    }
    return { ...form, job, edit, jobLabel: label, extensions: undefined };
  };
}

function jobItems({ ui: { vs }, memory }: JobContext, { job: chosen, like }: EnqueueForm): JobItem[] {
  const { t } = vs.l10n;
  const presets = JOB_PRESETS.map(({ title, description, job }) => ({
    label: title,
    description,
    detail: jobWords(job),
    job,
  }));
  const documents = openJobDocuments(vs).map(({ name, uri, job, problem = '' }): JobItem => {
    const label = t('Open document: {0}', pickText(name));
    return job
      ? { label, description: jobWords(job), job }
      : {
          label,
          description: t('cannot be used yet'),
          detail: pickText(problem),
          edit: { uri, name, problem },
        };
  });
  const last = like ?? memory.last;
  return [
    ...documents,
    ...(last ? [{ label: likeLabel(vs, last.batch), description: jobWords(last.job), job: last.job }] : []),
    ...presets,
    {
      label: t('From a JSON document…'),
      description: t('opens a document to edit, with completion'),
      edit: { job: chosen ?? DEFAULT_JOB_OPTIONS },
    },
  ];
}

/** @returns the label of the job of an earlier batch */
export function likeLabel({ l10n: { t } }: typeof vscode, batch: string): string {
  return t('As in batch {0}', pickText(batch));
}

/** @returns the kind with the options' names and values, for a pick */
export function jobWords(job: JobOptions): string {
  return pickText(jobText(job));
}

/** The question for where the results go. */
export function outputStep(vs: typeof vscode): Step<EnqueueForm> {
  const { t } = vs.l10n;
  return (form, frame) => {
    const { job, edit, place } = form;
    if (!job || edit || !place) return undefined;
    const source = sourceAnswer(form);
    const ask = async (): Promise<EnqueueForm | typeof BACK> => {
      const text = await inputText(vs, frame, {
        prompt: t(
          'Where the results go: {key} is the source’s key, {stem} the key without its extension, {ext} that extension, {bucket} its bucket. Empty: Ittybit’s storage.',
        ),
        value: job.output,
        placeHolder: exampleOutput(job.kind, job.options),
        validate: (output) =>
          problemOf(() => selectionOf({ ...place, job: withOutput(job, output), source })),
      });
      return text === BACK ? BACK : { ...form, job: withOutput(job, text) };
    };
    return ask();
  };
}

function withOutput(job: JobOptions, output: string): JobOptions {
  const { kind, options, connection_id } = job;
  return parseJobOptions({
    kind,
    options,
    ...(connection_id !== undefined && { connection_id }),
    ...(output !== '' && { output }),
  });
}

/** @returns the message of the InvalidInputError that `check` throws; undefined when it throws none */
export function problemOf(check: () => unknown): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof InvalidInputError) return messageOf(error);
    throw error;
  }
}

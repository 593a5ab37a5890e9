import type * as vscode from 'vscode';
import { DEFAULT_EXTENSIONS } from '../../core/ittybit/kind-extensions.ts';
import { prefixUri } from '../../core/files/s3-location.ts';
import { formatCount } from '../base/format.ts';
import { pickText } from '../base/pick-text.ts';
import { BACK, inputText, walkSteps, type StepFrame } from '../base/wizard.ts';
import { filterLines } from '../batches/batch-asked.ts';
import { nameProblem } from '../batches/rename-batch.ts';
import type { EnqueueFlow } from './enqueue-flow.ts';
import type { EnqueueForm } from './enqueue-form.ts';
import { conditionSteps, extensionsStep, filterOf } from './enqueue-files.ts';
import { jobStep, jobWords, outputStep } from './enqueue-job.ts';
import { askPlace } from './enqueue-place.ts';
import { askKeyFile, readKeyList } from './key-list.ts';

/** A row that shows an answer, and asks for another one. */
export interface AnswerRow extends vscode.QuickPickItem {
  readonly ask: (form: EnqueueForm, frame: StepFrame) => Promise<EnqueueForm | typeof BACK>;
}

/** @returns what is enqueued, and with what: the rows of the first screen */
export function whatRows(flow: EnqueueFlow, form: EnqueueForm): readonly AnswerRow[] {
  const { vs } = flow.ui;
  const { t } = vs.l10n;
  const { place, job, jobLabel, keyList, keys } = form;
  const listed = keyList?.keys ?? keys?.length;
  const [output, chooseJob] = [outputStep(vs), jobStep(flow)];
  const rows: AnswerRow[] = [
    {
      label: keyList
        ? `$(list-unordered) ${pickText(keyList.name)}`
        : place
          ? `$(folder) ${pickText(prefixUri(place))}`
          : t('$(folder) Choose a bucket or prefix…'),
      description:
        listed !== undefined && place
          ? t('{0} keys of {1}', formatCount(vs, listed), pickText(place.bucket))
          : t('the files'),
      ask: (now, frame) => askForPlace(flow, now, frame),
    },
    {
      label: `$(gear) ${job ? (jobLabel ?? jobWords(job)) : t('Choose a job…')}`,
      description: job && jobLabel !== undefined ? jobWords(job) : t('the job'),
      ask: (now, frame) => walkSteps(frame, now, [chooseJob]),
    },
  ];
  if (!job || !place) return rows;
  const label = job.output === undefined ? t('Ittybit’s storage') : pickText(job.output);
  const description = t('where the results go');
  return [
    ...rows,
    { label: `$(save) ${label}`, description, ask: (now, frame) => walkSteps(frame, now, [output]) },
  ];
}

async function askForPlace(
  flow: EnqueueFlow,
  form: EnqueueForm,
  frame: StepFrame,
): Promise<EnqueueForm | typeof BACK> {
  const place = await askPlace(flow, frame, form.keyList ? undefined : form.place);
  if (place === BACK) return BACK;
  if (place !== 'file') return { ...form, place, keyList: undefined, keys: undefined };
  return withKeyList(flow, form, frame, await askKeyFile(flow.ui.vs));
}

/** @returns the form with the keys of a file, or BACK */
async function withKeyList(
  flow: EnqueueFlow,
  form: EnqueueForm,
  frame: StepFrame,
  uri: vscode.Uri,
): Promise<EnqueueForm | typeof BACK> {
  const chosen = await readKeyList(flow, frame, uri);
  return chosen ? { ...form, ...chosen, keys: undefined } : BACK;
}

/** @returns all answers, those that have a good default last: rows of the review */
export function allRows(flow: EnqueueFlow, form: EnqueueForm): readonly AnswerRow[] {
  const { vs } = flow.ui;
  const { t } = vs.l10n;
  const { job, extensions } = form;
  if (!job) return whatRows(flow, form);
  const conditions = filterLines(vs, filterOf(form)).map((line) => pickText(line));
  const taken = (extensions ?? DEFAULT_EXTENSIONS[job.kind]).join(', ');
  return [
    ...whatRows(flow, form),
    {
      label: `$(files) ${pickText(taken)}`,
      description: t('extensions'),
      ask: (now, frame) => walkSteps(frame, now, [extensionsStep(vs)]),
    },
    {
      label: `$(filter) ${conditions.length > 0 ? conditions.join(', ') : t('All of these files')}`,
      description: t('name pattern, size, changed since, not yet done, segments'),
      ask: (now, frame) => walkSteps(frame, now, conditionSteps(vs)),
    },
    {
      label: `$(tag) ${form.name === '' ? t('No name of its own') : pickText(form.name)}`,
      description: t('what the batch is called'),
      ask: (now, frame) => askName(vs, now, frame),
    },
  ];
}

async function askName(
  vs: typeof vscode,
  form: EnqueueForm,
  frame: StepFrame,
): Promise<EnqueueForm | typeof BACK> {
  const name = await inputText(vs, frame, {
    prompt: vs.l10n.t('What the batch is called. Empty: its bucket and prefix.'),
    value: form.name,
    validate: (text) => nameProblem(vs, text),
  });
  return name === BACK ? BACK : { ...form, name };
}

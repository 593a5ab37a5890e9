import type * as vscode from 'vscode';
import { enqueuePrefix } from '../../app/batch/enqueue-prefix.ts';
import {
  awaitTrial,
  hasEnd,
  lookAtOutput,
  trialLength,
  type FoundOutput,
  type Trial,
  type TriedFile,
} from '../../app/batch/trial.ts';
import { isAbort, messageOf } from '../../core/errors.ts';
import { formatBytes } from '../../core/files/byte-size.ts';
import { MAX_TRIAL, spreadOf } from '../../core/files/trial-spread.ts';
import { prefixUri } from '../../core/files/s3-location.ts';
import { visibleText } from '../../core/visible-text.ts';
import { formatCount } from '../base/format.ts';
import { pickText } from '../base/pick-text.ts';
import { withCancel } from '../base/with-cancel.ts';
import { BACK, inputText, pickOne, type StepFrame } from '../base/wizard.ts';
import { statusIcon, statusTitle } from '../batches/status-words.ts';
import type { EnqueueFlow } from './enqueue-flow.ts';
import type { CompleteForm, EnqueueForm } from './enqueue-form.ts';
import { requestOf } from './enqueue-request.ts';
import { runEnqueue } from './run-enqueue.ts';
import { openTried } from './tried-file.ts';
import type { EnqueuePlan } from '../../app/batch/plan-enqueue.ts';

/** So many files are tried unless the user says another number. */
export const TRY_FIRST = 5;

export interface TrialOptions {
  readonly count: number;
  /** false: the rest is too much at once, which the review says */
  readonly offersRest: boolean;
}

/** What comes of a trial: the rest is sent, or the review comes again with what was measured. */
export interface TrialEnd {
  readonly form: EnqueueForm;
  readonly isRestWanted: boolean;
}

/**
 * "Try N files first": sends some files that differ as a batch of their own, waits for their results, shows these with
 * their outputs, and asks for the rest. Closing it loses nothing: the batch goes on, and the Batches view shows it.
 * @returns undefined where nothing was sent
 * @throws as `enqueuePrefix` before the first file, AbortError on Escape
 */
export async function tryFirst(
  flow: EnqueueFlow,
  form: CompleteForm & { readonly plan: EnqueuePlan },
  { count, offersRest }: TrialOptions,
  frame: StepFrame,
): Promise<TrialEnd | undefined> {
  const { ui, pipeline, session } = flow;
  const { vs } = ui;
  const { t } = vs.l10n;
  const { bucket, prefix } = form.place;
  const keys = spreadOf(form.plan.notes.trial, count, prefix).map(({ key }) => key);
  const number = formatCount(vs, keys.length);
  ui.log.info(`trial of ${keys.length} files of ${visibleText(prefixUri(form.place))}`);
  const outcome = await runEnqueue(ui, {
    title: t('Sending {0} files to try', number),
    total: keys.length,
    begin: (options) =>
      enqueuePrefix(
        { ...requestOf(form), source: { keys }, name: t('Trial of {0}', number) },
        pipeline,
        session.services,
        options,
      ),
  });
  if (outcome.kind !== 'done') {
    if (outcome.kind !== 'stopped') throw outcome.error;
    return undefined;
  }
  ui.contextKeys.set('mediaBatch.hasBatches', true);
  const trial = { batch: outcome.progress.batch, bucket, keys };
  for (;;) {
    const files = await waitFor(flow, trial);
    const measured = trialLength(files);
    const tried: EnqueueForm = { ...form, ...(measured.files > 0 && { measured }) };
    flow.answered(tried);
    const answer = await askForRest(flow, offersRest ? form.plan : undefined, { trial, files }, frame);
    if (answer !== 'wait') return { form: tried, isRestWanted: answer === 'rest' };
  }
}

/** @returns the files as they are once all have ended, or when the user stops waiting */
async function waitFor(
  { ui: { vs }, session, pipeline }: EnqueueFlow,
  trial: Trial,
): Promise<readonly TriedFile[]> {
  const { t } = vs.l10n;
  let latest: readonly TriedFile[] = trial.keys.map((key) => ({ key, item: undefined }));
  const all = formatCount(vs, trial.keys.length);
  const title = t('Waiting for the results of {0} files. Cancel stops waiting; their batch goes on', all);
  return withCancel(vs, title, async (progress, { signal }) => {
    try {
      return await awaitTrial(trial, pipeline, session.services.batches, {
        signal,
        onLook: (files) => {
          latest = files;
          const ended = formatCount(vs, files.filter(hasEnd).length);
          progress.report({ message: t('{0} of {1} have ended', ended, all) });
        },
      });
    } catch (error) {
      if (isAbort(error) && signal.aborted) return latest;
      throw error;
    }
  });
}

interface Tried {
  readonly trial: Trial;
  readonly files: readonly TriedFile[];
}

type RestRow = vscode.QuickPickItem & {
  readonly action?: 'rest' | 'review' | 'wait';
  readonly tried?: TriedFile;
};

async function askForRest(
  flow: EnqueueFlow,
  offered: EnqueuePlan | undefined,
  { trial, files }: Tried,
  frame: StepFrame,
): Promise<'rest' | 'review' | 'wait'> {
  const { vs } = flow.ui;
  const { t } = vs.l10n;
  const outputs = await lookAtOutputs(flow, files);
  const good = files.filter(({ item }) => item?.status === 'succeeded' || item?.status === 'covered').length;
  const isGood = good === files.length && ![...outputs.values()].includes('missing');
  const rows = [...(offered ? restRows(vs, offered, files) : []), ...otherRows(vs, files)];
  for (;;) {
    const row: RestRow | typeof BACK = await pickOne<RestRow>(vs, frame, {
      placeHolder: files.every(hasEnd)
        ? t('{0} of {1} tried files succeeded. Enqueue the rest?', good, files.length)
        : t('{0} of {1} tried files have ended so far', files.filter(hasEnd).length, files.length),
      items: [
        ...rows,
        { label: t('Results'), kind: vs.QuickPickItemKind.Separator },
        ...files.map((tried) => triedRow(vs, tried, outputs.get(tried.key))),
      ],
      // After a failure Enter pays for nothing.
      isInert: ({ action, tried }) => !action && !tried,
      active: rows.find(({ action }) => (isGood && offered ? action === 'rest' : action !== 'rest')),
    });
    if (row === BACK) return 'review';
    if (row.action) return row.action;
    if (row.tried) await openTried(flow.ui, frame, row.tried, trial);
  }
}

function restRows(
  vs: typeof vscode,
  { files, truncated }: EnqueuePlan,
  tried: readonly TriedFile[],
): RestRow[] {
  const { t } = vs.l10n;
  const left = files - tried.length;
  if (left <= 0 && !truncated) return [];
  const label = truncated
    ? t('$(run-all) Enqueue the rest, at least {0} files', formatCount(vs, left))
    : t('$(run-all) Enqueue the other {0} files', formatCount(vs, left));
  return [{ label, description: t('what was tried is not paid again'), action: 'rest' }];
}

function otherRows(vs: typeof vscode, tried: readonly TriedFile[]): RestRow[] {
  const { t } = vs.l10n;
  const wait: RestRow[] = tried.every(hasEnd)
    ? []
    : [{ label: t('$(watch) Wait on'), description: t('they go on meanwhile'), action: 'wait' }];
  return [
    ...wait,
    {
      label: t('$(arrow-left) Back to the Review'),
      description: t('nothing more is sent'),
      action: 'review',
    },
  ];
}

/** Looks at the outputs in the user's own buckets; of one that may not be listed nothing is said. */
async function lookAtOutputs(
  { ui, session }: EnqueueFlow,
  files: readonly TriedFile[],
): Promise<ReadonlyMap<string, FoundOutput>> {
  const found = new Map<string, FoundOutput>();
  const look = async ({ key, item }: TriedFile): Promise<void> => {
    if (item?.status !== 'succeeded') return;
    try {
      const output = await lookAtOutput(item, session.services.buckets);
      if (output !== undefined) found.set(key, output);
    } catch (error) {
      if (isAbort(error)) throw error;
      ui.log.warn(`output of ${visibleText(key, 200)}: ${messageOf(error)}`);
    }
  };
  await Promise.all(files.map(look));
  return found;
}

function triedRow(vs: typeof vscode, tried: TriedFile, output: FoundOutput | undefined): RestRow {
  const { t } = vs.l10n;
  const { key, item } = tried;
  const icon = item ? statusIcon(item.status).id : 'inbox';
  const seconds = item?.duration_ms === undefined ? undefined : item.duration_ms / 1000;
  const facts = [
    item ? statusTitle(vs, item.status) : t('Queued'),
    ...(seconds === undefined ? [] : [t('{0} s long', seconds.toLocaleString(vs.env.language))]),
    ...(output === 'missing' ? [t('its output is not there')] : output ? [formatBytes(output.size)] : []),
  ];
  const detail = item?.error ?? item?.output_url;
  return {
    label: `$(${icon}) ${pickText(key)}`,
    description: facts.join(' · '),
    ...(detail !== undefined && { detail: pickText(detail) }),
    tried,
  };
}

/**
 * Asks how many files are tried.
 * @returns undefined after Back
 * @throws AbortError on Escape
 */
export async function askTrialSize(
  vs: typeof vscode,
  frame: StepFrame,
  most: number,
): Promise<number | undefined> {
  const { t } = vs.l10n;
  const limit = Math.min(MAX_TRIAL, most);
  const text = await inputText(vs, frame, {
    prompt: t('How many files first? 1 tests the connection; at most {0}.', limit),
    value: '1',
    validate: (typed) =>
      /^\d{1,3}$/.test(typed) && Number(typed) >= 1 && Number(typed) <= limit
        ? undefined
        : t('Give a number from 1 to {0}.', limit),
  });
  return text === BACK ? undefined : Number(text);
}

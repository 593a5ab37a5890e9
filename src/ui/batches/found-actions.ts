import type * as vscode from 'vscode';
import type { BatchMeta } from '../../core/batch/batch.ts';
import type { ResultItem } from '../../core/batch/result-item.ts';
import { s3Uri, type S3Location } from '../../core/files/s3-location.ts';
import { visibleText } from '../../core/visible-text.ts';
import { formatDate } from '../base/format.ts';
import { pickText } from '../base/pick-text.ts';
import { BACK, pickOne, type StepFrame } from '../base/wizard.ts';
import type { BatchesContext } from './batches-context.ts';
import { fileRow } from './file-row.ts';
import { batchName, endWords } from './found-item.ts';
import { giveUpJobCommand } from './give-up-job.ts';
import {
  copyJobIdCommand,
  openOutputCommand,
  openResultCommand,
  revealSourceCommand,
} from './result-commands.ts';
import type { ResultDocuments } from './result-document.ts';
import { statusTitle } from './status-words.ts';

/** The views and documents that show a found file. */
export interface FoundPlaces {
  readonly documents: Pick<ResultDocuments, 'openResult'>;
  /** selects an object in the Buckets view */
  readonly revealSource: (location: S3Location) => Promise<void>;
  /** selects a batch in the Batches view */
  readonly revealBatch: (batch: string) => Promise<void>;
}

interface ActionItem extends vscode.QuickPickItem {
  readonly run: () => Promise<void>;
}

/**
 * Says what is known of a found file, and asks what to do with it.
 * @param meta of the file's batch; undefined where it is not known
 * @returns the chosen action, or BACK
 * @throws AbortError on Escape
 */
export async function askAction(
  ui: BatchesContext,
  frame: StepFrame,
  file: ResultItem,
  meta: BatchMeta | undefined,
  places: FoundPlaces,
): Promise<(() => Promise<void>) | typeof BACK> {
  const { vs } = ui;
  const status = statusTitle(vs, file.status);
  const item = await pickOne(vs, frame, {
    placeHolder: [visibleText(file.key, 100), status, visibleText(file.error ?? '', 200)]
      .filter(Boolean)
      .join(' · '),
    items: actionsOf(ui, file, meta, places),
  });
  return item === BACK ? BACK : item.run;
}

function actionsOf(
  ui: BatchesContext,
  file: ResultItem,
  meta: BatchMeta | undefined,
  { documents, revealSource, revealBatch }: FoundPlaces,
): ActionItem[] {
  const { vs } = ui;
  const { t } = vs.l10n;
  const row = fileRow(vs, file, meta?.prefix ?? '', 'found');
  const has = (token: string): boolean => row.tokens.includes(token);
  const { output_url = '', job_id = '' } = file;
  const changed = [statusTitle(vs, file.status), formatDate(vs, new Date(file.updated_at))].join(', ');
  const action = (label: string, run: () => Promise<void>, detail = ''): ActionItem => ({
    label,
    detail,
    run,
  });
  const inBucket = /^s3:/i.test(output_url);
  const output = inBucket ? `$(copy) ${t('Copy Output Address')}` : `$(link-external) ${t('Open Output')}`;
  return [
    action(
      `$(json) ${t('Open Result')}`,
      () => openResultCommand(ui, documents, row),
      [changed, endWords(vs, file)].filter(Boolean).join(' · '),
    ),
    ...(has('output') ? [action(output, () => openOutputCommand(ui, row), pickText(output_url))] : []),
    action(
      `$(list-ordered) ${t('Reveal Batch in Batches')}`,
      () => revealBatch(file.batch),
      batchName(vs, file.batch, meta),
    ),
    action(
      `$(database) ${t('Reveal Source in Buckets')}`,
      () => revealSourceCommand(ui, revealSource, row),
      pickText(s3Uri(file)),
    ),
    ...(has('job')
      ? [action(`$(copy) ${t('Copy Job ID')}`, () => copyJobIdCommand(ui, row), pickText(job_id))]
      : []),
    ...(has('hanging')
      ? [action(`$(circle-slash) ${t('Give Up on Job…')}`, () => giveUpJobCommand(ui, row))]
      : []),
  ];
}

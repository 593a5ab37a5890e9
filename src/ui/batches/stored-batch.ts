import type * as vscode from 'vscode';
import { batchProgress, type BatchProgress } from '../../app/batch/batch-progress.ts';
import { findPipeline } from '../../app/stack/pipeline.ts';
import type { BatchMeta } from '../../core/batch/batch.ts';
import { InvalidInputError, MediaBatchError } from '../../core/errors.ts';
import { prefixUri } from '../../core/files/s3-location.ts';
import type { StackOutputs } from '../../core/stack/stack-contract.ts';
import { visibleText } from '../../core/visible-text.ts';
import type { ViewNode } from '../base/node.ts';
import { connectionLine, type Session } from '../connection/session.ts';
import { askBatch, type BatchQuestion } from './ask-batch.ts';
import type { BatchData } from './batch-rows.ts';
import type { BatchesContext } from './batches-context.ts';

/** A batch that a command works on, as the table has it now. */
export interface StoredBatch {
  readonly meta: BatchMeta;
  readonly progress: BatchProgress;
  readonly pipeline: StackOutputs;
}

/**
 * Finds the batch of a command that stops batches or lets them go on.
 * @param node its row; absent: the user chooses
 * @returns undefined where the user has no batch to choose
 * @throws DeployError as `findPipeline`, MediaBatchError `unsupported` for a stack whose functions know no such marks,
 * InvalidInputError for a batch without a record, AwsError, AbortError on Escape
 */
export async function batchToMark(
  ui: Pick<BatchesContext, 'vs' | 'enqueues'>,
  session: Session,
  node: ViewNode | undefined,
  question: BatchQuestion,
): Promise<StoredBatch | undefined> {
  const { vs } = ui;
  const { services, stackName } = session;
  const pipeline = await findPipeline(stackName, services.stacks);
  if (pipeline.reconcilerFunction === undefined) {
    throw new MediaBatchError(
      'unsupported',
      vs.l10n.t(
        'The functions of this stack cannot stop a single batch: run "Deploy Pipeline…" to update it first. "Pause Dispatch" stops all of its batches.',
      ),
    );
  }
  const given = (node?.data as Partial<BatchData> | undefined)?.batch;
  const batch = given ?? (await askBatch(ui, session, pipeline, question));
  return batch === undefined ? undefined : storedBatch(vs, batch, session, pipeline);
}

/** @throws InvalidInputError for a batch without a record, AwsError */
export async function storedBatch(
  vs: typeof vscode,
  batch: string,
  { services }: Session,
  pipeline: StackOutputs,
): Promise<StoredBatch> {
  const record = await services.batches.read(pipeline.resultsTable, batch);
  if (record.meta) return { meta: record.meta, progress: batchProgress(record), pipeline };
  throw new InvalidInputError(
    'batch',
    vs.l10n.t('The results table has no readable record of batch {0}.', visibleText(batch, 100)),
  );
}

/** @returns the first lines of a question about a batch: where, and which */
export function batchLines(vs: typeof vscode, session: Session, meta: BatchMeta): string[] {
  const { t } = vs.l10n;
  return [
    connectionLine(vs, session),
    t('Batch {0}, {1}', visibleText(meta.batch, 100), visibleText(prefixUri(meta))),
    '',
  ];
}

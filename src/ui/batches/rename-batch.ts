import type * as vscode from 'vscode';
import { MAX_BATCH_NAME } from '../../core/batch/batch.ts';
import { findPipeline } from '../../app/stack/pipeline.ts';
import { visibleText } from '../../core/visible-text.ts';
import { askText } from '../base/ask.ts';
import type { ViewNode } from '../base/node.ts';
import { withSessionToWrite } from '../connection/with-session.ts';
import { askBatch } from './ask-batch.ts';
import type { BatchData } from './batch-rows.ts';
import type { BatchesContext } from './batches-context.ts';
import { storedBatch } from './stored-batch.ts';

/**
 * "Rename Batch…": gives a batch a name of its own, which stands in front of its place.
 * @param node its row; absent: the user chooses
 * @throws DeployError as `findPipeline`, InvalidInputError for a batch without a record, AwsError, AbortError on Escape
 */
export async function renameBatchCommand(
  ui: BatchesContext,
  view: { refresh(): void },
  node?: ViewNode,
): Promise<void> {
  const { vs } = ui;
  const { t } = vs.l10n;
  const title = t('Rename Batch');
  await withSessionToWrite(ui, async (session) => {
    const { services, stackName } = session;
    const pipeline = await findPipeline(stackName, services.stacks);
    const given = (node?.data as Partial<BatchData> | undefined)?.batch;
    const batch =
      given ??
      (await askBatch(ui, session, pipeline, { title, fits: () => true, detail: () => '', sending: true }));
    if (batch === undefined) return;
    const { meta } = await storedBatch(vs, batch, session, pipeline);
    const name = await askText(vs, {
      title,
      prompt: t('What the batch is called. Empty: its bucket and prefix.'),
      value: meta.name === undefined ? '' : visibleText(meta.name, MAX_BATCH_NAME),
      validate: (text) => nameProblem(vs, text),
    });
    await services.batches.rename(pipeline.resultsTable, batch, name);
  });
  view.refresh();
}

/** @returns why the text cannot be a batch's name; undefined where it can */
export function nameProblem({ l10n: { t } }: typeof vscode, text: string): string | undefined {
  return text.length > MAX_BATCH_NAME ? t('A name has at most {0} characters.', MAX_BATCH_NAME) : undefined;
}

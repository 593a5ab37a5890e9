import type { ViewNode } from '../base/node.ts';
import { askBatch } from '../batches/ask-batch.ts';
import type { BatchData } from '../batches/batch-rows.ts';
import type { BatchesContext } from '../batches/batches-context.ts';
import { storedBatch } from '../batches/stored-batch.ts';
import { enqueueFrom } from './enqueue-prefix.ts';
import { formOf } from './form-of-batch.ts';
import { likeLabel } from './enqueue-job.ts';

/**
 * "Enqueue Again…": opens the review with the answers of a batch. What is done is left out, until the user takes it, too.
 * @param node the batch; absent: the user chooses one
 * @throws as `enqueuePrefixCommand`; InvalidInputError for a batch without a record
 */
export async function enqueueAgainCommand(ui: BatchesContext, node?: ViewNode): Promise<void> {
  const { vs } = ui;
  const title = vs.l10n.t('Enqueue Again');
  const isDone = await enqueueFrom(ui, title, async (session, pipeline) => {
    const given = (node?.data as Partial<BatchData> | undefined)?.batch;
    const batch =
      given ??
      (await askBatch(ui, session, pipeline, { title, fits: () => true, detail: () => '', sending: true }));
    if (batch === undefined) return undefined;
    const { meta } = await storedBatch(vs, batch, session, pipeline);
    const form = await formOf(vs, meta);
    return { isWhole: true, form: { ...form, like: meta, jobLabel: likeLabel(vs, batch) } };
  });
  if (!isDone) await vs.window.showInformationMessage(vs.l10n.t('There is no batch yet.'));
}

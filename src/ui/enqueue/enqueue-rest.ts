import { restOf } from '../../app/batch/enqueue-prefix.ts';
import { InvalidInputError } from '../../core/errors.ts';
import { visibleText } from '../../core/visible-text.ts';
import { formatCount } from '../base/format.ts';
import type { ViewNode } from '../base/node.ts';
import { askBatch } from '../batches/ask-batch.ts';
import type { BatchData } from '../batches/batch-rows.ts';
import { sharesOf } from '../batches/batch-state.ts';
import type { BatchesContext } from '../batches/batches-context.ts';
import { storedBatch } from '../batches/stored-batch.ts';
import { likeLabel } from './enqueue-job.ts';
import { enqueueFrom } from './enqueue-prefix.ts';
import { formOf } from './form-of-batch.ts';

/**
 * "Enqueue the Rest…": opens the review of "Enqueue Prefix…" with the answers of a cancelled batch, and "Not yet done" ticked.
 * @param node the batch; absent: the user chooses a cancelled one
 * @throws as `enqueuePrefixCommand`; InvalidInputError for a batch that is not cancelled
 */
export async function enqueueRestCommand(ui: BatchesContext, node?: ViewNode): Promise<void> {
  const { vs } = ui;
  const { t } = vs.l10n;
  const title = t('Enqueue the Rest');
  const isDone = await enqueueFrom(ui, title, async (session, pipeline) => {
    const given = (node?.data as Partial<BatchData> | undefined)?.batch;
    const batch =
      given ??
      (await askBatch(ui, session, pipeline, {
        title,
        fits: (_, brake) => brake?.cancelled !== undefined,
        detail: (progress) => {
          const { withoutJob, atIttybit, done } = sharesOf(progress);
          const all = withoutJob + atIttybit + done;
          return t('cancelled: {0} of {1}', formatCount(vs, withoutJob), formatCount(vs, all));
        },
      }));
    if (batch === undefined) return undefined;
    const { meta } = await storedBatch(vs, batch, session, pipeline);
    if (meta.brake?.cancelled) {
      const form = { ...(await formOf(vs, restOf(meta))), like: meta, jobLabel: likeLabel(vs, batch) };
      return { isWhole: true, form: { ...form, saidDone: true } };
    }
    const name = visibleText(batch, 100);
    throw new InvalidInputError('batch', t('Batch {0} is not cancelled, so it has no rest to send.', name));
  });
  if (!isDone) await vs.window.showInformationMessage(t('No batch is cancelled.'));
}

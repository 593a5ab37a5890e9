import { restOf, type EnqueueRequest } from '../../app/batch/enqueue-prefix.ts';
import { findPipeline } from '../../app/stack/pipeline.ts';
import { InvalidInputError } from '../../core/errors.ts';
import type { FileFilter } from '../../core/files/file-filter.ts';
import { visibleText } from '../../core/visible-text.ts';
import { formatCount } from '../base/format.ts';
import type { ViewNode } from '../base/node.ts';
import { askBatch } from '../batches/ask-batch.ts';
import type { BatchData } from '../batches/batch-rows.ts';
import { sharesOf } from '../batches/batch-state.ts';
import type { BatchesContext } from '../batches/batches-context.ts';
import { storedBatch } from '../batches/stored-batch.ts';
import type { Condition, EnqueueForm } from './enqueue-form.ts';
import { enqueueFrom } from './enqueue-prefix.ts';

/**
 * "Enqueue the Rest…": opens the questions of "Enqueue Prefix…" with the answers of a cancelled batch, and "Not yet done"
 * ticked.
 * @param node the batch; absent: the user chooses a cancelled one
 * @throws as `enqueuePrefixCommand`; InvalidInputError for a batch that is not cancelled
 */
export async function enqueueRestCommand(ui: BatchesContext, node?: ViewNode): Promise<void> {
  const { vs } = ui;
  const { t } = vs.l10n;
  const title = t('Enqueue the Rest');
  const isDone = await enqueueFrom(ui, title, async (session) => {
    const pipeline = await findPipeline(session.stackName, session.services.stacks);
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
    if (meta.brake?.cancelled) return { pipeline, form: { ...formOf(restOf(meta)), like: meta } };
    const name = visibleText(batch, 100);
    throw new InvalidInputError('batch', t('Batch {0} is not cancelled, so it has no rest to send.', name));
  });
  if (!isDone) await vs.window.showInformationMessage(t('No batch is cancelled.'));
}

/** @returns the answers that lead to a request */
function formOf({ bucket, prefix, job, extensions, filter = {} }: EnqueueRequest): Partial<EnqueueForm> {
  const { glob = '', min_size: least, max_size: most, changed_since: changedSince = '' } = filter;
  return {
    place: { bucket, prefix },
    job,
    extensions,
    conditions: conditionsOf(filter),
    glob,
    smallest: sizeText(least),
    largest: sizeText(most),
    changedSince,
  };
}

function conditionsOf(filter: FileFilter): Condition[] {
  return [
    ...(filter.glob === undefined ? [] : ['glob' as const]),
    ...(filter.min_size === undefined && filter.max_size === undefined ? [] : ['size' as const]),
    ...(filter.changed_since === undefined ? [] : ['changed-since' as const]),
    ...(filter.not_yet_done === true ? ['not-yet-done' as const] : []),
    ...(filter.segments === true ? ['segments' as const] : []),
  ];
}

/** In bytes: a larger unit would be rounded. */
function sizeText(bytes: number | undefined): string {
  return bytes === undefined ? '' : `${bytes} B`;
}

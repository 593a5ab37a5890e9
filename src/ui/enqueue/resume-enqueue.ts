import { resumeEnqueue } from '../../app/batch/enqueue-prefix.ts';
import { findPipeline } from '../../app/stack/pipeline.ts';
import { visibleText } from '../../core/visible-text.ts';
import { formatCount } from '../base/format.ts';
import { withSessionToWrite } from '../connection/with-session.ts';
import { askBatch } from '../batches/ask-batch.ts';
import type { BatchesContext } from '../batches/batches-context.ts';
import type { BatchData } from '../batches/batch-rows.ts';
import { storedBatch } from '../batches/stored-batch.ts';
import type { ViewNode } from '../base/node.ts';
import { keyFileFor } from './key-list.ts';
import { runEnqueue, showEnqueueOutcome } from './run-enqueue.ts';

/**
 * "Resume Enqueue": sends the files that an interrupted enqueue did not send.
 * @param node the batch; absent: the user chooses an unfinished one of the editor's
 * @throws DeployError as `findPipeline`, MediaBatchError as `resumeEnqueue`, AwsError, AbortError on Escape
 */
export async function resumeEnqueueCommand(ui: BatchesContext, node?: ViewNode): Promise<void> {
  const { vs, enqueues } = ui;
  const { t } = vs.l10n;
  const outcome = await withSessionToWrite(ui, async (session) => {
    const pipeline = await findPipeline(session.stackName, session.services.stacks);
    const given = (node?.data as Partial<BatchData> | undefined)?.batch;
    const batch =
      given ??
      (await askBatch(ui, session, pipeline, {
        title: t('Resume Enqueue'),
        fits: ({ enqueued }, brake, run) => !enqueued && !brake?.cancelled && !run,
        detail: ({ sent }) => t('{0} files sent so far', formatCount(vs, sent)),
      }));
    if (batch === undefined || enqueues.get(batch)) return batch;
    const { meta } = await storedBatch(vs, batch, session, pipeline);
    const keyFile = await keyFileFor(vs, meta);
    return runEnqueue(ui, {
      title: t('Resuming batch {0}', visibleText(batch)),
      total: undefined,
      begin: (options) => resumeEnqueue(batch, pipeline, session.services, { ...options, keyFile }),
    });
  });
  if (outcome === undefined) await vs.window.showInformationMessage(t('There is no unfinished enqueue.'));
  else if (typeof outcome !== 'string') await showEnqueueOutcome(ui, outcome);
  else await vs.window.showInformationMessage(t('This window is already sending that batch.'));
}

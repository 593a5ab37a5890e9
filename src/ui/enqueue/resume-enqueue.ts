import pMap from 'p-map';
import { batchProgress } from '../../app/batch/batch-progress.ts';
import { resumeEnqueue } from '../../app/batch/enqueue-prefix.ts';
import { findPipeline } from '../../app/stack/pipeline.ts';
import type { BatchMeta, BatchRecord } from '../../core/batch/batch.ts';
import { prefixUri } from '../../core/files/s3-location.ts';
import type { StackOutputs } from '../../core/stack/stack-contract.ts';
import { visibleText } from '../../core/visible-text.ts';
import { askItem } from '../base/ask.ts';
import { formatCount, formatDate } from '../base/format.ts';
import type { Session } from '../connection/session.ts';
import { withSessionToWrite } from '../connection/with-session.ts';
import { pickText } from '../base/pick-text.ts';
import type { BatchesContext } from '../batches/batches-context.ts';
import type { BatchData } from '../batches/batch-rows.ts';
import type { ViewNode } from '../base/node.ts';
import { runEnqueue, showEnqueueOutcome } from './run-enqueue.ts';

/** How many of the newest batches we read to find unfinished ones, and how many of them at once. */
const BATCHES = 50;
const READS = 8;

/**
 * "Resume Enqueue": sends the files that an interrupted enqueue did not send.
 * @param node the batch; absent: the user chooses an unfinished one
 * @throws DeployError as `findPipeline`, AwsError, AbortError on Escape
 */
export async function resumeEnqueueCommand(ui: BatchesContext, node?: ViewNode): Promise<void> {
  const { vs, enqueues } = ui;
  const { t } = vs.l10n;
  const outcome = await withSessionToWrite(ui, async (session) => {
    const pipeline = await findPipeline(session.stackName, session.services.stacks);
    const given = (node?.data as Partial<BatchData> | undefined)?.batch;
    const batch = given ?? (await askUnfinished(ui, session, pipeline));
    if (batch === undefined || enqueues.get(batch)) return batch;
    return runEnqueue(ui, {
      title: t('Resuming batch {0}', visibleText(batch)),
      total: undefined,
      begin: (options) => resumeEnqueue(batch, pipeline, session.services, options),
    });
  });
  if (outcome === undefined) await vs.window.showInformationMessage(t('There is no unfinished enqueue.'));
  else if (typeof outcome !== 'string') await showEnqueueOutcome(ui, outcome);
  else await vs.window.showInformationMessage(t('This window is already sending that batch.'));
}

async function askUnfinished(
  ui: BatchesContext,
  session: Session,
  { resultsTable }: StackOutputs,
): Promise<string | undefined> {
  const { vs } = ui;
  const { t } = vs.l10n;
  const { batches } = session.services;
  const unfinished = await vs.window.withProgress(
    { location: { viewId: 'mediaBatch.batches' } },
    async () => {
      const { items } = await batches.list(resultsTable, { limit: BATCHES });
      const open = items.filter(({ batch }) => !ui.enqueues.get(batch));
      const read = async (meta: BatchMeta): Promise<{ meta: BatchMeta; record: BatchRecord }> => ({
        meta,
        record: await batches.read(resultsTable, meta.batch),
      });
      const records = await pMap(open, read, { concurrency: READS });
      return records.filter(({ record }) => !batchProgress(record).enqueued);
    },
  );
  if (unfinished.length === 0) return undefined;
  const items = unfinished.map(({ meta, record }) => ({
    label: pickText(prefixUri(meta)),
    description: formatDate(vs, new Date(meta.created_at)),
    detail: t('{0} files sent so far', formatCount(vs, batchProgress(record).sent)),
    batch: meta.batch,
  }));
  return (await askItem(vs, items, { title: t('Resume Enqueue') })).batch;
}

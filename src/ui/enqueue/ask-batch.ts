import pMap from 'p-map';
import { batchProgress, type BatchProgress } from '../../app/batch/batch-progress.ts';
import type { BatchMeta } from '../../core/batch/batch.ts';
import { prefixUri } from '../../core/files/s3-location.ts';
import type { StackOutputs } from '../../core/stack/stack-contract.ts';
import { askItem } from '../base/ask.ts';
import { formatDate } from '../base/format.ts';
import { pickText } from '../base/pick-text.ts';
import type { Session } from '../connection/session.ts';
import type { BatchesContext } from '../batches/batches-context.ts';

/** How many of the newest batches are read to find those that fit, and how many of them at once. */
const BATCHES = 50;
const READS = 8;

/** Which batches are offered, and what is said of each. */
export interface BatchQuestion {
  readonly title: string;
  readonly fits: (progress: BatchProgress) => boolean;
  readonly detail: (progress: BatchProgress) => string;
}

/**
 * Asks for one of the newest batches that fit and that this window does not send.
 * @returns its id; undefined where none fits
 * @throws AwsError, AbortError on Escape
 */
export async function askBatch(
  { vs, enqueues }: Pick<BatchesContext, 'vs' | 'enqueues'>,
  { services: { batches } }: Session,
  { resultsTable }: StackOutputs,
  { title, fits, detail }: BatchQuestion,
): Promise<string | undefined> {
  const found = await vs.window.withProgress({ location: { viewId: 'mediaBatch.batches' } }, async () => {
    const { items } = await batches.list(resultsTable, { limit: BATCHES });
    const read = async (meta: BatchMeta): Promise<{ meta: BatchMeta; progress: BatchProgress }> => ({
      meta,
      progress: batchProgress(await batches.read(resultsTable, meta.batch)),
    });
    const idle = items.filter(({ batch }) => !enqueues.get(batch));
    const records = await pMap(idle, read, { concurrency: READS });
    return records.filter(({ progress }) => fits(progress));
  });
  if (found.length === 0) return undefined;
  const items = found.map(({ meta, progress }) => ({
    label: pickText(prefixUri(meta)),
    description: formatDate(vs, new Date(meta.created_at)),
    detail: detail(progress),
    batch: meta.batch,
  }));
  return (await askItem(vs, items, { title })).batch;
}

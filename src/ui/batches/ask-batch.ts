import pMap from 'p-map';
import { batchProgress, type BatchProgress } from '../../app/batch/batch-progress.ts';
import type { BatchMeta, CloudRun } from '../../core/batch/batch.ts';
import type { BatchBrake } from '../../core/batch/brake.ts';
import { runOf } from '../../core/batch/cloud-run.ts';
import { prefixUri } from '../../core/files/s3-location.ts';
import type { StackOutputs } from '../../core/stack/stack-contract.ts';
import { askItem } from '../base/ask.ts';
import { formatDate } from '../base/format.ts';
import { pickText } from '../base/pick-text.ts';
import type { Session } from '../connection/session.ts';
import type { BatchesContext } from './batches-context.ts';

/** How many of the newest batches are read to find those that fit, and how many of them at once. */
const BATCHES = 50;
const READS = 8;

/** Which batches are offered, and what is said of each. */
export interface BatchQuestion {
  readonly title: string;
  /**
   * @param brake what stops the batch; undefined: nothing ever did
   * @param run what enqueues it in the cloud; undefined: the editor does
   */
  readonly fits: (
    progress: BatchProgress,
    brake: BatchBrake | undefined,
    run: CloudRun | undefined,
  ) => boolean;
  readonly detail: (progress: BatchProgress, brake: BatchBrake | undefined) => string;
  /** true: also batches that this window sends */
  readonly sending?: boolean;
}

/**
 * Asks for one of the newest batches that fit and, unless `sending` says otherwise, that this window does not send.
 * @returns its id; undefined where none fits
 * @throws AwsError, AbortError on Escape
 */
export async function askBatch(
  { vs, enqueues }: Pick<BatchesContext, 'vs' | 'enqueues'>,
  { services: { batches } }: Session,
  { resultsTable }: StackOutputs,
  { title, fits, detail, sending = false }: BatchQuestion,
): Promise<string | undefined> {
  const found = await vs.window.withProgress({ location: { viewId: 'mediaBatch.batches' } }, async () => {
    const { items } = await batches.list(resultsTable, { limit: BATCHES });
    const read = async (listed: BatchMeta) => {
      const record = await batches.read(resultsTable, listed.batch);
      // The list comes from an index, which may be a moment behind.
      const run = runOf(record.checkpoints);
      return { meta: record.meta ?? listed, progress: batchProgress(record), run };
    };
    const candidates = items.filter(({ batch }) => sending || !enqueues.get(batch));
    const records = await pMap(candidates, read, { concurrency: READS });
    return records.filter(({ meta, progress, run }) => fits(progress, meta.brake, run));
  });
  if (found.length === 0) return undefined;
  const items = found.map(({ meta, progress }) => ({
    label: pickText(prefixUri(meta)),
    description: formatDate(vs, new Date(meta.created_at)),
    detail: detail(progress, meta.brake),
    batch: meta.batch,
  }));
  return (await askItem(vs, items, { title })).batch;
}

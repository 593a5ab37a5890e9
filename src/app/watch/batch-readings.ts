import pMap from 'p-map';
import type { BatchRecord } from '../../core/batch/batch.ts';
import type { BatchStore } from '../../core/batch/batch-store.ts';
import { DEFAULT_BATCH } from '../../core/batch/queue-message.ts';
import type { StackOutputs } from '../../core/stack/stack-contract.ts';
import { batchProgress, sum, type BatchProgress } from '../batch/batch-progress.ts';
import { RateMeter } from '../batch/throughput.ts';

/** How many of the newest batches are watched. */
const NEWEST = 25;
/** Queries under way at once. */
const QUERIES = 8;
/** Work counts as moving for this long after a batch changed, in ms. */
const MOVING_MS = 30_000;

/** What is remembered of the batches between two readings: the settled ones, and how fast the others move. */
export class BatchMemory {
  readonly #settled = new Map<string, BatchRecord>();
  readonly #before = new Map<string, { left: number; state: string }>();
  readonly #meter = new RateMeter();
  #isFirst = true;
  #moved = 0;
  #changedAt = -Infinity;
  #queued = 0;

  /** files per second that left the queue; see RateMeter */
  get filesPerSecond(): number | undefined {
    return this.#meter.filesPerSecond;
  }

  /** files of these batches that wait to be submitted, from their counts */
  get queued(): number {
    return this.#queued;
  }

  /** @returns a settled batch; undefined for a batch that must be read */
  settled(batch: string): BatchRecord | undefined {
    return this.#settled.get(batch);
  }

  /** Makes the next reading read settled batches again: all of them, or those that a redrive may have changed. */
  forgetSettled(which: 'all' | 'with-dead-letters'): void {
    for (const [batch, { counts }] of this.#settled) {
      if (which === 'all' || counts.dead > 0) this.#settled.delete(batch);
    }
  }

  /** @returns true for half a minute after a batch changed */
  isMoving(now: number): boolean {
    return Math.abs(now - this.#changedAt) < MOVING_MS;
  }

  /**
   * Records a complete reading of the newest batches.
   * @param now epoch ms
   */
  note(records: ReadonlyMap<string, BatchRecord>, now: number): void {
    this.#queued = 0;
    for (const [batch, record] of records) {
      const progress = batchProgress(record);
      this.#compare(batch, progress, now);
      this.#queued += progress.queued + progress.counts.submitting + progress.counts.retrying;
      if (progress.settled) this.#settled.set(batch, record);
      else this.#settled.delete(batch);
    }
    for (const batch of this.#before.keys()) if (!records.has(batch)) this.#before.delete(batch);
    for (const batch of this.#settled.keys()) if (!records.has(batch)) this.#settled.delete(batch);
    this.#meter.add(now, this.#moved);
    this.#isFirst = false;
  }

  /** A batch that appears later began at 0. Counts of the first reading are from before the measurement. */
  #compare(batch: string, progress: BatchProgress, now: number): void {
    const left = leftQueue(progress);
    const state = JSON.stringify([progress.listed, progress.sent, progress.counts]);
    const before = this.#before.get(batch) ?? { left: this.#isFirst ? left : 0, state: '' };
    this.#moved += Math.max(0, left - before.left);
    if (state !== before.state && !(this.#isFirst && progress.settled)) this.#changedAt = now;
    this.#before.set(batch, { left, state });
  }
}

/** Files that no longer wait to be submitted. */
function leftQueue({ counts }: BatchProgress): number {
  const { submitted, processing, succeeded, failed, cancelled, dead } = counts;
  return submitted + processing + succeeded + failed + cancelled + dead;
}

/**
 * Reads the newest 25 batches: a query for their list, and one for each that is not known to be settled.
 * @param now epoch ms
 * @returns newest first; `default` holds bare messages, has no meta, and comes last where there are any
 */
export async function readBatches(
  { resultsTable }: StackOutputs,
  store: BatchStore,
  memory: BatchMemory,
  now: () => number,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, BatchRecord>> {
  const { items } = await store.list(resultsTable, { limit: NEWEST }, signal);
  const metas = new Map(items.map((meta) => [meta.batch, meta]));
  const records = await pMap(
    [...metas.keys(), DEFAULT_BATCH],
    async (batch): Promise<[string, BatchRecord]> => {
      const record = memory.settled(batch) ?? (await store.read(resultsTable, batch, signal));
      return [batch, { ...record, meta: record.meta ?? metas.get(batch) }];
    },
    { concurrency: QUERIES },
  );
  const found = new Map(records.filter(([batch, record]) => batch !== DEFAULT_BATCH || holdsFiles(record)));
  memory.note(found, now());
  return found;
}

function holdsFiles({ counts }: BatchRecord): boolean {
  return sum(Object.values(counts)) > 0;
}

import pMap from 'p-map';
import type { BatchRecord } from '../../core/batch/batch.ts';
import type { BatchStore } from '../../core/batch/batch-store.ts';
import { DEFAULT_BATCH } from '../../core/batch/queue-message.ts';
import type { StackOutputs } from '../../core/stack/stack-contract.ts';
import { batchProgress, countedProgress, sum, type BatchProgress } from '../batch/batch-progress.ts';
import { RateMeter } from '../batch/throughput.ts';

/** How many of the newest batches are watched. */
const NEWEST = 25;
/** Queries under way at once. */
const QUERIES = 8;
/** Work counts as moving for this long after a batch changed, in ms. */
const MOVING_MS = 30_000;
/** A settled batch is read again after this time, in ms, where its files may still move. */
const SETTLED_MS = 60_000;
/** Files that were sent count as never claimed once their batch has not changed for this time, in ms. */
const UNCLAIMED_MS = 15 * 60_000;

/** So long for a batch that the user has cancelled, in ms: its files end as cancelled in any case. */
const DRAINED_MS = 60_000;

/** What is remembered of the batches between two readings: the settled ones, and how fast the others move. */
export class BatchMemory {
  readonly #settled = new Map<string, { readonly record: BatchRecord; readonly readAt: number }>();
  /** `since` is the reading that showed the state first, in epoch ms */
  readonly #before = new Map<string, { left: number; state: string; since: number }>();
  /** batches with files in the queue by their counts: when each was created, epoch ms, and whether it is cancelled */
  readonly #open = new Map<string, { readonly created: number; readonly isCancelled: boolean }>();
  /** cancelled batches whose files have left the queue */
  readonly #drained = new Set<string>();
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

  /** cancelled batches that were found to be drained: that stays so */
  get drained(): ReadonlySet<string> {
    return new Set(this.#drained);
  }

  /**
   * @param now epoch ms
   * @returns a settled batch; undefined for a batch that must be read. A dead file may still turn out to have a job, a job
   * that was given up may end, and the enqueue of a cancelled batch sends the page that it has begun
   */
  settled(batch: string, now: number): BatchRecord | undefined {
    const { record, readAt = 0 } = this.#settled.get(batch) ?? {};
    const mayMove =
      record && (record.meta?.brake?.cancelled || record.counts.dead + record.counts.cancelled > 0);
    return mayMove && Math.abs(now - readAt) >= SETTLED_MS ? undefined : record;
  }

  /** Makes the next reading read settled batches again: all of them, or those that a redrive may have changed. */
  forgetSettled(which: 'all' | 'with-dead-letters'): void {
    for (const [batch, { record }] of this.#settled) {
      if (which === 'all' || record.counts.dead > 0) this.#settled.delete(batch);
    }
  }

  /**
   * @param now epoch ms
   * @param emptySince when the reconciler first found the queue empty, epoch ms; absent: not known
   * @returns the batches that still have files in the queue by their counts, and have not changed for 15 minutes
   * (1 minute for a cancelled one), or are older than the time that their queue has been empty, which is that long
   */
  unclaimed(now: number, emptySince = NaN): ReadonlySet<string> {
    const isLongEmpty = now - emptySince >= UNCLAIMED_MS;
    const gone = [...this.#open].filter(([batch, { created, isCancelled }]) => {
      const unchangedMs = now - (this.#before.get(batch)?.since ?? now);
      const isStill = unchangedMs >= (isCancelled ? DRAINED_MS : UNCLAIMED_MS);
      return isStill || (isLongEmpty && created <= emptySince);
    });
    for (const [batch, { isCancelled }] of gone) if (isCancelled) this.#drained.add(batch);
    return new Set([...this.#drained, ...gone.map(([batch]) => batch)]);
  }

  /** @returns true where files are in the queue by the counts, and no batch has changed for half a minute */
  standsStill(now: number): boolean {
    return this.#open.size > 0 && !this.isMoving(now);
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
    this.#open.clear();
    for (const [batch, record] of records) {
      const progress = batchProgress(record);
      const counted = countedProgress(record);
      // A cancel is no work that was done: it must not count for the rate.
      this.#compare(batch, counted, now);
      this.#queued += progress.queued + progress.counts.retrying;
      const isCancelled = record.meta?.brake?.cancelled !== undefined;
      if (counted.queued > 0 && (counted.enqueued || isCancelled) && !this.#drained.has(batch)) {
        this.#open.set(batch, { created: Date.parse(record.meta?.created_at ?? ''), isCancelled });
      }
      // A remembered batch was not read now.
      if (!progress.settled) this.#settled.delete(batch);
      else if (this.#settled.get(batch)?.record !== record) this.#settled.set(batch, { record, readAt: now });
    }
    for (const batch of this.#before.keys()) if (!records.has(batch)) this.#before.delete(batch);
    for (const batch of this.#drained) if (!records.has(batch)) this.#drained.delete(batch);
    for (const batch of this.#settled.keys()) if (!records.has(batch)) this.#settled.delete(batch);
    this.#meter.add(now, this.#moved);
    this.#isFirst = false;
  }

  /** A batch that appears later began at 0. Counts of the first reading are from before the measurement. */
  #compare(batch: string, progress: BatchProgress, now: number): void {
    const left = leftQueue(progress);
    const state = JSON.stringify([progress.listed, progress.sent, progress.counts]);
    const before = this.#before.get(batch) ?? { left: this.#isFirst ? left : 0, state: '', since: now };
    this.#moved += Math.max(0, left - before.left);
    if (state !== before.state && !(this.#isFirst && progress.settled)) this.#changedAt = now;
    this.#before.set(batch, { left, state, since: state === before.state ? before.since : now });
  }
}

/** Files that no longer wait in the queue; those that wait for another batch have no message in it. */
function leftQueue({ counts, ended }: BatchProgress): number {
  return counts.submitted + counts.processing + counts.waiting + ended;
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
      const settled = memory.settled(batch, now());
      if (settled) return [batch, settled];
      const record = await store.read(resultsTable, batch, signal);
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

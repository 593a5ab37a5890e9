import type { BatchRecord } from '../../core/batch/batch.ts';
import { atIttybit, batchProgress, countedProgress, type BatchProgress } from '../batch/batch-progress.ts';
import { FinishMeter } from '../batch/throughput.ts';
import type { ReadMode } from './part-memory.ts';

/** Work counts as moving for this long after a batch changed, in ms. */
const MOVING_MS = 30_000;
/** So long while jobs are at Ittybit, in ms: one of them may take minutes. */
const AT_ITTYBIT_MS = 10 * 60_000;
/** A batch that stands still is read again after this time, in ms. */
const STILL_MS = 30_000;
/** A settled batch is read again after this time, in ms, where its files may still move. */
const SETTLED_MS = 60_000;
/** While nothing moves, one batch is read in this time, in ms. */
const IDLE_MS = 6 * 60_000;
/** The most batches of one reading that have been read before: those that were not read for longest. */
const MOST = 3;
/** Files that were sent count as never claimed once their batch has not changed for this time, in ms. */
const UNCLAIMED_MS = 15 * 60_000;
/** So long for a batch that the user has cancelled, in ms: its files end as cancelled in any case. */
const DRAINED_MS = 60_000;

interface Known {
  readonly record: BatchRecord;
  /** epoch ms */
  readonly readAt: number;
  /** the reading that showed this state first, epoch ms */
  readonly since: number;
  /** what a change changes */
  readonly state: string;
  readonly meter: FinishMeter;
}

/** What is remembered of the batches between two readings: their counts, and how fast their files end. */
export class BatchMemory {
  readonly #known = new Map<string, Known>();
  /** batches with files in the queue by their counts: when each was created, epoch ms, and whether it is cancelled */
  readonly #open = new Map<string, { readonly created: number; readonly isCancelled: boolean }>();
  /** cancelled batches whose files have left the queue */
  readonly #drained = new Set<string>();
  /** of all batches together */
  readonly #meter = new FinishMeter();
  #isFirst = true;
  #finished = 0;
  #changedAt = -Infinity;
  #atIttybit = 0;
  #readAt = -Infinity;

  /** files of all batches that end per second; see FinishMeter */
  get filesPerSecond(): number | undefined {
    return this.#meter.filesPerSecond;
  }

  /** files that end per second, by batch, where that is known */
  get rates(): ReadonlyMap<string, number> {
    const rates = [...this.#known].map(([batch, { meter }]) => [batch, meter.filesPerSecond] as const);
    return new Map(rates.filter((pair): pair is readonly [string, number] => pair[1] !== undefined));
  }

  /** cancelled batches that were found to be drained: that stays so */
  get drained(): ReadonlySet<string> {
    return new Set(this.#drained);
  }

  /** @returns the batch as it was last read */
  get(batch: string): BatchRecord | undefined {
    return this.#known.get(batch)?.record;
  }

  /**
   * @param now epoch ms
   * @returns the batches that must be read: those that are not known, and of the others a few that may have changed
   */
  due(batches: readonly string[], mode: ReadMode, now: number): ReadonlySet<string> {
    if (mode === 'fresh') return new Set(batches);
    const unknown = batches.filter((batch) => !this.#known.has(batch));
    const most = mode === 'busy' ? MOST : now - this.#readAt >= IDLE_MS ? 1 : 0;
    const old = batches
      .flatMap((batch) => {
        const known = this.#known.get(batch);
        return known && Math.abs(now - known.readAt) >= this.#maxAge(batch, known, mode, now)
          ? [{ batch, known }]
          : [];
      })
      .toSorted((a, b) => a.known.readAt - b.known.readAt)
      .slice(0, most);
    if (old.length > 0) this.#readAt = now;
    return new Set([...unknown, ...old.map(({ batch }) => batch)]);
  }

  /** Makes the next reading read batches again that have dead files, as a redrive may have changed them. */
  forgetDead(): void {
    for (const [batch, known] of this.#known) {
      if (known.record.counts.dead > 0) this.#known.set(batch, { ...known, readAt: -Infinity });
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
      const unchangedMs = now - (this.#known.get(batch)?.since ?? now);
      const isStill = unchangedMs >= (isCancelled ? DRAINED_MS : UNCLAIMED_MS);
      return isStill || (isLongEmpty && created <= emptySince);
    });
    for (const [batch, { isCancelled }] of gone) if (isCancelled) this.#drained.add(batch);
    return new Set([...this.#drained, ...gone.map(([batch]) => batch)]);
  }

  /** @returns true where files are in the queue by the counts, and no batch has changed for half a minute */
  standsStill(now: number): boolean {
    return this.#open.size > 0 && Math.abs(now - this.#changedAt) >= MOVING_MS;
  }

  /** @returns true for half a minute after a batch changed, and for longer while jobs are at Ittybit */
  isMoving(now: number): boolean {
    return Math.abs(now - this.#changedAt) < (this.#atIttybit > 0 ? AT_ITTYBIT_MS : MOVING_MS);
  }

  /**
   * Records a reading of the newest batches; a record that is the same object as before was not read now.
   * @param now epoch ms
   */
  note(records: ReadonlyMap<string, BatchRecord>, now: number): void {
    this.#open.clear();
    this.#atIttybit = 0;
    for (const map of [this.#known, this.#drained]) {
      for (const batch of map.keys()) if (!records.has(batch)) map.delete(batch);
    }
    for (const [batch, record] of records) {
      const counted = countedProgress(record);
      if (this.#known.get(batch)?.record !== record) this.#take(batch, record, counted, now);
      const isCancelled = record.meta?.brake?.cancelled !== undefined;
      this.#atIttybit += atIttybit(counted);
      if (counted.queued > 0 && (counted.enqueued || isCancelled) && !this.#drained.has(batch)) {
        this.#open.set(batch, { created: Date.parse(record.meta?.created_at ?? ''), isCancelled });
      }
    }
    this.#meter.add(now, this.#finished);
    this.#isFirst = false;
  }

  #maxAge(batch: string, { record, since }: Known, mode: ReadMode, now: number): number {
    // A file of a cancelled batch may be on its way to Ittybit while others leave the queue: that is no end yet.
    const progress = this.#open.has(batch) ? countedProgress(record) : batchProgress(record);
    return maxAge(record, progress, { since, mode, now });
  }

  /** A batch that appears later began at 0. Counts of the first reading are from before the measurement. */
  #take(batch: string, record: BatchRecord, counted: BatchProgress, now: number): void {
    const before = this.#known.get(batch);
    const state = JSON.stringify([counted.listed, counted.sent, counted.counts]);
    const isSame = state === before?.state;
    const isNews = before !== undefined || !(this.#isFirst && batchProgress(record).settled);
    const isEmpty = counted.listed + counted.ended === 0;
    if (!isSame && isNews && !isEmpty) this.#changedAt = now;
    const finishedBefore = before ? countedProgress(before.record).ended : this.#isFirst ? counted.ended : 0;
    // A redrive returns files; a cancel of what was never claimed is no work that was done.
    this.#finished += Math.max(0, counted.ended - finishedBefore);
    const meter = before?.meter ?? new FinishMeter();
    meter.add(now, counted.ended);
    this.#known.set(batch, { record, readAt: now, since: isSame ? before.since : now, state, meter });
  }
}

/**
 * A dead file may turn out to have a job, one that was given up may end, another window may retry a failed one, and a
 * cancelled enqueue ends its page.
 */
function maxAge(
  record: BatchRecord,
  progress: BatchProgress,
  { since, mode, now }: { readonly since: number; readonly mode: ReadMode; readonly now: number },
): number {
  const mayMove =
    record.meta?.brake?.cancelled || record.counts.failed + record.counts.dead + record.counts.cancelled > 0;
  if (progress.settled) return !mayMove ? Infinity : mode === 'idle' ? IDLE_MS : SETTLED_MS;
  if (mode === 'idle') return IDLE_MS;
  const isMoving = Math.abs(now - since) < (atIttybit(progress) > 0 ? AT_ITTYBIT_MS : MOVING_MS);
  return isMoving && record.checkpoints.length > 0 ? 0 : STILL_MS;
}

import { FailedFiles, failuresIn, readCounts, type BatchCounts } from '../../app/batch/failed-files.ts';
import type { FailureGroup } from '../../app/batch/failure-groups.ts';
import type { Failure } from '../../app/batch/failures.ts';
import { sortFailures, type SortedFailures } from '../../app/batch/sort-failures.ts';
import { unknownLetters } from '../../app/batch/unknown-letters.ts';
import { inSlices } from '../../app/in-slices.ts';
import type { Reading } from '../../app/watch/reading.ts';
import { inQueue } from '../../core/batch/queue-service.ts';
import type { ResultItem } from '../../core/batch/result-item.ts';
import type { CloudServices } from '../../core/stack/cloud-services.ts';
import type { Disposable } from '../../core/lifetime.ts';
import type { StackOutputs } from '../../core/stack/stack-contract.ts';
import type { StackScope } from '../watch/stack-scope.ts';
import { needsPeek, type LookMemory } from './look-memory.ts';

/** How many files one look reads at most, and each "Load more": 20 queries of 1 MB at most. */
export const FILES_A_LOOK = 10_000;
/** How many files a look keeps at most: about 1 kB each. */
export const FILES_KEPT = 50_000;

/** What a look has read. */
export type AllFailures = Pick<FailureLook, 'failures' | 'groups' | 'leftOut' | 'total' | 'isPart'>;

/**
 * One look at a stack's failures: the table's failed and dead files, then the letters that the table does not know. The queue
 * is received from only where it holds more letters than there are dead files. To look again, make another one.
 */
export class FailureLook implements Disposable {
  readonly #scope: Pick<StackScope, 'read'>;
  readonly #reading: () => Reading | undefined;
  readonly #before: LookMemory | undefined;
  readonly #onChange: () => void;
  readonly #kept: number;
  readonly #control = new AbortController();
  #counts: BatchCounts = new Map();
  #files: FailedFiles | undefined;
  #letters: LookMemory['letters'];
  #most: number;
  #found: SortedFailures | undefined;
  #error: unknown;
  #isWhole = false;
  #tookMs = 0;
  #running: Promise<void> | undefined;
  #first: Promise<unknown> | undefined;

  /**
   * Prepares a look; it sends no request.
   * @param reading returns what the poll has read
   * @param before what an earlier look knew of batches that the poll leaves out, and of the queue
   * @param onChange called when the look ends after it has shown something, and when its files have changed
   * @param kept the most files that it keeps
   */
  constructor(
    scope: Pick<StackScope, 'read'>,
    reading: () => Reading | undefined,
    before: LookMemory | undefined,
    onChange: () => void,
    kept: number = FILES_KEPT,
  ) {
    this.#kept = kept;
    this.#scope = scope;
    this.#reading = reading;
    this.#before = before;
    this.#most = before?.most ?? FILES_A_LOOK;
    this.#onChange = onChange;
  }

  /** by cause, the largest group first; undefined when nothing has been read */
  get groups(): readonly FailureGroup[] | undefined {
    return this.#found?.groups;
  }

  /** what has been read, without what is left out */
  get failures(): readonly Failure[] {
    return this.#found?.failures ?? [];
  }

  /** those of the files read that an operator has left out, the newest first */
  get leftOut(): readonly Failure[] {
    return this.#found?.leftOut ?? [];
  }

  /** how many there are in all, without those that are known to be left out */
  get total(): number {
    const all = (this.#files?.total ?? 0) + (this.#letters?.unknown.length ?? 0);
    return Math.max(this.failures.length, all - this.leftOut.length);
  }

  /** true where `more` would read some */
  get hasMore(): boolean {
    return this.isPart && (this.#files?.size ?? 0) < this.#kept;
  }

  /** true where the table has more files than the look has read */
  get isPart(): boolean {
    return this.#isWhole && this.#files?.hasMore === true;
  }

  /** how long the last reading took, in ms */
  get tookMs(): number {
    return this.#tookMs;
  }

  /** why the look failed after it had found some files */
  get error(): unknown {
    return this.#error;
  }

  get counts(): BatchCounts {
    return this.#counts;
  }

  /** undefined before the look has ended */
  get memory(): LookMemory | undefined {
    return this.#isWhole ? { most: this.#most, counts: this.#counts, letters: this.#letters } : undefined;
  }

  /** @returns true when the look has ended, and the poll has read other numbers since */
  isOutdatedBy({ batches, deadLetters }: Pick<Reading, 'batches' | 'deadLetters'>): boolean {
    if (!this.#isWhole) return false;
    const isOther = [...(batches ?? [])].some(([batch, { counts }]) => {
      const before = this.#counts.get(batch)?.counts;
      return counts.failed !== (before?.failed ?? 0) || counts.dead !== (before?.dead ?? 0);
    });
    return isOther || (deadLetters !== undefined && needsPeek(this.#excess(deadLetters), this.#letters));
  }

  /**
   * Starts the look unless it has started; starts it again when it has failed. Returns when it has found its first files, or
   * none; the look then continues.
   * @throws DeployError `not-deployed`, AwsError, AbortError
   */
  async first(signal: AbortSignal): Promise<void> {
    if (!this.#files) {
      // `#first` fails with the same error.
      this.whole().catch(() => undefined);
      await this.#first;
    }
    signal.throwIfAborted();
  }

  /** As `first`, but returns when the look has ended. */
  whole(): Promise<void> {
    if (this.#isWhole && this.#error === undefined) return Promise.resolve();
    this.#running ??= this.#start().finally(() => {
      this.#running = this.#first = undefined;
    });
    return this.#running;
  }

  /** Reads as many files more, up to the most that are kept. */
  async more(): Promise<void> {
    await this.#running;
    await this.#readOn(this.#most + FILES_A_LOOK);
  }

  /**
   * Reads on to the last file, or to the most that are kept.
   * @param onRead called with how many have been read of how many
   */
  async rest(signal: AbortSignal, onRead: (read: number, total: number) => void): Promise<void> {
    await this.whole();
    while (this.hasMore) {
      signal.throwIfAborted();
      onRead(this.failures.length, this.total);
      // Each step sorts all files anew.
      await this.#readOn(2 * this.#most);
      if (this.#error instanceof Error) throw this.#error;
    }
    signal.throwIfAborted();
  }

  /** Takes other states of files that have been read, such as those that were left out. */
  async replace(items: readonly ResultItem[]): Promise<void> {
    // Whoever has started that look is told why it failed.
    await this.#running?.catch(() => undefined);
    for (const item of items) this.#files?.replace(item);
    await this.#sort();
    this.#onChange();
  }

  /** Ends the look. It makes the letters that it holds visible again. */
  dispose(): void {
    this.#control.abort();
  }

  async #readOn(most: number): Promise<void> {
    this.#most = Math.min(this.#kept, most);
    this.#isWhole = false;
    await this.whole();
  }

  #start(): Promise<void> {
    const { promise: some, resolve: onFirst } = Promise.withResolvers<undefined>();
    const run = this.#run(() => {
      onFirst(undefined);
    });
    this.#first = Promise.race([some, run]);
    // `run` fails with the same error.
    this.#first.catch(() => undefined);
    return run;
  }

  async #run(onFirst: () => void): Promise<void> {
    this.#error = undefined;
    const started = performance.now();
    try {
      await this.#scope.read(
        (services, pipeline, signal) => this.#read(services, pipeline, signal, onFirst),
        this.#control.signal,
      );
    } catch (error) {
      // Files that are on screen already stay there.
      if (!this.#files || this.#files.size === 0 || this.#control.signal.aborted) {
        this.#files = this.#found = undefined;
        throw error;
      }
      this.#error = error;
    }
    this.#control.signal.throwIfAborted();
    await this.#sort();
    this.#isWhole = true;
    this.#tookMs = performance.now() - started;
    this.#onChange();
  }

  async #read(
    services: CloudServices,
    pipeline: StackOutputs,
    signal: AbortSignal,
    onFirst: () => void,
  ): Promise<void> {
    const { batches } = services;
    const table = pipeline.resultsTable;
    if (!this.#files) {
      // After a command or a Refresh, what the poll has read may be older.
      const known = new Map(this.#before && [...this.#before.counts, ...(this.#reading()?.batches ?? [])]);
      this.#counts = await readCounts(pipeline, batches, known, signal);
    }
    const files = this.#files ?? new FailedFiles(this.#counts);
    let sorted: Promise<void> | undefined;
    await files.readUpTo(
      this.#most,
      (list, page) => batches.results(table, list, page, signal),
      () => {
        if (this.#files) return;
        this.#files = files;
        sorted = this.#sort().then(onFirst);
        // It fails only where the read is aborted, too.
        sorted.catch(() => undefined);
      },
    );
    await this.#readLetters(services, pipeline, files, signal);
    this.#files = files;
    await sorted;
  }

  /** Groups what has been read, in slices: thousands of reasons at once would block the editor's other extensions. */
  async #sort(): Promise<void> {
    const { signal } = this.#control;
    const steps = sortFailures(this.#files?.items ?? [], this.#letters?.unknown ?? []);
    this.#found = await inSlices(steps, { signal });
  }

  async #readLetters(
    { queues, batches }: CloudServices,
    pipeline: StackOutputs,
    files: FailedFiles,
    signal: AbortSignal,
  ): Promise<void> {
    const polled = this.#before && this.#reading()?.deadLetters;
    const letters = polled ?? inQueue(await queues.depth(pipeline.deadLetterQueueUrl, signal));
    const excess = this.#excess(letters);
    const before = this.#letters ?? this.#before?.letters;
    if (!needsPeek(excess, before)) {
      this.#letters = before && excess > 0 ? { ...before, excess } : undefined;
      return;
    }
    const isKnown = (id: string): boolean => files.has(id);
    const unknown = await unknownLetters(pipeline, { queues, batches }, isKnown, signal);
    this.#letters = { excess, unknown };
  }

  /** how many letters the queue has more than there are dead files; AWS only estimates them */
  #excess(letters: number): number {
    return Math.max(0, letters - failuresIn(this.#counts).dead);
  }
}

import { Emitter } from '../../core/emitter.ts';
import { isAbort } from '../../core/errors.ts';
import type { Disposable } from '../../core/lifetime.ts';
import type { Reading, WatchPart } from './reading.ts';

/** Pauses between two readings, in ms. */
export interface WatchPace {
  /** while work moves */
  readonly busyMs: number;
  readonly idleMs: number;
  /** while only the number of dead letters is wanted */
  readonly quietMs: number;
  /** the longest pause after errors */
  readonly mostMs: number;
}

const PACE: WatchPace = { busyMs: 5_000, idleMs: 30_000, quietMs: 60_000, mostMs: 300_000 };
/** A part that was read so long ago serves a new listener as well, in ms. */
const FRESH_MS = 5_000;

export interface WatchOptions {
  /**
   * Reads all the parts at once. `anew` asks for what is remembered between readings to be read again; `onPart` may
   * be given what is known of the pipeline before the whole is read.
   */
  readonly read: (
    parts: ReadonlySet<WatchPart>,
    signal: AbortSignal,
    anew: boolean,
    onPart: (part: Reading) => void,
  ) => Promise<Reading>;
  /** read before each pause: a getter follows a setting */
  readonly pace?: Partial<WatchPace>;
  /** ms of a clock that nobody sets back */
  readonly now?: () => number;
  /** runs something once after so many ms, unless it is disposed of before */
  readonly setTimer?: (run: () => void, ms: number) => Disposable;
  /** 0 to 1 */
  readonly random?: () => number;
}

/** What listeners get: the last good reading and, where the last attempt failed, why. */
export interface WatchState {
  /** undefined until the first one */
  readonly reading: Reading | undefined;
  readonly error: unknown;
}

/**
 * One poll that all views share. It runs only while something is demanded, one reading at a time, at a pace that
 * follows the work; errors make it slower, and a cancel is no error.
 */
export class PipelineWatch implements Disposable {
  readonly #read: WatchOptions['read'];
  readonly #pace: Partial<WatchPace>;
  readonly #now: () => number;
  readonly #setTimer: (run: () => void, ms: number) => Disposable;
  readonly #random: () => number;
  readonly #demands = new Map<Disposable, { part: WatchPart; eager: boolean }>();
  readonly #changed = new Emitter<WatchState>();
  readonly #readAt = new Map<WatchPart, number>();
  #state: WatchState = { reading: undefined, error: undefined };
  #endedAt = -Infinity;
  #failures = 0;
  #timer: Disposable | undefined;
  #running: Promise<void> | undefined;
  /** the reading under way: what it will bring, and how to end it */
  #current: { parts: ReadonlySet<WatchPart>; control: AbortController } | undefined;
  /** a reading is wanted behind the one under way */
  #again = false;
  #anew = false;
  #disposed = false;

  /** Nothing is read before something is demanded. */
  constructor(options: WatchOptions) {
    this.#read = options.read;
    this.#pace = options.pace ?? {};
    this.#now = options.now ?? (() => performance.now());
    this.#setTimer = options.setTimer ?? startTimer;
    this.#random = options.random ?? Math.random;
  }

  /** the last good reading; parts that are no longer demanded stay as they were last read */
  get last(): Reading | undefined {
    return this.#state.reading;
  }

  /** why the last attempt failed; undefined where it did not */
  get error(): unknown {
    return this.#state.error;
  }

  /**
   * Has a part read until the demand is disposed of; at once unless it was read within the last 5 s. Demands of
   * one moment share a reading.
   * @param eager somebody looks at it: the number of dead letters alone, one cheap request, is read at the busy pace then
   */
  demand(part: WatchPart, eager = false): Disposable {
    const demand = {
      dispose: () => {
        if (this.#demands.delete(demand)) this.#released();
      },
    };
    if (this.#disposed) return demand;
    this.#demands.set(demand, { part, eager });
    if (this.#now() - (this.#readAt.get(part) ?? -Infinity) < FRESH_MS) this.#schedule();
    else if (!this.#isReading(part)) void this.#want();
    return demand;
  }

  /** @param listener gets every reading and every error */
  onChange(listener: (state: WatchState) => void): Disposable {
    return this.#changed.on(listener);
  }

  /**
   * Reads now what is demanded, without what is remembered, and forgets the errors so far. A reading under way is
   * waited for and followed by one more, as it may have begun before what the caller wants to see; refreshes of
   * one moment share that.
   * @returns when it has been read or has failed; never rejects for a failed reading
   */
  refresh(): Promise<void> {
    this.#failures = 0;
    this.#anew = true;
    return this.#want();
  }

  /** Ends the reading under way, every demand and every listener; what that reading still brings is not taken. */
  dispose(): void {
    this.#disposed = true;
    this.#demands.clear();
    this.#changed.dispose();
    this.#released();
  }

  #isReading(part: WatchPart): boolean {
    return this.#current?.parts.has(part) === true && !this.#current.control.signal.aborted;
  }

  #released(): void {
    if (this.#demands.size === 0) this.#current?.control.abort();
    this.#schedule();
  }

  #want(): Promise<void> {
    this.#again = true;
    return this.#run();
  }

  #run(): Promise<void> {
    this.#stopTimer();
    this.#running ??= this.#readWanted().finally(() => {
      this.#running = undefined;
      // A wish that came in after the last reading.
      if (this.#again) return this.#run();
      this.#schedule();
      return undefined;
    });
    return this.#running;
  }

  async #readWanted(): Promise<void> {
    while (this.#again) {
      // Demands of the same moment come along.
      await Promise.resolve();
      this.#again = false;
      const parts = new Set([...this.#demands.values()].map(({ part }) => part));
      if (parts.size > 0) await this.#readOnce(parts);
    }
  }

  async #readOnce(parts: ReadonlySet<WatchPart>): Promise<void> {
    const control = new AbortController();
    const anew = this.#anew;
    this.#current = { parts, control };
    this.#anew = false;
    const result = await this.#attempt(parts, control.signal, anew);
    this.#current = undefined;
    if (control.signal.aborted) {
      this.#anew ||= anew;
      return;
    }
    this.#endedAt = this.#now();
    if ('reading' in result) {
      this.#failures = 0;
      for (const part of parts) this.#readAt.set(part, this.#endedAt);
      this.#emit({ reading: { ...this.#state.reading, ...result.reading }, error: undefined });
    } else if (!isAbort(result.error)) {
      this.#failures += 1;
      this.#emit({ ...this.#state, error: result.error });
    }
  }

  async #attempt(
    parts: ReadonlySet<WatchPart>,
    signal: AbortSignal,
    anew: boolean,
  ): Promise<{ reading: Reading } | { error: unknown }> {
    const onPart = (part: Reading): void => {
      // Only where there is nothing better: a whole reading never gives way to a part of the next one.
      if (signal.aborted || this.#state.reading?.pipeline) return;
      this.#emit({ reading: { ...this.#state.reading, ...part }, error: undefined });
    };
    try {
      return { reading: await this.#read(parts, signal, anew, onPart) };
    } catch (error) {
      return { error };
    }
  }

  #emit(state: WatchState): void {
    this.#state = state;
    this.#changed.emit(state);
  }

  #schedule(): void {
    this.#stopTimer();
    if (this.#running || this.#demands.size === 0) return;
    const ms = Math.max(0, this.#endedAt + this.#pauseMs() - this.#now());
    this.#timer = this.#setTimer(() => {
      this.#timer = undefined;
      void this.#want();
    }, ms);
  }

  #stopTimer(): void {
    this.#timer?.dispose();
    this.#timer = undefined;
  }

  /** After errors each pause is twice as long, with jitter so that windows do not call in step. */
  #pauseMs(): number {
    const { busyMs, idleMs, quietMs, mostMs } = { ...PACE, ...this.#pace };
    const demands = [...this.#demands.values()];
    const onlyDeadLetters = demands.every(({ part }) => part === 'dead-letters');
    const isWatched = demands.some(({ eager }) => eager);
    const alone = isWatched ? busyMs : quietMs;
    const usual = onlyDeadLetters ? alone : this.#state.reading?.busy ? busyMs : idleMs;
    if (this.#failures === 0) return usual;
    return Math.min(mostMs, usual * 2 ** this.#failures) * (0.5 + this.#random() / 2);
  }
}

function startTimer(run: () => void, ms: number): Disposable {
  const timer = setTimeout(run, ms);
  return {
    dispose: () => {
      clearTimeout(timer);
    },
  };
}

import { Emitter } from '../../core/emitter.ts';
import { isAbort } from '../../core/errors.ts';
import type { Disposable } from '../../core/lifetime.ts';
import type { ReadMode } from './part-memory.ts';
import type { Reading, WatchPart } from './reading.ts';
import { Silence } from './silence.ts';

/** Pauses between two readings, in ms. */
export interface WatchPace {
  /** while work moves */
  readonly busyMs: number;
  /** while nothing moves */
  readonly idleMs: number;
  /** while only the number of dead letters is wanted, and a view shows it */
  readonly lettersMs: number;
  /** while only the number of dead letters is wanted */
  readonly quietMs: number;
  /** the longest pause after errors */
  readonly mostMs: number;
}

const PACE: WatchPace = {
  busyMs: 5_000,
  idleMs: 60_000,
  lettersMs: 30_000,
  quietMs: 60_000,
  mostMs: 300_000,
};
/** A part that was read within this time serves a new listener too, in ms. */
const FRESH_MS = 5_000;

export interface WatchOptions {
  /**
   * Reads all the parts at once; the mode says how much of what is remembered is read again. `onPart` may be called with
   * the part of the pipeline that is known first.
   */
  readonly read: (
    parts: ReadonlySet<WatchPart>,
    signal: AbortSignal,
    mode: ReadMode,
    onPart: (part: Reading) => void,
  ) => Promise<Reading>;
  /** read before each pause, so that a getter can follow a setting */
  readonly pace?: Partial<WatchPace>;
  /** ms of a clock that is never set back */
  readonly now?: () => number;
  /** epoch ms */
  readonly wall?: () => number;
  /** runs a function once after `ms`, unless it is disposed of before */
  readonly setTimer?: (run: () => void, ms: number) => Disposable;
  /** 0 to 1 */
  readonly random?: () => number;
}

/** What listeners get: the last good reading, and the error of the last attempt if it failed. */
export interface WatchState {
  /** undefined until the first one */
  readonly reading: Reading | undefined;
  readonly error: unknown;
  /** since when AWS has not answered, epoch ms; undefined while it answers, and for the first half minute */
  readonly silentSince?: number | undefined;
}

/**
 * The one poll that all views share. It runs only while a part is demanded, and makes one reading at a time. It is
 * faster while work moves and slower after errors. A cancel is not an error.
 */
export class PipelineWatch implements Disposable {
  readonly #read: WatchOptions['read'];
  readonly #pace: Partial<WatchPace>;
  readonly #now: () => number;
  readonly #setTimer: (run: () => void, ms: number) => Disposable;
  readonly #random: () => number;
  readonly #silence: Silence;
  readonly #demands = new Map<Disposable, { part: WatchPart; eager: boolean }>();
  readonly #changed = new Emitter<WatchState>();
  readonly #readAt = new Map<WatchPart, number>();
  #state: WatchState = { reading: undefined, error: undefined };
  #endedAt = -Infinity;
  #failures = 0;
  #timer: Disposable | undefined;
  #running: Promise<void> | undefined;
  /** the current reading: its parts, and how to end it */
  #current: { parts: ReadonlySet<WatchPart>; control: AbortController } | undefined;
  /** another reading is wanted after the current one */
  #again = false;
  #fresh = false;
  /** the next reading comes by itself, because its time has come */
  #isTimed = false;
  #disposed = false;

  /** Nothing is read before a part is demanded. */
  constructor(options: WatchOptions) {
    this.#read = options.read;
    this.#pace = options.pace ?? {};
    this.#now = options.now ?? (() => performance.now());
    this.#setTimer = options.setTimer ?? startTimer;
    this.#random = options.random ?? Math.random;
    this.#silence = new Silence(this.#setTimer, options.wall ?? Date.now, () => {
      this.#emit(this.#state);
    });
  }

  /** the last good reading; parts that are no longer demanded stay as they were last read */
  get last(): Reading | undefined {
    return this.#state.reading;
  }

  /** the error of the last attempt; undefined where it succeeded */
  get error(): unknown {
    return this.#state.error;
  }

  /** since when AWS has not answered, epoch ms; undefined while it answers */
  get silentSince(): number | undefined {
    return this.#silence.since;
  }

  /**
   * Demands a part: it is read regularly until the demand is disposed of. The first reading is at once, unless the part
   * was read within the last 5 s. Demands of the same moment share a reading.
   * @param eager true: the user sees the part. Then the number of dead letters alone, one cheap request, is read more
   * often
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
   * Reads the demanded parts now, also what is remembered between readings, and ends the slower pace after errors.
   * After a current reading another one follows, because the current one may have begun before the change that the
   * caller wants to see. Refreshes of the same moment share a reading.
   * @returns resolves when the reading has ended; never rejects for a failed reading
   */
  refresh(): Promise<void> {
    this.#failures = 0;
    this.#fresh = true;
    return this.#want();
  }

  /** Ends the current reading, every demand and every listener. A result that still arrives is dropped. */
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
    if (this.#demands.size === 0) {
      this.#current?.control.abort();
      this.#silence.end();
    }
    this.#schedule();
  }

  #want(isTimed = false): Promise<void> {
    this.#again = true;
    this.#isTimed = isTimed;
    return this.#run();
  }

  #run(): Promise<void> {
    this.#stopTimer();
    this.#running ??= this.#readWanted().finally(() => {
      this.#running = undefined;
      // A reading was requested after the last one.
      if (this.#again) return this.#run();
      this.#schedule();
      return undefined;
    });
    return this.#running;
  }

  async #readWanted(): Promise<void> {
    while (this.#again) {
      // Demands of the same moment join this reading.
      await Promise.resolve();
      this.#again = false;
      const parts = new Set([...this.#demands.values()].map(({ part }) => part));
      if (parts.size > 0) await this.#readOnce(parts);
    }
  }

  async #readOnce(parts: ReadonlySet<WatchPart>): Promise<void> {
    const control = new AbortController();
    const mode = this.#fresh ? 'fresh' : this.#isTimed && !this.#state.reading?.busy ? 'idle' : 'busy';
    this.#current = { parts, control };
    this.#fresh = false;
    this.#silence.ask();
    const result = await this.#attempt(parts, control.signal, mode);
    this.#current = undefined;
    if (control.signal.aborted) {
      this.#fresh ||= mode === 'fresh';
      return;
    }
    this.#endedAt = this.#now();
    if ('reading' in result) {
      this.#failures = 0;
      for (const part of parts) this.#readAt.set(part, this.#endedAt);
      this.#silence.end();
      this.#emit({ reading: { ...this.#state.reading, ...result.reading }, error: undefined });
    } else if (isAbort(result.error)) {
      this.#silence.end();
    } else {
      this.#failures += 1;
      this.#silence.fail(result.error);
      this.#emit({ ...this.#state, error: result.error });
    }
  }

  async #attempt(
    parts: ReadonlySet<WatchPart>,
    signal: AbortSignal,
    mode: ReadMode,
  ): Promise<{ reading: Reading } | { error: unknown }> {
    const onPart = (part: Reading): void => {
      // Only without a complete reading: a part of the next reading must not replace it.
      if (signal.aborted || this.#state.reading?.pipeline) return;
      this.#emit({ reading: { ...this.#state.reading, ...part }, error: undefined });
    };
    try {
      return { reading: await this.#read(parts, signal, mode, onPart) };
    } catch (error) {
      return { error };
    }
  }

  #emit(state: WatchState): void {
    const { since } = this.#silence;
    this.#state = {
      reading: state.reading,
      error: state.error,
      ...(since !== undefined && { silentSince: since }),
    };
    this.#changed.emit(this.#state);
  }

  #schedule(): void {
    this.#stopTimer();
    if (this.#running || this.#demands.size === 0) return;
    const ms = Math.max(0, this.#endedAt + this.#pauseMs() - this.#now());
    this.#timer = this.#setTimer(() => {
      this.#timer = undefined;
      void this.#want(true);
    }, ms);
  }

  #stopTimer(): void {
    this.#timer?.dispose();
    this.#timer = undefined;
  }

  /** After errors each pause is twice as long. Jitter keeps windows from calling at the same moments. */
  #pauseMs(): number {
    const { busyMs, idleMs, lettersMs, quietMs, mostMs } = { ...PACE, ...this.#pace };
    const demands = [...this.#demands.values()];
    const onlyDeadLetters = demands.every(({ part }) => part === 'dead-letters');
    const isWatched = demands.some(({ eager }) => eager);
    const idle = onlyDeadLetters ? (isWatched ? lettersMs : quietMs) : idleMs;
    const isBusy = !onlyDeadLetters && this.#state.reading?.busy;
    const usual = isBusy ? busyMs : Math.max(idle, busyMs);
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

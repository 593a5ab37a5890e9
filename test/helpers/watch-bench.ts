import type { ReadMode } from '../../src/app/watch/part-memory.ts';
import type { Reading, WatchPart } from '../../src/app/watch/reading.ts';
import { PipelineWatch, type WatchState } from '../../src/app/watch/watch.ts';
import type { Disposable } from '../../src/core/lifetime.ts';

/** Lets everything run that waits for no timer. */
export const settle = (): Promise<unknown> => new Promise((resolve) => setImmediate(resolve));
export const SECOND = 1000;
/** The clock on the wall when the bench begins, epoch ms. */
export const WALL = Date.parse('2026-11-23T08:00:00.000Z');

/** One reading of a bench. */
export interface Call {
  readonly parts: readonly WatchPart[];
  readonly at: number;
  readonly mode: ReadMode;
  readonly signal: AbortSignal;
  readonly answer: (result: Partial<Reading> | Error) => void;
}

/** A watch on a clock that the test moves; each reading waits for its answer. */
export class WatchBench {
  now = 0;
  readonly calls: Call[] = [];
  readonly states: WatchState[] = [];
  readonly watch: PipelineWatch;
  readonly #timers = new Map<object, { at: number; run: () => void }>();

  constructor(random = 1) {
    this.watch = new PipelineWatch({
      read: (parts, signal, mode) =>
        new Promise((resolve, reject) => {
          const answer = (result: Partial<Reading> | Error) => {
            if (result instanceof Error) reject(result);
            else resolve({ problems: {}, busy: false, ...result });
          };
          signal.addEventListener('abort', () => {
            reject(new DOMException('', 'AbortError'));
          });
          this.calls.push({ parts: [...parts].toSorted(), at: this.now, mode, signal, answer });
        }),
      now: () => this.now,
      wall: () => WALL + this.now,
      random: () => random,
      setTimer: (run, ms) => {
        const timer = {};
        this.#timers.set(timer, { at: this.now + ms, run });
        return { dispose: () => this.#timers.delete(timer) };
      },
    });
    this.watch.onChange((state) => this.states.push(state));
  }

  get last(): Call {
    return this.calls.at(-1)!;
  }

  get timers(): number[] {
    return [...this.#timers.values()].map(({ at }) => at - this.now);
  }

  /** until the next reading; a silence is noticed earlier */
  get pause(): number {
    return this.timers.at(-1)!;
  }

  async answer(result: Partial<Reading> | Error = {}): Promise<void> {
    this.last.answer(result);
    await settle();
  }

  /** Moves the clock, and runs what is due. */
  async pass(ms: number): Promise<void> {
    this.now += ms;
    for (const [timer, { at, run }] of [...this.#timers]) {
      if (at > this.now) continue;
      this.#timers.delete(timer);
      run();
    }
    await settle();
  }

  async demand(...parts: WatchPart[]): Promise<Disposable[]> {
    const demands = parts.map((part) => this.watch.demand(part));
    await settle();
    return demands;
  }
}

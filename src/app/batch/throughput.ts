/** The rate covers this much of the past, in ms. */
const WINDOW_MS = 5 * 60_000;
/**
 * After this time without a change, in ms, the work has ended or is paused, and the rate from before no longer counts.
 */
const STILL_MS = 60_000;
/** Shortest time over which a rate is meaningful, in ms. */
const LEAST_SPAN_MS = 10_000;

interface Sample {
  /** epoch ms */
  readonly at: number;
  readonly total: number;
}

/** Measures files per second over the last five minutes of movement, from readings of a counter. */
export class RateMeter {
  /** oldest first, all within the window */
  #samples: Sample[] = [];
  #movedAt = -Infinity;

  /**
   * @param at epoch ms; the measurement starts again when the clock is set back
   * @param total files that have left the queue so far; may fall, because a redrive returns dead letters to it
   */
  add(at: number, total: number): void {
    const last = this.#samples.at(-1);
    if (last && at < last.at) {
      this.#samples = [];
      this.#movedAt = at;
    }
    if (!last || total > last.total) this.#movedAt = at;
    // The measurement starts again with the next movement: idle time must not lower the rate.
    if (at - this.#movedAt >= STILL_MS) this.#samples = [];
    this.#samples = this.#samples.filter((sample) => sample.at !== at && sample.at >= at - WINDOW_MS);
    this.#samples.push({ at, total });
  }

  /** files per second; undefined until two samples are 10 s apart, and while nothing moves */
  get filesPerSecond(): number | undefined {
    const [first] = this.#samples;
    const last = this.#samples.at(-1);
    if (!first || !last || last.at - first.at < LEAST_SPAN_MS) return undefined;
    let moved = 0;
    let before = first;
    for (const sample of this.#samples) {
      moved += Math.max(0, sample.total - before.total);
      before = sample;
    }
    return moved / ((last.at - first.at) / 1000);
  }
}

/**
 * @param remaining files that still wait
 * @param filesPerSecond undefined where it is not known yet
 * @returns seconds until the last one has left, 0 when none is left; undefined where nothing moves
 */
export function secondsLeft(remaining: number, filesPerSecond: number | undefined): number | undefined {
  if (remaining <= 0) return 0;
  return filesPerSecond ? remaining / filesPerSecond : undefined;
}

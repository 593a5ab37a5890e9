/** A rate covers at least this much of the past, in ms, and so follows a change within that time. */
const WINDOW_MS = 2 * 60_000;
/** It covers so many files, too, where they end within the longest window. */
const STEADY_FILES = 30;
const LONGEST_MS = 60 * 60_000;
/** There is no rate before so many files ended, in so many readings, over so long a time in ms. */
const LEAST_FILES = 10;
const LEAST_READINGS = 3;
const LEAST_SPAN_MS = 60_000;
/** Nothing ends for this long, in ms, and for so many times the usual: the work stands still. */
const STILL_MS = 60_000;
const STILL_TIMES = 6;
/** So long while the usual time is not known, in ms. */
const FIRST_STILL_MS = 10 * 60_000;

/** A reading in which files had ended. */
interface Growth {
  /** epoch ms */
  readonly at: number;
  /** files that ended since the measurement began */
  readonly ended: number;
}

/**
 * Measures how many files end per second, from readings of a counter. It counts from one reading in which files had ended
 * to another, so neither the start nor a pause lowers the rate: after a standstill the measurement begins anew.
 */
export class FinishMeter {
  /** oldest first */
  #growths: Growth[] = [];
  #last: { readonly at: number; readonly finished: number } | undefined;

  /**
   * @param at epoch ms; the measurement begins anew when the clock is set back
   * @param finished files with an end so far; may fall, because a redrive sends dead files again
   */
  add(at: number, finished: number): void {
    const before = this.#last;
    this.#last = { at, finished };
    if (before && at < before.at) this.#growths = [];
    if (this.#standsStill(at)) this.#growths = [];
    const grown = finished - (before?.finished ?? finished);
    if (grown <= 0) return;
    const ended = this.#growths.at(-1)?.ended ?? 0;
    // The files of the first growth ended before the measurement.
    const isFirst = this.#growths.length === 0;
    this.#growths = [...this.#window(at), { at, ended: isFirst ? 0 : ended + grown }];
  }

  /** undefined before there is a steady rate, and while nothing moves */
  get filesPerSecond(): number | undefined {
    const [first] = this.#growths;
    const last = this.#growths.at(-1);
    if (!first || !last || !this.#last) return undefined;
    const files = last.ended - first.ended;
    const readings = this.#growths.length - 1;
    if (files < LEAST_FILES || readings < LEAST_READINGS || last.at - first.at < LEAST_SPAN_MS) {
      return undefined;
    }
    const measured = (files / (last.at - first.at)) * 1000;
    // Since the last growth as much may have ended as in one reading, and no more.
    const atMost = ((files + files / readings) / (this.#last.at - first.at)) * 1000;
    return Math.min(measured, atMost);
  }

  /** The youngest growths that are enough for a rate; what is older would make it slow to follow. */
  #window(now: number): Growth[] {
    const ended = this.#growths.at(-1)?.ended ?? 0;
    const start = this.#growths.findLastIndex(
      (growth, index, all) =>
        now - growth.at >= WINDOW_MS &&
        ended - growth.ended >= STEADY_FILES &&
        all.length - index >= LEAST_READINGS,
    );
    return this.#growths.slice(Math.max(0, start)).filter(({ at }) => now - at <= LONGEST_MS);
  }

  #standsStill(now: number): boolean {
    const [first] = this.#growths;
    const last = this.#growths.at(-1);
    if (!first || !last) return false;
    const readings = this.#growths.length - 1;
    const usual = readings > 0 ? (last.at - first.at) / readings : undefined;
    const mostMs = usual === undefined ? FIRST_STILL_MS : Math.max(STILL_MS, usual * STILL_TIMES);
    return now - last.at >= mostMs;
  }
}

/**
 * @param remaining files without an end
 * @param filesPerSecond files that end; undefined where it is not known yet
 * @returns seconds until the last one has ended, 0 when none is left; undefined where nothing moves
 */
export function secondsLeft(remaining: number, filesPerSecond: number | undefined): number | undefined {
  if (remaining <= 0) return 0;
  return filesPerSecond ? remaining / filesPerSecond : undefined;
}

import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers/promises';

/** Turns of the event loop without a pause after which nobody waits any more: a call in memory takes one or two. */
const MAX_IDLE = 20;

/** A clock that jumps from one pause's end to the next: hours pass in milliseconds, and each run is the same. */
export class VirtualTime {
  /** ms since the start */
  now = 0;
  readonly #pauses: { readonly untilMs: number; readonly end: () => void }[] = [];
  readonly #original = { setTimeout: timers.setTimeout, random: Math.random };

  /**
   * Replaces the promise timers and `Math.random` until `restore`.
   * @param random 0 to 1
   */
  install(random: () => number): void {
    Math.random = random;
    timers.setTimeout = async <Value>(ms = 0, value?: Value) => {
      await this.wait(ms);
      return value as Value;
    };
    syncBuiltinESMExports();
  }

  restore(): void {
    timers.setTimeout = this.#original.setTimeout;
    Math.random = this.#original.random;
    syncBuiltinESMExports();
  }

  wait(ms: number): Promise<void> {
    return new Promise((end) => {
      this.#pauses.push({ untilMs: this.now + ms, end });
    });
  }

  /** Lets time pass until nobody waits any more. */
  async pass(): Promise<void> {
    for (let idle = 0; idle < MAX_IDLE; idle++) {
      await new Promise((resolve) => setImmediate(resolve));
      const next = this.#pauses.reduce<number | undefined>(
        (first, { untilMs }, i) => (untilMs < (this.#pauses[first ?? -1]?.untilMs ?? Infinity) ? i : first),
        undefined,
      );
      if (next === undefined) continue;
      idle = 0;
      for (const { untilMs, end } of this.#pauses.splice(next, 1)) {
        this.now = untilMs;
        end();
      }
    }
  }
}

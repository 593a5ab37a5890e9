import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers/promises';

/** Pauses that end at once and are recorded, and a `Math.random` that always returns `random`. */
export interface FastTimers {
  /** the length of each pause in ms, in order */
  readonly pauses: number[];
  restore(): void;
}

/**
 * Replaces the promise timers until `restore`; call it in `beforeEach` and restore in `afterEach`.
 * @param onPause called at each pause, such as to advance a test's clock
 */
export function fastTimers(random = 0, onPause: (ms: number) => void = () => undefined): FastTimers {
  const original = { setTimeout: timers.setTimeout, random: Math.random };
  const pauses: number[] = [];
  Math.random = () => random;
  timers.setTimeout = async <Value>(
    ms = 0,
    value?: Value,
    options?: { signal?: AbortSignal | undefined },
  ) => {
    pauses.push(ms);
    onPause(ms);
    await new Promise((resolve) => setImmediate(resolve));
    if (options?.signal?.aborted) throw new DOMException('This pause was aborted', 'AbortError');
    return value as Value;
  };
  syncBuiltinESMExports();
  return {
    pauses,
    restore() {
      timers.setTimeout = original.setTimeout;
      Math.random = original.random;
      syncBuiltinESMExports();
    },
  };
}

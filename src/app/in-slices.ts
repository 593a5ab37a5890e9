import { setImmediate } from 'node:timers/promises';
import type { Steps } from '../core/steps.ts';

/** So long, in ms, a thread works on one thing before the others have their turn. */
const SLICE_MS = 10;

interface Slices {
  /** ms */
  readonly now?: () => number;
  /** lets the others have their turn: requests, timers, the editor */
  readonly rest?: () => Promise<unknown>;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs long work in slices of 10 ms: it blocks its thread for at most that and one step.
 * @throws what the work throws; the signal's reason after an abort
 */
export async function inSlices<Result>(
  steps: Steps<Result>,
  { now = () => performance.now(), rest = () => setImmediate(), signal }: Slices = {},
): Promise<Result> {
  for (let end = now() + SLICE_MS; ;) {
    const step = steps.next();
    if (step.done) return step.value;
    if (now() < end) continue;
    await rest();
    signal?.throwIfAborted();
    end = now() + SLICE_MS;
  }
}

/** @returns what `map` makes of each item, in slices */
export function mapInSlices<Item, Result>(
  items: readonly Item[],
  map: (item: Item) => Result,
  slices?: Slices,
): Promise<Result[]> {
  return inSlices(mapSteps(items, map), slices);
}

function* mapSteps<Item, Result>(items: readonly Item[], map: (item: Item) => Result): Steps<Result[]> {
  const results: Result[] = [];
  for (const item of items) {
    results.push(map(item));
    yield;
  }
  return results;
}

import type { WatchState } from '../../../src/app/watch/watch.ts';
import type { Poll } from '../../../src/ui/watch/stack-scope.ts';

type Change = WatchState;

export interface FakeWatch extends Omit<Poll, 'error' | 'last' | 'silentSince'> {
  silentSince: number | undefined;
  last: Poll['last'];
  error: unknown;
  /** the parts that are demanded now */
  readonly demanded: Set<string>;
  refreshes: number;
  /** how often it was disposed of because another scope came; it forgets everything then */
  resets: number;
  /** sends a reading or an error to the listeners; a reading becomes `last` */
  tell(change: Change): void;
}

/** A watch that sends no request: the test says what was read. It serves one scope after the other. */
export function fakeWatch(): FakeWatch {
  const listeners = new Set<(change: Change) => void>();
  const watch: FakeWatch = {
    last: undefined,
    error: undefined,
    silentSince: undefined,
    demanded: new Set(),
    refreshes: 0,
    resets: 0,
    demand(part) {
      watch.demanded.add(part);
      return { dispose: () => void watch.demanded.delete(part) };
    },
    onChange(listener) {
      listeners.add(listener);
      return { dispose: () => void listeners.delete(listener) };
    },
    async refresh() {
      watch.refreshes += 1;
    },
    dispose() {
      watch.resets += 1;
      watch.last = undefined;
      watch.error = undefined;
      watch.silentSince = undefined;
      watch.demanded.clear();
      listeners.clear();
    },
    tell(change) {
      if (change.reading) watch.last = change.reading;
      watch.error = change.error;
      watch.silentSince = change.silentSince;
      for (const listener of [...listeners]) listener(change);
    },
  };
  return watch;
}

import type { UiContext } from '../../../src/ui/ui-context.ts';

type Watch = UiContext['watch'];
type Change = Parameters<Parameters<Watch['onChange']>[0]>[0];

export interface FakeWatch extends Omit<Watch, 'error' | 'last'> {
  last: Watch['last'];
  error: unknown;
  /** the parts that are wanted now */
  readonly demanded: Set<string>;
  refreshes: number;
  resets: number;
  /** gives the listeners a reading or an error; a reading is `last` then */
  tell(change: Change): void;
}

/** A watch that asks nobody: the test says what was read. */
export function fakeWatch(): FakeWatch {
  const listeners = new Set<(change: Change) => void>();
  const watch: FakeWatch = {
    last: undefined,
    error: undefined,
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
    reset() {
      watch.resets += 1;
      watch.last = undefined;
    },
    tell(change) {
      if (change.reading) watch.last = change.reading;
      watch.error = change.error;
      for (const listener of [...listeners]) listener(change);
    },
  };
  return watch;
}

import { workOf } from '../../app/batch/work-at-hand.ts';
import type { Reading } from '../../app/watch/reading.ts';
import type { WatchState } from '../../app/watch/watch.ts';
import { Lifetime, type Disposable } from '../../core/lifetime.ts';
import type { BatchesContext } from './batches-context.ts';

/** The batches that were read, and what is known of them. */
export interface SeenBatches {
  readonly batches: NonNullable<Reading['batches']>;
  readonly neverClaimed: NonNullable<Reading['neverClaimed']>;
}

export interface MovingListener {
  /** called with each reading of the batches */
  readonly note: (seen: SeenBatches) => void;
  /** called when an enqueue of this window starts, reports or ends */
  readonly onEnqueue?: () => void;
  /** @returns true where batches are thought to move though this window has not read any of the present stack */
  readonly expected?: () => boolean;
}

/**
 * Looks at the present stack's batches for a notice. While the window has the focus and batches are known to move, they
 * are looked at also where no view shows them.
 */
export function followMoving(
  { vs, scopes, enqueues, connection }: Pick<BatchesContext, 'vs' | 'scopes' | 'enqueues' | 'connection'>,
  { note, onEnqueue, expected = () => false }: MovingListener,
): Disposable {
  const lifetime = new Lifetime();
  /** undefined before the present scope has read its batches */
  let moves: boolean | undefined;
  let demand: Disposable | undefined;
  const release = (): void => {
    demand?.dispose();
    demand = undefined;
  };
  const look = (): void => {
    const isWanted = vs.window.state.focused && (moves ?? expected());
    if (isWanted) demand ??= scopes.present.watch.demand('batches');
    else release();
  };
  const take = ({ reading }: WatchState): void => {
    if (!reading?.batches) return;
    const seen = { batches: reading.batches, neverClaimed: reading.neverClaimed ?? new Set() };
    note(seen);
    moves = hasMoving(seen);
    look();
  };
  lifetime.use(
    scopes.follow(({ watch }) => {
      const listener = watch.onChange(take);
      look();
      return {
        dispose: () => {
          listener.dispose();
          moves = undefined;
          release();
        },
      };
    }),
  );
  lifetime.use(vs.window.onDidChangeWindowState(look));
  lifetime.use(connection.onChange(look));
  lifetime.use(
    enqueues.onChange(() => {
      if (enqueues.all.size > 0) moves = true;
      onEnqueue?.();
      look();
    }),
  );
  lifetime.use({ dispose: release });
  return lifetime;
}

/** @returns true where a batch has files on their way, also where it is held: what ends the hold may come from elsewhere */
function hasMoving({ batches, neverClaimed }: SeenBatches): boolean {
  return workOf(batches.values(), neverClaimed).batches.length > 0;
}

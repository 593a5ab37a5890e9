import type { BatchRecord } from '../../core/batch/batch.ts';
import type { DispatchState } from '../../core/stack/dispatch-control.ts';
import type { PipelineSnapshot } from '../stack/pipeline-snapshot.ts';

/** What can be watched: the number of dead letters, the whole pipeline, the batches with their counts. */
export type WatchPart = 'dead-letters' | 'pipeline' | 'batches';

export interface Throughput {
  /** files of all batches that end, over the last minutes; undefined until that is steady */
  readonly filesPerSecond: number | undefined;
  /** estimate until every file has its end; undefined where nothing moves or the rate is not known */
  readonly secondsLeft: number | undefined;
}

/**
 * The result of reading some parts. A key is present when its part was read; its value is undefined where there is no
 * stack.
 */
export interface Reading {
  readonly pipeline?: PipelineSnapshot | undefined;
  /** about how many */
  readonly deadLetters?: number | undefined;
  /** newest first, by batch id; bare messages have no meta and come last, as `default` */
  readonly batches?: ReadonlyMap<string, BatchRecord> | undefined;
  /**
   * ids of the batches of which files were sent and are neither in the queue nor claimed, such as a cancelled batch
   * that is drained; absent: not known
   */
  readonly neverClaimed?: ReadonlySet<string> | undefined;
  /** whether dispatch runs as the stack records it, read with the batches; undefined where it could not be read */
  readonly dispatch?: DispatchState | undefined;
  readonly throughput?: Throughput | undefined;
  /** files per second that end, by batch, where that is steady */
  readonly rates?: ReadonlyMap<string, number> | undefined;
  /** the errors of parts that could not be read while others could */
  readonly problems: Readonly<Partial<Record<WatchPart, unknown>>>;
  /** true while work moves: look again soon */
  readonly busy: boolean;
}

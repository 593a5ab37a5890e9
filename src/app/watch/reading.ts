import type { BatchRecord } from '../../core/batch/batch.ts';
import type { PipelineSnapshot } from '../stack/pipeline-snapshot.ts';

/** What can be watched: the number of dead letters, the whole pipeline, the batches with their counts. */
export type WatchPart = 'dead-letters' | 'pipeline' | 'batches';

export interface Throughput {
  /** over the last minutes; undefined until it is known */
  readonly filesPerSecond: number | undefined;
  /** about, until the work queue is empty; undefined where nothing moves or nothing is known */
  readonly secondsLeft: number | undefined;
}

/** What a reading of some parts brought. A key is there when its part was read, also where it is undefined: no stack. */
export interface Reading {
  readonly pipeline?: PipelineSnapshot | undefined;
  /** about how many */
  readonly deadLetters?: number | undefined;
  /** newest first, by batch id; bare messages have no meta and come last, as `default` */
  readonly batches?: ReadonlyMap<string, BatchRecord> | undefined;
  readonly throughput?: Throughput | undefined;
  /** parts that could not be read while others could, with what failed */
  readonly problems: Readonly<Partial<Record<WatchPart, unknown>>>;
  /** true while work moves: look again soon */
  readonly busy: boolean;
}

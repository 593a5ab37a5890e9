import type { BatchMeta, BatchRecord, Checkpoint } from './batch.ts';
import type { Cancelled, Hold } from './brake.ts';
import type { BatchFile } from '../files/batch-file.ts';
import type { SourceRecord } from './ledger.ts';
import type { ResultItem, Status } from './result-item.ts';
import type { S3Location } from '../files/s3-location.ts';
import type { Page, PageRequest } from '../page.ts';

/** What the index holds about a file's work. */
export interface IndexedWork {
  readonly bucket: string;
  readonly key: string;
  /** absent in results of older stacks */
  readonly work?: string | undefined;
}

export interface BatchStore {
  /** Writes the batch's `meta`; raises `conflict` when the batch exists. */
  create(table: string, meta: BatchMeta, signal?: AbortSignal): Promise<void>;
  /**
   * Replaces the checkpoint `after` (undefined: there is none yet). Raises `conflict` when the table holds another one,
   * because another window has continued the batch. Saving the same checkpoint again is not a conflict.
   */
  saveCheckpoint(
    table: string,
    batch: string,
    checkpoint: Checkpoint,
    after: Checkpoint | undefined,
    signal?: AbortSignal,
  ): Promise<void>;
  /** Marks a batch as cancelled. A batch that is cancelled already keeps its mark. */
  cancel(table: string, batch: string, mark: Cancelled, signal?: AbortSignal): Promise<void>;
  /** Holds a batch; one that is held already keeps its hold. */
  hold(table: string, batch: string, hold: Hold, signal?: AbortSignal): Promise<void>;
  /** Ends a hold and the row that led to it. @param disarm a cause that shall not hold the batch again */
  endHold(table: string, batch: string, disarm: string | undefined, signal?: AbortSignal): Promise<void>;
  /** Gives a batch a name. @param name empty: takes it away */
  rename(table: string, batch: string, name: string, signal?: AbortSignal): Promise<void>;
  /** One query on the batch's key, every page of it. */
  read(table: string, batch: string, signal?: AbortSignal): Promise<BatchRecord>;
  /** Batches newest first: one query on the index. An item that cannot be read is left out. */
  list(table: string, page: PageRequest, signal?: AbortSignal): Promise<Page<BatchMeta>>;
  /**
   * Files of a batch in one status: one query on the index. Those that have ended come by the time of their last change,
   * the others by that of their next look; the newest first, or the oldest.
   */
  results(
    table: string,
    query: { batch: string; status: Status; from?: 'newest' | 'oldest' },
    page: PageRequest,
    signal?: AbortSignal,
  ): Promise<Page<ResultItem>>;
  /** The works of the files that `results` lists, about 1,000 a query, without the rest of their items; the newest first, or the oldest. */
  works(
    table: string,
    query: { batch: string; status: Status; from?: 'newest' | 'oldest' },
    page: PageRequest,
    signal?: AbortSignal,
  ): Promise<Page<IndexedWork>>;
  /** @returns the file's item, read consistently; undefined where no consumer has claimed it yet */
  result(table: string, file: BatchFile, signal?: AbortSignal): Promise<ResultItem | undefined>;
  /**
   * Every result of one file, over all its batches, and who owns its works: one query on its key, read consistently.
   * @returns in no particular order; what cannot be read is left out
   */
  source(table: string, file: S3Location, signal?: AbortSignal): Promise<SourceRecord>;
  /**
   * The items of some files in one batch: one request for each 100 of them. They may be a second old.
   * @returns in no particular order; a file that no consumer has claimed, or that cannot be read, is left out
   */
  resultsIn(
    table: string,
    batch: string,
    files: readonly S3Location[],
    signal?: AbortSignal,
  ): Promise<readonly ResultItem[]>;
  /** @returns the results of `source` alone */
  resultsOf(table: string, file: S3Location, signal?: AbortSignal): Promise<readonly ResultItem[]>;
}

import type { BatchFile } from '../files/batch-file.ts';
import type { S3Location } from '../files/s3-location.ts';
import type { ResultItem } from './result-item.ts';

/** Everything that the table holds about one source: its items in all batches, and who owns each work. */
export interface SourceRecord {
  /** an item that cannot be read is left out, but for the one that is asked for */
  readonly items: readonly ResultItem[];
  /** the owning batch by work */
  readonly owners: ReadonlyMap<string, string>;
}

/** Which file writes to an output address of the user's own. */
export interface OutputOwner extends BatchFile {
  readonly address: string;
}

/** A transaction of the ledger: a file's next state, and all that must be true when it is written. */
export interface LedgerWrite {
  /** the state that was read; undefined: there must be none */
  readonly before: ResultItem | undefined;
  readonly next: ResultItem;
  /** the work item must name `from` (undefined: must not exist), and names `owner` afterwards */
  readonly work?: { readonly work: string; readonly from: string | undefined; readonly owner: string };
  /** the same for an output address */
  readonly output?: { readonly owner: OutputOwner; readonly from: OutputOwner | undefined };
  /** items that must not have changed since they were read */
  readonly unchanged?: readonly ResultItem[];
}

/** Stores the state of each file; the rules are in `transitions` and `claim`. Failures are the table's own errors. */
export interface Ledger {
  /**
   * @param eventually true: the answer may be a second old, and costs half
   * @throws MediaBatchError `unreadable-item` for an item that this version cannot read, which is left as it is
   */
  read(file: BatchFile, eventually?: boolean): Promise<ResultItem | undefined>;
  /** Reads consistently. @throws MediaBatchError `unreadable-item` where the item in `batch` or an owner's cannot be read */
  readSource(file: S3Location, batch: string): Promise<SourceRecord>;
  readOutput(address: string): Promise<OutputOwner | undefined>;
  /** @returns false for a lost race: something has changed since it was read, and nothing was written */
  write(change: LedgerWrite): Promise<boolean>;
  /** @returns true where a file may have a result of an older stack, which names no work */
  holdsOldResults(): Promise<boolean>;
}

/** The ledgers that a connection can write. */
export interface Ledgers {
  /** Makes no call. @param table the stack's results table */
  of(table: string): Ledger;
}

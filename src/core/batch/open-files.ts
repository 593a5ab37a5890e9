import type { BatchFile } from '../files/batch-file.ts';
import type { ResultItem, Status } from './result-item.ts';

/** Statuses in which a file may wait for something that the reconciler brings about. */
export const OPEN_STATUSES = [
  'submitted',
  'processing',
  'waiting',
  'retrying',
  'submitting',
  'dead',
] as const satisfies readonly Status[];
export type OpenStatus = (typeof OPEN_STATUSES)[number];

/** Finds the files that the reconciler has to look at. */
export interface OpenFiles {
  /** @returns all batches, that of bare messages included */
  batches(): Promise<readonly ListedBatch[]>;
  /**
   * The files of a batch in one status whose next look is due, the longest due first. The answer may be a second old.
   * @param dueBefore ISO 8601, or NEVER_DUE for all that are open
   */
  due(batch: string, status: OpenStatus, dueBefore: string): AsyncIterator<readonly BatchFile[]>;
  /** @returns the newest files of a batch in an ended status, at most `most`, the newest first */
  newest(batch: string, status: 'succeeded' | 'failed', most: number): Promise<readonly EndedFile[]>;
}

/** What is read of a batch. */
export interface ListedBatch {
  readonly batch: string;
  /** nothing of it is submitted until somebody resumes it */
  readonly isHeld: boolean;
}

/** What is read of a file that has ended. */
export type EndedFile = Pick<ResultItem, 'status' | 'updated_at' | 'error'>;

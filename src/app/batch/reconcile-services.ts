import type { BatchBrakes } from '../../core/batch/batch-brakes.ts';
import type { Ledger } from '../../core/batch/ledger.ts';
import type { Patience } from '../../core/batch/item-step.ts';
import type { LetterQueue } from '../../core/batch/letter-queue.ts';
import type { OpenFiles } from '../../core/batch/open-files.ts';
import type { QueueMessage } from '../../core/batch/queue-message.ts';
import type { Sender } from '../../core/batch/sent-request.ts';
import type { JobsApi } from '../../core/ittybit/jobs-api.ts';
import type { DispatchState } from '../../core/stack/dispatch-control.ts';
import type { StoredOrder } from '../../core/batch/batch-codec.ts';

/** What the reconciler needs; its function connects it to AWS, tests connect it to memory. */
export interface ReconcileServices {
  readonly ledger: Ledger;
  readonly openFiles: OpenFiles;
  readonly letters: LetterQueue;
  readonly api: Pick<JobsApi, 'get' | 'find' | 'witness'>;
  readonly patience: Patience;
  readonly brakes: Pick<BatchBrakes, 'hold'>;
  /** failed ones among the last 100 results that hold a batch; 0: none do */
  readonly brakePercent: number;
  dispatch(): Promise<DispatchState>;
  /** @throws InvalidInputError where the batch's job cannot be read */
  order(batch: string): Promise<StoredOrder | undefined>;
  /** @returns empty where no usable key is stored */
  apiKey(): Promise<string>;
  sender(): Promise<Sender>;
  /** Sends a file's message to the work queue. */
  readonly send: (message: QueueMessage) => Promise<void>;
  readonly now: () => number;
  /** 0 to 1 */
  readonly random: () => number;
}

/** What a run of the reconciler is asked for. */
export interface ReconcileRequest {
  /** one batch only */
  readonly batch?: string | undefined;
  /** true: every open file now, and not only those whose look is due */
  readonly everything?: boolean;
  /** epoch ms; nothing new is begun after it */
  readonly deadlineMs: number;
}

/** What a run did, in numbers. */
export interface ReconcileSummary {
  /** files that were looked at */
  looked: number;
  /** requests to Ittybit */
  asked: number;
  /** files that ended: succeeded, failed, cancelled, covered, or dead with a reason */
  ended: number;
  /** files whose message was sent to the queue again */
  sentAgain: number;
  /** dead letters removed, because their file has moved on */
  lettersRemoved: number;
  /** dead letters that got a reason */
  lettersExplained: number;
  /** files whose item cannot be read */
  unreadable: number;
  /** files looked at whose job has not ended for very long */
  silent: number;
  /** batches that are held; 0 where the request is for one batch */
  held: number;
}

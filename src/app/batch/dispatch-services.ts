import type { StoredOrder } from '../../core/batch/batch-codec.ts';
import type { BatchBrakes } from '../../core/batch/batch-brakes.ts';
import type { Ledger } from '../../core/batch/ledger.ts';
import type { Patience } from '../../core/batch/item-step.ts';
import type { Sender } from '../../core/batch/sent-request.ts';
import type { JobsApi } from '../../core/ittybit/jobs-api.ts';
import type { Slots } from './slots.ts';

/** One delivery of one queue message. */
export interface Delivery {
  readonly id: string;
  readonly body: string;
  /** the message's fair-queue group, which its dead letter keeps */
  readonly group: string | undefined;
  /** how often SQS has delivered it, this time included */
  readonly receiveCount: number;
  /** string attributes; a redriven dead letter has its reason here */
  readonly attributes: Readonly<Record<string, string>>;
}

/** What the rules need; the consumer connects it to AWS, tests connect it to memory. Reads are strong. */
export interface DispatchServices {
  readonly ledger: Ledger;
  readonly api: JobsApi;
  readonly maxAttempts: number;
  readonly patience: Patience;
  readonly brakes: Pick<BatchBrakes, 'failed' | 'succeeded'>;
  /** Whether dispatch runs, and when a call may leave; they belong to one invocation. */
  readonly slots: Slots;
  /**
   * A batch's `meta`, read once in each invocation.
   * @returns undefined where the batch is not known
   * @throws InvalidInputError where its job cannot be read
   */
  order(batch: string): Promise<StoredOrder | undefined>;
  /** @param fresh read past the cache. @returns empty where no key is stored. @throws MediaBatchError `unusable-stack` */
  apiKey(fresh: boolean): Promise<string>;
  /** @throws MediaBatchError `unusable-stack` or `unusable-signing-secret` */
  sender(): Promise<Sender>;
  /** Sends a copy to the dead-letter queue with the reason. */
  bury(delivery: Delivery, attributes: Record<string, string>): Promise<void>;
  /** Stops dispatch for every file, with the reason: until the user resumes it, or for `ms`. */
  stop(reason: string, ms?: number): Promise<void>;
  readonly now: () => number;
  readonly random: () => number;
  /** @returns 32 hexadecimal characters that nobody has used (Ittybit API reference, "Idempotency") */
  newReference(): string;
}

/** The invocation that a file is dispatched in. */
export interface Invocation {
  readonly id: string;
  /** epoch ms at which Lambda ends it */
  readonly deadlineMs: number;
  /** epoch ms at which a message that nobody has acknowledged is received again */
  readonly visibleAgainMs: number;
}

/** What happens to the message: it is deleted, or it is visible again after `hideMs`. */
export type Disposal = { done: true; note: string } | { done: false; hideMs: number; note: string };

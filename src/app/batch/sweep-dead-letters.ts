import { isRedriven, readReason, reasonAttributes, reasonOf } from '../../core/batch/dead-letter.ts';
import type { Ledger } from '../../core/batch/ledger.ts';
import type { SweptLetter } from '../../core/batch/letter-queue.ts';
import { decodeQueueMessage, type QueueMessage } from '../../core/batch/queue-message.ts';
import type { ResultItem } from '../../core/batch/result-item.ts';
import { RANK } from '../../core/batch/transitions.ts';
import { InvalidInputError, MediaBatchError } from '../../core/errors.ts';
import type { BatchFile } from '../../core/files/batch-file.ts';
import { fail, type ReconcileRun } from './reconcile-run.ts';

/** Pages of 10 letters in one run: the sweep hides what it reads, and people read the queue too. */
const MAX_PAGES = 10;

/**
 * The dead item is the record of a dead file, and its letter a copy. Letters whose file has moved on are removed, and
 * letters without a reason, which SQS itself has moved, get one.
 * @returns what failed; the letters concerned stay as they are
 */
export async function sweepDeadLetters(run: ReconcileRun): Promise<readonly unknown[]> {
  const { letters, now } = run.services;
  const seen: SweptLetter[] = [];
  const failures: unknown[] = [];
  try {
    for (let pages = 0; pages < MAX_PAGES && now() < run.request.deadlineMs; pages++) {
      const page = await letters.receive();
      if (page.length === 0) break;
      for (const letter of page) if (!(await isGone(letter, run, failures))) seen.push(letter);
    }
    for (const letter of seen) await letters.release(letter);
  } catch (error) {
    failures.push(error);
  }
  return failures;
}

/** A letter that cannot be swept, because it would become too large with a reason, say, stays as it is. */
async function isGone(letter: SweptLetter, run: ReconcileRun, failures: unknown[]): Promise<boolean> {
  try {
    return await sweep(letter, run);
  } catch (error) {
    fail(error, failures);
    return false;
  }
}

/** @returns true where the letter is gone from the queue */
async function sweep(letter: SweptLetter, { services, summary }: ReconcileRun): Promise<boolean> {
  const { letters, ledger, now } = services;
  const message = messageOf(letter);
  const stored = message && (await read(message, ledger));
  const item = stored instanceof MediaBatchError ? undefined : stored;
  if (item && item.status !== 'dead') {
    if (isAhead(letter, item)) return false;
    await letters.remove(letter);
    summary.lettersRemoved += 1;
    return true;
  }
  if (isRedriven(letter.attributes)) return false;
  const unknown = stored instanceof MediaBatchError ? stored.message : undefined;
  const nothing = { error: unknown, attempts: 0, updated_at: new Date(now()).toISOString() };
  await letters.replace(letter, reasonAttributes(reasonOf(item ?? nothing)));
  summary.lettersExplained += 1;
  return true;
}

/** A letter goes out before its item becomes dead: one that is newer than the item's last change is still about it. */
function isAhead({ attributes }: SweptLetter, { status, updated_at }: ResultItem): boolean {
  const { failedAt = '' } = readReason(attributes);
  return RANK[status] === 0 && Date.parse(failedAt) >= Date.parse(updated_at);
}

/** A letter that is no message of ours has no file. */
function messageOf({ body }: SweptLetter): QueueMessage | undefined {
  try {
    return decodeQueueMessage(body);
  } catch (error) {
    if (error instanceof InvalidInputError) return undefined;
    throw error;
  }
}

/** @returns the error of an item that cannot be read */
async function read(file: BatchFile, ledger: Ledger): Promise<ResultItem | MediaBatchError | undefined> {
  try {
    return await ledger.read(file);
  } catch (error) {
    if (error instanceof MediaBatchError) return error;
    throw error;
  }
}

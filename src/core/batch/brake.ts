import { fieldsOf, isAmount, isText, type Fields } from '../foreign-json.ts';
import { withoutNames } from './causes.ts';
import type { Status } from './result-item.ts';
import { shortHash } from './work.ts';
import type { BatchFile } from '../files/batch-file.ts';

/** So many files in a row that end for the same cause, without a success between, hold their batch. */
export const BRAKE_AFTER = 10;
/** The results that the reconciler looks at: the newest ones of a batch. */
export const BRAKE_RESULTS = 100;
/** The cause of a hold by results; any other is the hash of a reason. */
export const TOO_MANY_FAILED = 'results';

/** Why nothing of one batch is submitted; other batches go on. */
export interface Hold {
  readonly reason: string;
  /** what `disarmed` names to keep the same cause from holding the batch again */
  readonly cause: string;
  /** ISO 8601 */
  readonly at: string;
  /** `consumer`, `reconciler` or `operator` */
  readonly by: string;
}

/** The user has cancelled a batch: nothing of it is submitted any more. */
export interface Cancelled {
  /** ISO 8601 */
  readonly at: string;
  readonly by: string;
}

/** Files that ended in a row for the same cause. */
export interface Streak {
  readonly cause: string;
  readonly count: number;
}

/** What stops a batch, as its `meta` says it. */
export interface BatchBrake {
  readonly hold?: Hold | undefined;
  readonly cancelled?: Cancelled | undefined;
  /** causes that the user has seen and that no longer hold the batch */
  readonly disarmed: readonly string[];
  readonly streak?: Streak | undefined;
}

/** @param meta a batch's item `meta`, of any origin; what cannot be read stops nothing */
export function readBrake(meta: Fields): BatchBrake {
  const { disarmed } = meta;
  const hold = readHold(meta['hold']);
  const cancelled = readMark(meta['cancelled']);
  const { cause, count } = fieldsOf(meta['streak']) ?? {};
  return {
    ...(hold && { hold }),
    ...(cancelled && { cancelled }),
    disarmed: Array.isArray(disarmed) ? disarmed.filter(isText) : [],
    ...(isText(cause) && isAmount(count) && { streak: { cause, count } }),
  };
}

function readHold(value: unknown): Hold | undefined {
  const fields = fieldsOf(value);
  if (!fields) return undefined;
  const { reason, cause, at, by } = fields;
  return {
    reason: isText(reason) ? reason : '',
    cause: isText(cause) ? cause : '',
    at: isText(at) ? at : '',
    by: isText(by) ? by : '',
  };
}

/** @returns a mark of a batch, of any origin */
export function readMark(value: unknown): Cancelled | undefined {
  const fields = fieldsOf(value);
  if (!fields) return undefined;
  const { at, by } = fields;
  return { at: isText(at) ? at : '', by: isText(by) ? by : '' };
}

/**
 * Names the cause of a reason: the same for every file, whatever the reason repeats of it.
 * @param reason Ittybit's or our words about one file
 * @returns 16 hexadecimal characters
 */
export function causeOf(reason: string, file: BatchFile): string {
  // Ids and numbers of requests, jobs and positions differ from file to file; a status of HTTP is a cause.
  const plain = withoutNames(reason, file)
    .replace(/\b(?=\w*\d)\w{6,}\b/g, '#')
    .replace(/(?<!HTTP \d*)\d+/g, '#');
  return shortHash(plain.toLowerCase());
}

/**
 * Do too many of a batch's newest results fail?
 * @param newest statuses of the newest results, at most 100
 * @param percent BrakePercent; 0: never
 * @returns how many of them failed, undefined where the batch may go on
 */
export function tooManyFailed(newest: readonly Status[], percent: number): number | undefined {
  const failed = newest.filter((status) => status === 'failed').length;
  return percent > 0 && failed >= (BRAKE_RESULTS * percent) / 100 ? failed : undefined;
}

/** SQS hides a message for at most 12 h (SQS API, ChangeMessageVisibility). */
const LAST_HIDE_MS = 11 * 3_600_000;

/**
 * @param settleMs of the stack's patience: the first pause is a third of it, 5 minutes of the usual 15
 * @returns how long a message stays hidden while its batch is held, in ms: doubled with each receive, of which there are
 * a hundred
 */
export function heldHideMs(receiveCount: number, settleMs: number): number {
  return Math.min(LAST_HIDE_MS, (settleMs / 3) * 2 ** Math.min(Math.max(receiveCount - 1, 0), 20));
}

import type { BatchFile } from '../files/batch-file.ts';
import type { JobReport } from '../ittybit/webhook-payload.ts';
import { isTerminal, type HistoryEntry, type ResultItem, type Status } from './result-item.ts';

/**
 * Ittybit remembers a key for about 24 h (Ittybit API reference, "Idempotency"). An hour less allows for clocks that
 * differ.
 */
export const IDEMPOTENCY_MS = 23 * 3_600_000;

/**
 * The first entry and the latest ones are kept. With their errors they take at most 20 kB of an item's 400 kB
 * (DynamoDB, "Quotas").
 */
const HISTORY_ENTRIES = 20;
const HISTORY_ERROR_CHARACTERS = 300;

/**
 * What can happen to a file. `claim` names the invocation, so that a late invocation cannot change the claim of another
 * one.
 */
export type ItemEvent =
  | {
      type: 'claim';
      claim: string;
      leaseUntilMs: number;
      reference: (run: number) => string;
      kind: string;
      maxAttempts: number;
    }
  | { type: 'submitted'; reference: string; jobId: string | undefined }
  | { type: 'deferred'; claim: string; error: string }
  | { type: 'attempt-failed'; claim: string; error: string }
  | { type: 'died'; claim: string; error: string }
  | { type: 'reported'; report: JobReport };

/**
 * Why a claim does not lead to a POST. With `exhausted` the claim is granted, so that the file can become a dead
 * letter.
 */
export type Refusal =
  | { type: 'done' }
  | { type: 'busy'; untilMs: number }
  | { type: 'exhausted'; attempts: number; error: string };

/** The answer to an event: the item's next state, or nothing to write (and for a claim, why). */
export interface Transition {
  readonly next?: ResultItem;
  readonly refusal?: Refusal;
}

const NOTHING: Transition = {};

/**
 * A reported status must have a higher rank than the present one. All states before Ittybit's acceptance share rank 0.
 */
export const RANK: Readonly<Record<Status, number>> = {
  submitting: 0,
  retrying: 0,
  dead: 0,
  submitted: 1,
  processing: 2,
  succeeded: 3,
  failed: 3,
  cancelled: 3,
};

/**
 * The complete state machine of a file, as a pure function. The caller writes `next` on condition that the stored item
 * is still `item`, and otherwise asks again. A claim and a change of status are added to the item's history.
 * @param item the stored state, undefined where there is none
 * @param now epoch ms
 * @returns the next state; nothing for an event that changes nothing, such as a repeat or a late one
 */
export function transition(
  item: ResultItem | undefined,
  file: BatchFile,
  event: ItemEvent,
  now: number,
): Transition {
  const answer = answerTo(item, file, event, now);
  const { next } = answer;
  const isClaim = event.type === 'claim';
  if (!next || (!isClaim && next.status === item?.status)) return answer;
  // A claim keeps the item's error, but that error belongs to the attempt before.
  return { ...answer, next: { ...next, history: remember(next, isClaim ? undefined : next.error) } };
}

function remember(next: ResultItem, error: string | undefined): HistoryEntry[] {
  const { status, attempts, updated_at: at, history = [] } = next;
  const entry = { status, at, attempts };
  return [
    ...history.toSpliced(1, history.length + 1 - HISTORY_ENTRIES),
    error === undefined
      ? entry
      : { ...entry, error: error.slice(0, HISTORY_ERROR_CHARACTERS).toWellFormed() },
  ];
}

function answerTo(item: ResultItem | undefined, file: BatchFile, event: ItemEvent, now: number): Transition {
  switch (event.type) {
    case 'claim':
      return claim(item, file, event, now);
    case 'submitted':
      return submitted(item, event, now);
    case 'reported':
      return reported(item, file, event.report, now);
    case 'deferred':
      return release(item, event.claim, now, (held) => ({
        status: 'retrying',
        attempts: held.attempts - 1,
        error: event.error,
      }));
    case 'attempt-failed':
      return release(item, event.claim, now, () => ({ status: 'retrying', error: event.error }));
    case 'died':
      return release(item, event.claim, now, () => ({ status: 'dead', error: event.error }));
  }
}

function claim(
  item: ResultItem | undefined,
  file: BatchFile,
  event: Extract<ItemEvent, { type: 'claim' }>,
  now: number,
): Transition {
  if (item && RANK[item.status] > 0) return { refusal: { type: 'done' } };
  const lease = item?.status === 'submitting' ? (item.lease_until_ms ?? 0) : 0;
  if (lease > now) return { refusal: { type: 'busy', untilMs: lease } };
  // Only a redrive brings back a dead file, and gives it new attempts.
  const attempts = item === undefined || item.status === 'dead' ? 0 : item.attempts;
  const run = item?.run ?? 1;
  // A POST may have been accepted, so its reference stays even if the options changed: another one would be a second
  // paid job.
  const reference = item && item.status !== 'dead' ? item.reference : event.reference(run);
  const { bucket, key, batch } = file;
  const at = new Date(now).toISOString();
  const next: ResultItem = {
    ...item,
    bucket,
    key,
    batch,
    status: 'submitting',
    kind: event.kind,
    attempts: attempts + 1,
    run,
    reference,
    claim: event.claim,
    lease_until_ms: event.leaseUntilMs,
    first_post_at: item?.reference === reference ? (item.first_post_at ?? at) : at,
    created_at: item?.created_at ?? at,
    updated_at: at,
    rev: (item?.rev ?? 0) + 1,
  };
  if (attempts < event.maxAttempts) return { next };
  // The last attempt ended without a record, for example in a crash. The claim is granted so that the file can become a
  // dead letter.
  const error = item?.error ?? 'the consumer ended before it could submit the file';
  return { next, refusal: { type: 'exhausted', attempts, error } };
}

function submitted(
  item: ResultItem | undefined,
  event: Extract<ItemEvent, { type: 'submitted' }>,
  now: number,
): Transition {
  if (!item || item.reference !== event.reference) return NOTHING;
  // A webhook may name one of the job's tasks, so the id in Ittybit's answer replaces it.
  const jobId = event.jobId ?? item.job_id;
  const id = jobId !== undefined && { job_id: jobId };
  // A webhook may have come first: then only the id is new.
  if (RANK[item.status] > 0) return item.job_id === jobId ? NOTHING : { next: step(item, { ...id }, now) };
  const { error, ...submitting } = withoutClaim(item);
  return { next: step(submitting, { status: 'submitted', ...id }, now) };
}

/** Ends a claim. An invocation whose claim was taken over after its lease ended changes nothing. */
function release(
  item: ResultItem | undefined,
  holder: string,
  now: number,
  change: (held: ResultItem) => Partial<ResultItem>,
): Transition {
  if (item?.status !== 'submitting' || item.claim !== holder) return NOTHING;
  return { next: step(withoutClaim(item), change(item), now) };
}

function reported(item: ResultItem | undefined, file: BatchFile, report: JobReport, now: number): Transition {
  if (item && report.reference !== undefined && report.reference !== item.reference) return NOTHING;
  const status = report.status;
  if (status === undefined || (item && RANK[status] <= RANK[item.status])) return NOTHING;
  const at = new Date(now).toISOString();
  const { bucket, key, batch } = file;
  const base = item
    ? withoutClaim(item)
    : {
        bucket,
        key,
        batch,
        kind: report.kind ?? '',
        attempts: 0,
        run: 1,
        reference: report.reference ?? '',
        created_at: at,
        rev: 0,
      };
  const { error, ...clean }: Omit<ResultItem, 'status' | 'updated_at'> = base;
  const jobId = item?.job_id ?? report.jobId;
  return {
    next: step(
      { ...clean, status },
      {
        ...(jobId !== undefined && { job_id: jobId }),
        ...(report.outputUrl !== undefined && { output_url: report.outputUrl }),
        ...(report.durationMs !== undefined && { duration_ms: report.durationMs }),
        ...(report.error !== undefined && { error: report.error }),
        ...(isTerminal(status) && { completed_at: report.finishedAt ?? at }),
      },
      now,
    ),
  };
}

function withoutClaim(item: ResultItem): ResultItem {
  const { claim, lease_until_ms, ...rest } = item;
  return rest;
}

function step(item: Omit<ResultItem, 'updated_at'>, change: Partial<ResultItem>, now: number): ResultItem {
  return { ...item, ...change, updated_at: new Date(now).toISOString(), rev: item.rev + 1 };
}

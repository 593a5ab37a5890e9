import { fieldsOf, isText, parseJson, type Fields } from '../foreign-json.ts';

/** What `POST /jobs` answered, or why no answer came. */
export type PostOutcome =
  { status: number; retryAfter: string | undefined; body: string } | { networkError: string };

/** What the consumer does with the file. Times in ms. */
export type Decision =
  | { action: 'accept'; jobId: string }
  | { action: 'wait'; ms: number; reason: string }
  /** a job may have been made; counts as an attempt */
  | { action: 'retry'; ms: number; reason: string }
  /** does not count as an attempt */
  | { action: 'not-yet'; ms: number; reason: string; mayHaveJob: boolean }
  | { action: 'pause'; reason: string }
  /** one file or all of them? Another request tells */
  | { action: 'witness'; reason: string }
  | { action: 'reject'; reason: string };

/** Answers that mean that the same request is under way, or comes too early (RFC 9110, 15.5.10; RFC 8470). */
const NOT_YET = [409, 423, 425];
/** Answers of a wrong address, of a firewall before one file, or of a key without rights. */
const OF_ONE_OR_ALL = [403, 404, 405, 410, 415];

/**
 * SQS hides a message for at most 12 h from its receive (SQS API, ChangeMessageVisibility). A minute less, because some
 * time has passed since the receive.
 */
const MAX_HIDE_MS = 43_200_000 - 60_000;
/**
 * Delay before the first retry, doubled each time. Retries bridge an outage of seconds; after a longer one, the user
 * redrives.
 */
const BACKOFF_MS = 5_000;
/** Wait after a 429 without Retry-After (Ittybit's docs promise neither the header nor its unit). */
const DEFAULT_WAIT_MS = 5_000;

/** A wait up to this long is slept in the invocation, in ms (design, "Dispatch rules"). */
export const MAX_SLEEP_MS = 10_000;
/** A rate limit that names a short wait hides a message for up to this long, in ms. */
export const MAX_HIDDEN_WAIT_MS = 120_000;
/** 90 receives take 18 days so. */
const NO_TURN_GROWTH = 1.15;
/** `Retry-After: 0` is no wait that could grow. */
const MIN_WAIT_MS = 1_000;

/**
 * How long the message of a file stays hidden that met a rate limit, or no free slot.
 * @param ms what Ittybit asked for
 * @param receives how often the message has been received; each receive is one of a hundred
 */
export function hiddenWaitMs(ms: number, receives: number): number {
  const longer = Math.max(ms, MIN_WAIT_MS) * 2 ** Math.min(Math.max(receives - 1, 0), 20);
  return clampHide(Math.max(ms, Math.min(MAX_HIDDEN_WAIT_MS, longer)));
}

/**
 * How long a message stays hidden whose invocation had no slot to give it. Where much more is in flight than the rate
 * takes, that happens again and again: each time a seventh longer, so that no file meets its hundred receives in the 14
 * days that SQS keeps it, and none comes much later than it has waited already.
 * @param receives how often the message has been received
 */
export function noTurnHideMs(receives: number): number {
  return clampHide(Math.max(hiddenWaitMs(MAX_SLEEP_MS, receives), MAX_SLEEP_MS * NO_TURN_GROWTH ** receives));
}

/**
 * @param isLowest no rate is low enough
 * @returns true where every file must hold back, not only this one
 */
export function isWaitOfAll(ms: number, isLowest: boolean): boolean {
  return ms > MAX_SLEEP_MS || isLowest;
}

/**
 * Is a refusal about one file, or about all of them?
 * @param reason of the refusal
 * @param witness the answer to a request that only the key and the address can fail
 */
export function testimony(reason: string, witness: PostOutcome): Decision {
  if (
    'networkError' in witness ||
    witness.status === 408 ||
    witness.status === 429 ||
    witness.status >= 500
  ) {
    return { action: 'not-yet', ms: WITNESS_AWAY_MS, reason, mayHaveJob: false };
  }
  return { action: isHeard(witness) ? 'reject' : 'pause', reason };
}

/** @returns true for an answer of the API itself: a site at a wrong address and a login portal answer 2xx too, with a page */
export function isHeard(answer: PostOutcome): boolean {
  return 'status' in answer && answer.status >= 200 && answer.status < 300 && isJson(answer.body);
}

/** @returns what an answer says, in one line, with its status; or why there is none */
export function answerText(answer: PostOutcome): string {
  if ('networkError' in answer) return `no answer from Ittybit: ${answer.networkError}`;
  // A cut may have left half of a character, which SQS and DynamoDB refuse.
  return `${errorText(answer.body)} (HTTP ${answer.status})`.toWellFormed();
}

function isJson(body: string): boolean {
  const answer = parseJson(body);
  return Array.isArray(answer) || fieldsOf(answer) !== undefined;
}

/** After a witness that could not be heard, in ms. */
const WITNESS_AWAY_MS = 30_000;

/**
 * The dispatch rules: what to do after each outcome.
 * @param attempts attempts counted so far, this one included; sets the backoff
 * @param random 0 to 1, the jitter
 * @param now epoch ms, for a Retry-After that is a date
 */
export function decide(outcome: PostOutcome, attempts: number, random: number, now: number): Decision {
  if ('networkError' in outcome) {
    return {
      action: 'retry',
      ms: backoffMs(attempts, random),
      reason: answerText(outcome),
    };
  }
  const { status } = outcome;
  const reason = answerText(outcome);
  const asked = retryAfterMs(outcome.retryAfter, now);
  const ms = clampHide(Math.max(asked ?? 0, backoffMs(attempts, random)));
  const waitMs = clampHide((asked ?? DEFAULT_WAIT_MS) + random * 1000);
  if (status >= 200 && status < 300) {
    const jobId = jobIdOf(outcome.body);
    return jobId === undefined
      ? { action: 'retry', ms, reason: `Ittybit's answer names no job: ${reason}` }
      : { action: 'accept', jobId };
  }
  if (status === 429) return { action: 'wait', ms: waitMs, reason };
  if (status === 408 || status >= 500) return { action: 'retry', ms, reason };
  if (NOT_YET.includes(status)) return { action: 'not-yet', ms, reason, mayHaveJob: true };
  if (status === 401 || status === 402) return { action: 'pause', reason };
  if (status < 400 || OF_ONE_OR_ALL.includes(status)) return { action: 'witness', reason };
  return { action: 'reject', reason };
}

/** Exponential backoff. Jitter over the upper half spreads out the retries of a burst of failures. */
function backoffMs(attempts: number, random: number): number {
  return clampHide(BACKOFF_MS * 2 ** Math.min(attempts - 1, 12) * (0.5 + random / 2));
}

function clampHide(ms: number): number {
  return Math.min(Math.max(ms, 0), MAX_HIDE_MS);
}

/**
 * Reads `Retry-After` in both of its forms (RFC 9110, 10.2.3).
 * @returns ms from now, undefined where there is no readable value
 */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  if (header === undefined || header.trim() === '') return undefined;
  const seconds = Number(header);
  const ms = Number.isNaN(seconds) ? Date.parse(header) - now : seconds * 1000;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

/** A 2xx without an id, such as a page of a proxy or a login portal, is no job that we know. */
function jobIdOf(body: string): string | undefined {
  const job = parse(body);
  const inner = fieldsOf(job['data']) ?? job;
  return textId(inner['id']);
}

/**
 * @param id of a job, of any origin
 * @returns an id that DynamoDB stores, which takes no half of a character; undefined where there is none
 */
export function textId(id: unknown): string | undefined {
  return isText(id) && id !== '' ? id.toWellFormed() : undefined;
}

/** `{kind, message}`, `{message}` or `{error:{message}}` (Ittybit docs, "Errors"); not always JSON. */
function errorText(body: string): string {
  const outer = parse(body);
  const error = fieldsOf(outer['error']) ?? outer;
  const parts = [error['kind'], error['message']].filter(isText);
  return parts.length > 0 ? parts.join(': ').slice(0, 500) : body.trim().slice(0, 200) || 'no reason given';
}

/** Error bodies may be HTML of a proxy, which has no fields. */
function parse(body: string): Fields {
  return fieldsOf(parseJson(body)) ?? {};
}

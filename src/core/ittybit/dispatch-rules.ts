import { fieldsOf, isText, parseJson, type Fields } from '../foreign-json.ts';

/** What `POST /jobs` answered, or why no answer came. */
export type PostOutcome =
  { status: number; retryAfter: string | undefined; body: string } | { networkError: string };

/** What the consumer does with the file. Times in ms. */
export type Decision =
  | { action: 'accept'; jobId: string | undefined }
  | { action: 'wait'; ms: number; reason: string }
  | { action: 'retry'; ms: number; reason: string }
  | { action: 'pause'; reason: string; httpStatus: number }
  | { action: 'reject'; reason: string; httpStatus: number };

/** While dispatch is paused a message stays hidden this long: the mapping takes up to a minute to stop. */
export const PAUSE_HIDE_MS = 15 * 60_000;
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
      reason: `no answer from Ittybit: ${outcome.networkError}`,
    };
  }
  const { status } = outcome;
  // A cut may have left half of a character, which SQS and DynamoDB refuse.
  const reason = `${errorText(outcome.body)} (HTTP ${status})`.toWellFormed();
  const asked = retryAfterMs(outcome.retryAfter, now);
  if (status >= 200 && status < 300) {
    if (isPage(outcome.body)) return { action: 'retry', ms: backoffMs(attempts, random), reason };
    return { action: 'accept', jobId: jobIdOf(outcome.body) };
  }
  if (status === 429)
    return { action: 'wait', ms: clampHide((asked ?? DEFAULT_WAIT_MS) + random * 1000), reason };
  if (status === 408 || status >= 500) {
    return { action: 'retry', ms: clampHide(Math.max(asked ?? 0, backoffMs(attempts, random))), reason };
  }
  // A redirect means a wrong IttybitApiUrl. Like a refused key, it affects every file, so it must not use up the files'
  // attempts.
  if (status < 400 || status === 401 || status === 402 || status === 403)
    return { action: 'pause', reason, httpStatus: status };
  return { action: 'reject', reason, httpStatus: status };
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

/** A 200 with a page of text comes from a proxy or a login portal: no job was made, so none may be recorded. */
function isPage(body: string): boolean {
  return body.trim() !== '' && !body.trim().startsWith('{');
}

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

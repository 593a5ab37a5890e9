import { InvalidInputError } from '../errors.ts';
import { fieldsOf, isText, type Fields } from '../foreign-json.ts';

/**
 * The state of a job as a webhook (or `GET /jobs/{id}`) reports it, without the payload's shape. Times are ISO 8601.
 */
export interface JobReport {
  readonly jobId?: string;
  /** undefined where we do not know Ittybit's word; the report then changes nothing */
  readonly status?: ReportedStatus;
  readonly rawStatus: string;
  readonly kind?: string;
  readonly outputUrl?: string;
  readonly durationMs?: number;
  readonly finishedAt?: string;
  readonly error?: string;
  readonly reference?: string;
}

/** The statuses that a report can have; each is also a status of the file. */
export type ReportedStatus = 'submitted' | 'processing' | 'succeeded' | 'failed' | 'cancelled';

/** The status words of all three generations of the API. We call a queued job submitted. */
const STATUS_WORDS = new Map<string, ReportedStatus>(
  Object.entries({
    succeeded: 'succeeded',
    completed: 'succeeded',
    ready: 'succeeded',
    failed: 'failed',
    error: 'failed',
    cancelled: 'cancelled',
    canceled: 'cancelled',
    created: 'submitted',
    pending: 'submitted',
    waiting: 'submitted',
    queued: 'submitted',
    validating: 'processing',
    processing: 'processing',
    updated: 'processing',
    finishing: 'processing',
  } as const),
);

/**
 * Reads the five published payload shapes of Ittybit: flat job, `data` wrapper, event with `data`, `type:
 * job.succeeded`, and the older flat task.
 * @param body parsed JSON of any origin
 * @returns the report; a status word that we do not know leaves `status` undefined
 * @throws InvalidInputError when the body is not an object
 */
export function parseJobReport(body: unknown): JobReport {
  const outer = fieldsOf(body);
  if (!outer) throw new InvalidInputError('body', 'The webhook body is not a JSON object.');
  const job = fieldsOf(outer['data']) ?? fieldsOf(outer['job']) ?? outer;
  const event = eventName(outer);
  const rawStatus = text(job['status']) ?? event?.split('.').at(-1) ?? '';
  const status = STATUS_WORDS.get(rawStatus.toLowerCase());
  const kind = text(job['kind']);
  return {
    rawStatus,
    ...present('jobId', text(job['id'])),
    ...present('status', status),
    ...present('kind', kind?.includes('.') ? undefined : kind),
    ...present('outputUrl', outputUrl(job)),
    ...present('durationMs', durationMs(job)),
    ...present('finishedAt', isoTime(first(job, 'finished_at', 'completed_at', 'succeeded_at', 'completed'))),
    ...present('error', errorText(job['error'])),
    ...present('reference', text(fieldsOf(job['metadata'])?.['reference'])),
  };
}

/** The event's name. A `kind` with a dot is an event's name; without a dot it is the media kind. */
function eventName(outer: Fields): string | undefined {
  return ['type', 'event', 'kind'].map((name) => text(outer[name])).find((name) => name?.includes('.'));
}

function outputUrl(job: Fields): string | undefined {
  return (
    text(job['output']) ??
    text(fieldsOf(job['output'])?.['url']) ??
    text(job['output_url']) ??
    text(firstOf(job['outputs'])?.['url']) ??
    // The payload of 2025 calls them results; its published example does not show whether they are a list.
    text(firstOf(job['results'])?.['url'])
  );
}

function firstOf(value: unknown): Fields | undefined {
  return fieldsOf(Array.isArray(value) ? value[0] : value);
}

function durationMs(job: Fields): number | undefined {
  const seconds = fieldsOf(job['output'])?.['duration'] ?? job['duration'];
  const ms = job['duration_ms'] ?? (typeof seconds === 'number' ? Math.round(seconds * 1000) : undefined);
  // DynamoDB has no Infinity and ends at 1e125. A number in a payload must not prevent the result from being stored.
  return typeof ms === 'number' && ms >= 0 && ms <= Number.MAX_SAFE_INTEGER ? ms : undefined;
}

/** An integer of 1e11 or more is ms, a smaller one seconds, text is ISO. */
function isoTime(value: unknown): string | undefined {
  const ms =
    typeof value === 'number' ? (value >= 1e11 ? value : value * 1000) : Date.parse(text(value) ?? '');
  // 8.64e15 ms is the last moment that a Date can hold.
  return Number.isFinite(ms) && Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : undefined;
}

/** The error's type is not documented: a text, or an object with `message` and `kind`. */
function errorText(value: unknown): string | undefined {
  const error = fieldsOf(value);
  if (!error) return text(value)?.slice(0, 1000).toWellFormed();
  const parts = [text(error['kind']) ?? text(error['code']), text(error['message'])].filter(
    (part) => part !== undefined,
  );
  return (parts.length > 0 ? parts.join(': ') : jsonText(error)).slice(0, 1000).toWellFormed();
}

function jsonText(value: Fields): string {
  try {
    return JSON.stringify(value);
  } catch {
    return 'an error nested too deeply to be shown'; // JSON.parse accepts deeper nesting than JSON.stringify.
  }
}

function first(job: Fields, ...names: string[]): unknown {
  return names.map((name) => job[name]).find((value) => value !== undefined && value !== null);
}

function text(value: unknown): string | undefined {
  // JSON allows half of a surrogate pair, DynamoDB does not.
  return isText(value) && value !== '' ? value.toWellFormed() : undefined;
}

function present<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): Partial<Record<Name, Value>> {
  return value === undefined ? {} : ({ [name]: value } as Record<Name, Value>);
}

import { InvalidInputError } from '../errors.ts';
import { fieldsOf, isText, type Fields } from '../foreign-json.ts';

/**
 * What a webhook (or `GET /jobs/{id}`) reports, without the payload's shape. Times are ISO 8601. All its texts together
 * take less than 4 kB in the table.
 */
export interface JobReport {
  /** `task`: one task of a job, or a payload that cannot be told from it; `reportsJob` says whether it counts */
  readonly about: 'job' | 'task';
  /** the id that the payload names: of the job, of a task, or of both where Ittybit calls a job a task */
  readonly jobId?: string;
  /** undefined where we do not know Ittybit's word; the report then changes nothing */
  readonly status?: ReportedStatus;
  readonly rawStatus: string;
  readonly kind?: string;
  /** complete, or left out; `error` then says so */
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

/** Kinds that only tasks have: a job probes its input, imports it, encodes it and exports the output ("Create job"). */
const STEP_KINDS: readonly string[] = ['probe', 'import', 'export'];

/**
 * What is stored of a text, in bytes of UTF-8. An id or a reference of Ittybit's has 32 characters at most, and `kind` is a
 * word. A source's key has up to 1,024 bytes (S3 User Guide, "Object key names"), an output's address as many and a host.
 */
const MOST_BYTES = { id: 128, word: 64, reference: 128, error: 1000, address: 2048 };

/**
 * Reads the five published payload shapes of Ittybit: flat job, `data` wrapper, event with `data`, `type:
 * job.succeeded`, and the older flat task; and the job that `GET /jobs/{id}` answers with.
 *
 * A job consists of tasks, and the end of a task is not the job's (Ittybit API reference, "Create job", "Get job"). The
 * published payloads do not tell the two apart by their ids: guides call a job `task_…` ("Set up webhook notifications",
 * "Process uploads in Next.js"). So a payload is about a task where its `kind` is `probe`, `import` or `export`, where
 * its event is called `task.…` ("Events"), or where it says `object: task` and nothing of a job: not the list `tasks`, nor
 * our reference, which come only with a job ("Get job"; "Attach metadata to jobs"). Everything else is about the job.
 * @param body parsed JSON of any origin
 * @returns the report; a status word that we do not know leaves `status` undefined
 * @throws InvalidInputError when the body is not an object
 */
export function parseJobReport(body: unknown): JobReport {
  const outer = fieldsOf(body);
  if (!outer) throw new InvalidInputError('body', 'The webhook body is not a JSON object.');
  const job = fieldsOf(outer['data']) ?? fieldsOf(outer['job']) ?? outer;
  const event = eventName(outer);
  const reference = text(fieldsOf(job['metadata'])?.['reference'], MOST_BYTES.reference);
  const about = subjectOf(job, event, reference);
  // What an event says of a task is no word about its job.
  const fromEvent = about === 'job' && isTaskEvent(event) ? undefined : event?.split('.').at(-1);
  const rawStatus = text(job['status'], MOST_BYTES.word) ?? fromEvent ?? '';
  const status = STATUS_WORDS.get(rawStatus.toLowerCase());
  const kind = text(job['kind'], MOST_BYTES.word);
  const { outputUrl, dropped } = addressOf(job);
  const error = errorText(job['error']) ?? (status === 'failed' ? taskError(job['tasks']) : undefined);
  return {
    about,
    rawStatus,
    ...present('jobId', whole(text(job['id']), MOST_BYTES.id)),
    ...present('status', status),
    ...present('kind', kind?.includes('.') ? undefined : kind),
    ...present('outputUrl', outputUrl),
    ...present('durationMs', durationMs(job)),
    ...present('finishedAt', isoTime(first(job, 'finished_at', 'completed_at', 'succeeded_at', 'completed'))),
    ...present(
      'error',
      dropped === undefined ? error : cut(`${dropped} ${error ?? ''}`.trim(), MOST_BYTES.error),
    ),
    ...present('reference', reference),
  };
}

/**
 * Says whether a report decides about the file's job. One about a task does so only under the id that Ittybit gave the job
 * when it was submitted. Any other is progress: it writes nothing, and `GET /jobs/{id}` tells the end.
 * @param jobId the id that Ittybit's answer to our POST gave the job; undefined where none is stored
 */
export function reportsJob(report: JobReport, jobId: string | undefined): boolean {
  return report.about === 'job' || (!isStep(report) && report.jobId !== undefined && report.jobId === jobId);
}

/** @returns true for a report that can be about nothing but a task, whatever is stored */
export function isStep({ kind }: JobReport): boolean {
  return isStepKind(kind);
}

function isStepKind(kind: string | undefined): boolean {
  return kind !== undefined && STEP_KINDS.includes(kind.toLowerCase());
}

function subjectOf(job: Fields, event: string | undefined, reference: string | undefined): 'job' | 'task' {
  if (isStepKind(text(job['kind']))) return 'task';
  const object = text(job['object']);
  if (object === 'job' || object === 'run' || Array.isArray(job['tasks'])) return 'job';
  if (isTaskEvent(event)) return 'task';
  return object === 'task' && event === undefined && reference === undefined ? 'task' : 'job';
}

function isTaskEvent(event: string | undefined): boolean {
  return event?.startsWith('task.') ?? false;
}

/** The event's name. A `kind` with a dot is an event's name; without a dot it is the media kind. */
function eventName(outer: Fields): string | undefined {
  return ['type', 'event', 'kind']
    .map((name) => text(outer[name], MOST_BYTES.word))
    .find((name) => name?.includes('.'));
}

function addressOf(job: Fields): { outputUrl?: string; dropped?: string } {
  const address =
    text(job['output']) ??
    text(fieldsOf(job['output'])?.['url']) ??
    text(job['output_url']) ??
    text(firstOf(job['outputs'])?.['url']) ??
    // The payload of 2025 calls them results; its published example does not show whether they are a list.
    text(firstOf(job['results'])?.['url']);
  if (address === undefined) return {};
  if (whole(address, MOST_BYTES.address) !== undefined) return { outputUrl: address };
  return {
    dropped: `The output's address has ${address.length} characters and is not stored: ask Ittybit for the job.`,
  };
}

/** The error of the first task that has failed and says why. */
function taskError(tasks: unknown): string | undefined {
  if (!Array.isArray(tasks)) return undefined;
  return tasks
    .map(fieldsOf)
    .filter((task) => STATUS_WORDS.get(text(task?.['status'])?.toLowerCase() ?? '') === 'failed')
    .map((task) => errorText(task?.['error']))
    .find((error) => error !== undefined);
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
  if (!error) return text(value, MOST_BYTES.error);
  const parts = [text(error['kind']) ?? text(error['code']), text(error['message'])].filter(
    (part) => part !== undefined,
  );
  if (Object.keys(error).length === 0) return undefined;
  return cut(parts.length > 0 ? parts.join(': ') : jsonText(error), MOST_BYTES.error);
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

function text(value: unknown, mostBytes?: number): string | undefined {
  if (!isText(value) || value === '') return undefined;
  // JSON allows half of a surrogate pair, DynamoDB does not.
  return mostBytes === undefined ? value.toWellFormed() : cut(value, mostBytes);
}

/** @returns undefined for a text that takes more bytes of UTF-8: a part of it would name something else */
function whole(value: string | undefined, mostBytes: number): string | undefined {
  return value !== undefined && cut(value, mostBytes) === value ? value : undefined;
}

/** @returns the well-formed start of a text that takes at most so many bytes of UTF-8 */
function cut(value: string, mostBytes: number): string {
  // No character takes less than a byte, so what is cut off first would not fit.
  const start = value.slice(0, mostBytes + 1).toWellFormed();
  return start.slice(0, new TextEncoder().encodeInto(start, new Uint8Array(mostBytes)).read);
}

function present<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): Partial<Record<Name, Value>> {
  return value === undefined ? {} : ({ [name]: value } as Record<Name, Value>);
}

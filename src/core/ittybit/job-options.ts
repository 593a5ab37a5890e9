import type { BatchFile } from '../files/batch-file.ts';
import { checkOptions, checkOutput, shown } from './check-options.ts';
import { InvalidInputError } from '../errors.ts';
import { fieldsOf, isAmount, isText, type Fields } from '../foreign-json.ts';
import { JOB_KINDS, type JobKind } from './job-kind.ts';
import { keyParts } from '../files/key-parts.ts';
import { PLACEHOLDERS } from './output-rules.ts';
import { s3Uri, type S3Location } from '../files/s3-location.ts';

/** The job that a batch asks Ittybit to run for each of its files. */
export interface JobOptions {
  readonly kind: JobKind;
  readonly options: Readonly<Record<string, string | number>>;
  /**
   * Where results go: `s3://bucket/…` with `{key}` or `{stem}` (the key without its extension), and where wanted with
   * `{ext}` (that extension) and `{bucket}`; absent = Ittybit's own storage.
   */
  readonly output?: string;
  /** An Ittybit connection for this batch, sent at the top level; absent = the stack's, sent in `options`. */
  readonly connection_id?: string;
}

/** The published guide's job: the options of bare `{"bucket","key"}` messages. */
export const DEFAULT_JOB_OPTIONS: JobOptions = {
  kind: 'video',
  options: { width: 1920, format: 'mp4', quality: 'high' },
};

const FIELDS = ['kind', 'options', 'output', 'connection_id'];

/**
 * Reads untrusted job options strictly: a misspelt option could be paid for 50,000 times.
 * @param value parsed JSON
 * @returns the options as the API takes them
 * @throws InvalidInputError naming the field, its value and what it takes
 */
export function parseJobOptions(value: unknown): JobOptions {
  const fields = record(value, 'job options');
  const unknown = Object.keys(fields).find((name) => !FIELDS.includes(name));
  if (unknown !== undefined) {
    throw new InvalidInputError(
      unknown,
      `Job options have no field ${shown(unknown)}: use ${FIELDS.join(', ')}.`,
    );
  }
  const kind = JOB_KINDS.find((known) => known === fields['kind']);
  if (kind === undefined) {
    throw new InvalidInputError(
      'kind',
      `"kind" is one of ${JOB_KINDS.join(', ')}, not ${shown(fields['kind'])}.`,
    );
  }
  const options = checkOptions(
    kind,
    record(fields['options'] === undefined ? {} : fields['options'], '"options"'),
  );
  const { output, connection_id } = fields;
  return {
    kind,
    options,
    ...(output !== undefined && { output: checkOutput(kind, options, output) }),
    ...(connection_id !== undefined && { connection_id: checkConnectionId(connection_id) }),
  };
}

/** A regular expression in JSON Schema's dialect. */
export const CONNECTION_ID = '^[A-Za-z0-9_-]{1,128}$';

function checkConnectionId(value: unknown): string {
  if (typeof value !== 'string' || !new RegExp(CONNECTION_ID).test(value)) {
    throw new InvalidInputError(
      'connection_id',
      `"connection_id" is an Ittybit connection such as "conn_abc123", not ${shown(value)}.`,
    );
  }
  return value;
}

function record(value: unknown, what: string): Fields {
  const fields = fieldsOf(value);
  if (!fields) throw new InvalidInputError('options', `The ${what} must be a JSON object.`);
  return fields;
}

/**
 * Reads the stored job of a batch. It need not follow the current rules: a batch's options never change, and Ittybit
 * judges them. Only a job that this version cannot send is refused.
 * @param value a batch's `meta.job`, written by any version or by hand
 * @throws InvalidInputError where it is not a job
 */
export function readStoredJob(value: unknown): JobOptions {
  const job: Record<string, unknown> = { options: {}, ...(Object(value) as object) };
  const { kind, options, output = '', connection_id = '' } = job;
  const isJob =
    JOB_KINDS.includes(kind as JobKind) && Object.keys(job).every((name) => FIELDS.includes(name));
  if (isJob && isOptions(options) && isText(output) && isText(connection_id)) {
    return job as unknown as JobOptions;
  }
  throw new InvalidInputError('job', 'The batch holds no readable job: enqueue its files as a new batch.');
}

function isOptions(value: unknown): value is JobOptions['options'] {
  const fields = fieldsOf(value);
  return fields !== undefined && Object.values(fields).every((option) => isText(option) || isAmount(option));
}

/**
 * Where one file's result goes.
 * @returns the output address with its placeholders filled, as `keyParts` splits the key; undefined when the batch
 * names none
 */
export function outputFor(options: JobOptions, { bucket, key }: S3Location): string | undefined {
  const values: Readonly<Record<string, string>> = { bucket, key, ...keyParts(key) };
  // A function as replacement: `$&` in a key must stay text.
  return options.output?.replace(PLACEHOLDER, (_, name: string) => values[name] ?? '');
}

const PLACEHOLDER = new RegExp(`\\{(${PLACEHOLDERS})\\}`, 'g');

/** An escaped brace may be one to Ittybit, which documents no encoding. */
const IN_BRACES = /(\{|%7b)((?!%7[bd])[^{}])*(\}|%7d)/i;

/**
 * Finds a name in braces in a file's output address. Ittybit replaces such names when it processes the job (its guide
 * "Organize output with path templates") and documents no escape, so the result would get another address.
 * @returns the first such name; undefined where there is none
 */
export function replacedInOutput(options: JobOptions, file: S3Location): string | undefined {
  return IN_BRACES.exec(outputFor(options, file) ?? '')?.[0];
}

/** What a job's body needs besides the options. */
export interface JobContext {
  readonly file: BatchFile;
  readonly reference: string;
  readonly webhookUrl: string;
  /** the stack's ConnectionId, empty for the project's default connection */
  readonly connectionId: string;
}

/**
 * The body of `POST /jobs` (`webhook_url` on top and `connection_id` in `options`, where the published guides have
 * them).
 * @returns a plain object; the same input gives the same body, which the idempotency key requires
 */
export function jobRequest(job: JobOptions, context: JobContext): Record<string, unknown> {
  const { file, reference, webhookUrl, connectionId } = context;
  const stackConnection = connectionId !== '' && job.connection_id === undefined;
  return {
    input: s3Uri(file),
    kind: job.kind,
    options: { ...job.options, ...(stackConnection && { connection_id: connectionId }) },
    output: outputFor(job, file),
    connection_id: job.connection_id,
    webhook_url: webhookUrl,
    metadata: { reference, batch: file.batch, source_bucket: file.bucket, source_key: file.key },
  };
}

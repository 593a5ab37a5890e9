import { InvalidInputError } from './errors.ts';
import { JOB_KINDS, type JobKind } from './job-kind.ts';
import { s3Uri, type S3Location } from './s3-location.ts';
import { checkOptionValue, OPTION_NAMES } from './option-rules.ts';

/** What one batch asks of Ittybit for each of its files. */
export interface JobOptions {
  readonly kind: JobKind;
  readonly options: Readonly<Record<string, string | number>>;
  /**
   * Where results go: `s3://bucket/…` with `{key}` or `{stem}` (the key without its extension); absent =
   * Ittybit's own storage.
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
 * Reads job options of any origin, strictly: a misspelt option would otherwise be paid for 50,000 times.
 * @param value parsed JSON
 * @returns the options as the API takes them
 * @throws InvalidInputError naming the field and what it takes
 */
export function parseJobOptions(value: unknown): JobOptions {
  const fields = record(value, 'job options');
  const unknown = Object.keys(fields).find((name) => !FIELDS.includes(name));
  if (unknown !== undefined) {
    throw new InvalidInputError(unknown, `Job options have no field "${unknown}": use ${FIELDS.join(', ')}.`);
  }
  const kind = JOB_KINDS.find((known) => known === fields['kind']);
  if (kind === undefined) throw new InvalidInputError('kind', `"kind" is one of ${JOB_KINDS.join(', ')}.`);
  return {
    kind,
    options: parseKindOptions(kind, fields['options'] ?? {}),
    ...(fields['output'] !== undefined && { output: checkOutput(fields['output']) }),
    ...(fields['connection_id'] !== undefined && {
      connection_id: checkConnectionId(fields['connection_id']),
    }),
  };
}

function parseKindOptions(kind: JobKind, value: unknown): Record<string, string | number> {
  const options: Record<string, string | number> = {};
  for (const [name, option] of Object.entries(record(value, '"options"'))) {
    if (!OPTION_NAMES[kind].includes(name)) {
      throw new InvalidInputError(
        `options.${name}`,
        `${kind} jobs have no option "${name}": use ${OPTION_NAMES[kind].join(', ')}.`,
      );
    }
    options[name] = checkOptionValue(kind, name, option);
  }
  if (kind === 'animation' && options['end'] === undefined) {
    throw new InvalidInputError(
      'options.end',
      'animation jobs need "end", the second at which the clip ends.',
    );
  }
  return options;
}

function checkOutput(value: unknown): string {
  if (typeof value !== 'string' || !/^s3:\/\/[^/{}]+\/.+/.test(value)) {
    throw new InvalidInputError('output', '"output" is an S3 address such as "s3://bucket/out/{stem}.mp4".');
  }
  if (!/\{(key|stem)\}/.test(value)) {
    throw new InvalidInputError(
      'output',
      '"output" needs {key} or {stem}, or every file would overwrite the one before.',
    );
  }
  return value;
}

function checkConnectionId(value: unknown): string {
  if (typeof value !== 'string' || !/^[\w-]{1,128}$/.test(value)) {
    throw new InvalidInputError(
      'connection_id',
      '"connection_id" is an Ittybit connection such as "conn_abc123".',
    );
  }
  return value;
}

function record(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InvalidInputError('options', `The ${what} must be a JSON object.`);
  }
  return value as Record<string, unknown>;
}

/**
 * Where one file's result goes.
 * @returns the output address with its placeholders filled, undefined when the batch names none
 */
export function outputFor(options: JobOptions, { key }: S3Location): string | undefined {
  const stem = key.replace(/\.[^./]*$/, '');
  // A function as replacement: `$&` in a key must stay text.
  return options.output?.replace(/\{(key|stem)\}/g, (_, name) => (name === 'key' ? key : stem));
}

/** What a job's body needs besides the options. */
export interface JobContext {
  readonly batch: string;
  readonly file: S3Location;
  readonly reference: string;
  readonly webhookUrl: string;
  /** the stack's ConnectionId, empty for the project's default connection */
  readonly connectionId: string;
}

/**
 * The body of `POST /jobs` (`webhook_url` on top and `connection_id` in `options`, where the published guides have them).
 * @returns a plain object; the same input gives the same body, as the idempotency key demands
 */
export function jobRequest(job: JobOptions, context: JobContext): Record<string, unknown> {
  const { batch, file, reference, webhookUrl, connectionId } = context;
  const stackConnection = connectionId !== '' && job.connection_id === undefined;
  return {
    input: s3Uri(file),
    kind: job.kind,
    options: { ...job.options, ...(stackConnection && { connection_id: connectionId }) },
    output: outputFor(job, file),
    connection_id: job.connection_id,
    webhook_url: webhookUrl,
    metadata: { reference, batch, source_bucket: file.bucket, source_key: file.key },
  };
}

import { ApiError } from './api-error.ts';
import { checkOptions, jobKinds, type JobKind } from './option-rules.ts';

/** The valid body of a `POST /jobs`. */
export interface JobRequest {
  readonly kind: JobKind;
  readonly input: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, string>>;
  readonly output: string | undefined;
  /** From `options`, where the AWS guides have it, or from the body; empty: none. */
  readonly connection: string;
  readonly webhookUrl: string | undefined;
}

/**
 * Checks the parsed body of a `POST /jobs`. Unknown fields are accepted: we do not know whether the API refuses them.
 * @throws ApiError 400 `invalid_input`, `format_unsupported` or `request_invalid`
 */
export function validateJobRequest(body: unknown): JobRequest {
  if (!isRecord(body)) throw invalid('The body must be a JSON object.');
  const input = body['input'];
  if (typeof input !== 'string' || !hasScheme(input, 'http', 'https', 's3')) {
    throw new ApiError(400, 'invalid_input', 'input must be an http://, https:// or s3:// URL.');
  }
  const kind = jobKinds.find((known) => known === body['kind']);
  if (kind === undefined) throw invalid(`kind must be one of ${jobKinds.join(', ')}.`);
  const options = body['options'] ?? {};
  if (!isRecord(options)) throw invalid('options must be an object.');
  checkOptions(kind, options);
  const connection = options['connection_id'] ?? body['connection_id'] ?? '';
  if (typeof connection !== 'string') throw invalid('connection_id must be a string.');
  const output = optionalUrl(body['output'], 's3');
  if (output === 'invalid') throw invalid('output must be an s3:// URL.');
  const webhookUrl = optionalUrl(body['webhook_url'], 'http', 'https');
  if (webhookUrl === 'invalid') throw invalid('webhook_url must be an http:// or https:// URL.');
  return { kind, input, options, metadata: readMetadata(body['metadata']), output, connection, webhookUrl };
}

/**
 * Checks the header `Idempotency-Key`: 16 to 32 characters (reference page on idempotency).
 * @throws ApiError 400 `request_invalid`
 */
export function validateIdempotencyKey(key: string | undefined): void {
  if (key !== undefined && (key.length < 16 || key.length > 32)) {
    throw invalid('Idempotency-Key must have 16 to 32 characters.');
  }
}

function readMetadata(value: unknown): Readonly<Record<string, string>> {
  const metadata = value ?? {};
  if (!isRecord(metadata)) throw invalid('metadata must be an object.');
  const pairs = Object.entries(metadata).map(([name, text]): [string, string] => {
    if (typeof text !== 'string') throw invalid('metadata values must be strings.');
    return [name, text];
  });
  return Object.fromEntries(pairs);
}

function optionalUrl(value: unknown, ...schemes: readonly string[]): string | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === 'string' && hasScheme(value, ...schemes) ? value : 'invalid';
}

function hasScheme(value: string, ...schemes: readonly string[]): boolean {
  const url = URL.parse(value);
  return url !== null && url.hostname !== '' && schemes.includes(url.protocol.slice(0, -1));
}

function invalid(message: string): ApiError {
  return new ApiError(400, 'request_invalid', message);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

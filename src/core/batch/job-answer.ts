import type { BatchFile } from '../files/batch-file.ts';
import type { S3Location } from '../files/s3-location.ts';
import { fieldsOf, isAmount, isText, type Fields } from '../foreign-json.ts';
import { answerText } from '../ittybit/dispatch-rules.ts';

/** What Ittybit answered to the stack's question for a job. */
export type JobAnswer =
  | { readonly says: 'job'; readonly job: Fields }
  | { readonly says: 'unknown' }
  | { readonly says: 'nothing'; readonly reason: string };

/** @param value the function's answer, of any origin. @returns undefined for anything else than the answer to this question */
export function readJobAnswer(value: unknown): JobAnswer | undefined {
  const { job: found, failure: refused } = fieldsOf(value) ?? {};
  const job = fieldsOf(found);
  if (job) return { says: 'job', job };
  const failure = fieldsOf(refused);
  if (!failure) return undefined;
  const { status, body, networkError } = failure;
  if (status === 404) return { says: 'unknown' };
  const reason = isAmount(status)
    ? answerText({ status, retryAfter: undefined, body: isText(body) ? body : '' })
    : answerText({ networkError: isText(networkError) ? networkError : '' });
  return { says: 'nothing', reason };
}

/** Where a job's file is, as far as the job itself tells. */
export interface JobPlace {
  readonly file: S3Location;
  /** undefined where it does not tell */
  readonly batch: string | undefined;
}

/**
 * Finds the file of a job: by the metadata that our request gave it, else by its webhook address, else by its input alone.
 * @param body as Ittybit shows the job, of any origin: it only says where to look
 * @returns undefined for a job that names no object of S3
 */
export function placeOfJob(body: Fields): JobPlace | undefined {
  const job = fieldsOf(body['data']) ?? fieldsOf(body['job']) ?? body;
  const { batch, source_bucket: bucket, source_key: key } = fieldsOf(job['metadata']) ?? {};
  if (isText(bucket) && isText(key))
    return { file: { bucket, key }, batch: isText(batch) ? batch : undefined };
  return addressedFile(job['webhook_url']) ?? inputOf(job['input']);
}

/** `<batch>~<run>/<source>/<signature>` at the end of a webhook address, see `webhookPath`. */
function addressedFile(address: unknown): JobPlace | undefined {
  if (!isText(address)) return undefined;
  const [, batch, source = ''] = /\/([^/~]+)(?:~\d+)?\/([\w-]+)\/[\w-]+$/.exec(address) ?? [];
  const place = splitPlace(Buffer.from(source, 'base64url').toString());
  return place && { file: place, batch };
}

function inputOf(input: unknown): JobPlace | undefined {
  const place = isText(input) && input.startsWith('s3://') ? splitPlace(input.slice(5)) : undefined;
  return place && { file: place, batch: undefined };
}

function splitPlace(text: string): S3Location | undefined {
  const slash = text.indexOf('/');
  return slash > 0 ? { bucket: text.slice(0, slash), key: text.slice(slash + 1) } : undefined;
}

/** @returns true where an item may be that of the job */
export function isOfJob(
  item: BatchFile & { readonly job_id?: string },
  id: string,
  { batch }: JobPlace,
): boolean {
  return item.job_id === id || item.batch === batch;
}

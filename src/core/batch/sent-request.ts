import { canonicalJson } from '../ittybit/canonical-json.ts';
import { jobRequest, type JobOptions } from '../ittybit/job-options.ts';
import { webhookPath } from '../ittybit/signed-address.ts';
import { keyWithId, signingKeyId } from '../ittybit/signing-keys.ts';
import type { BatchFile } from '../files/batch-file.ts';
import type { ResultItem } from './result-item.ts';
import { shortHash } from './work.ts';

/**
 * Ittybit remembers a key for about 24 h (Ittybit API reference, "Idempotency"). An hour less allows for clocks that
 * differ.
 */
export const IDEMPOTENCY_MS = 23 * 3_600_000;

/** What a request says besides the file and its batch's job: the stack's settings. */
export interface Sender {
  readonly apiUrl: string;
  /** the stack's ConnectionId, empty for the project's default connection */
  readonly connectionId: string;
  /** the stack's webhook endpoint */
  readonly webhookUrl: string;
  /** the key that signs webhook addresses, then the previous ones */
  readonly signingKeys: readonly [string, ...string[]];
}

/** A request to `POST /jobs`, and the mark by which the same one is known again. */
export interface SentRequest {
  readonly body: Record<string, unknown>;
  /** hash of the API's address and the body, and the id of the signing key */
  readonly mark: string;
}

/** @returns the request of one run of a file under a reference */
export function requestOf(
  file: BatchFile,
  { reference, run }: { reference: string; run: number },
  job: JobOptions,
  sender: Sender,
  key: string = sender.signingKeys[0],
): SentRequest {
  const webhookUrl = `${sender.webhookUrl}/${webhookPath(key, file, run)}`;
  const body = jobRequest(job, { file, reference, webhookUrl, connectionId: sender.connectionId });
  return { body, mark: `${shortHash(canonicalJson([sender.apiUrl, body]))}.${signingKeyId(key)}` };
}

/**
 * Can the very same request be made again? Ittybit refuses another body under the same key, and forgets a key.
 * @param now epoch ms
 * @returns the request; undefined where anything has changed or the key may be forgotten
 */
export function repeatOf(
  item: ResultItem,
  job: JobOptions,
  sender: Sender,
  now: number,
): SentRequest | undefined {
  const { reference, run, sent, first_post_at = '' } = item;
  if (reference === undefined || sent === undefined || !(now - Date.parse(first_post_at) <= IDEMPOTENCY_MS)) {
    return undefined;
  }
  const key = keyWithId(sender.signingKeys, sent.slice(sent.indexOf('.') + 1));
  const request = key === undefined ? undefined : requestOf(item, { reference, run }, job, sender, key);
  return request?.mark === sent ? request : undefined;
}

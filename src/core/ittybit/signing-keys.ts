import { createHash } from 'node:crypto';
import { MediaBatchError } from '../errors.ts';
import { fieldsOf, isText, parseJson } from '../foreign-json.ts';

/** A key shorter than the hash, which has 32 bytes, weakens an HMAC (RFC 2104, section 3). */
const MIN_KEY_CHARACTERS = 32;

/** So many earlier keys are kept, so that callbacks of jobs under way stay valid through five rotations. */
export const MAX_PREVIOUS_KEYS = 5;

const NOT_READABLE =
  'is not JSON with path_key and ittybit_webhook_secret as texts: correct it in Secrets Manager.';

/** What the stack's signing secret holds. */
export interface SigningKeys {
  /** signs the webhook addresses of new jobs */
  readonly pathKey: string;
  /** the keys before it, newest first; addresses that they signed stay valid */
  readonly previousPathKeys: readonly string[];
  /** checks `Ittybit-Signature`; empty until the user sets it */
  readonly webhookSecret: string;
}

/** A signing secret with a new key, and what that means in numbers. */
export interface RotatedSecret {
  /** the secret's new text */
  readonly secret: string;
  /** how many earlier keys stay valid */
  readonly kept: number;
  /** how many keys are given up: callbacks to addresses that they signed are refused */
  readonly givenUp: number;
}

/**
 * Reads the stack's signing secret: JSON with `path_key`, `previous_path_keys` and `ittybit_webhook_secret`.
 * @param secret the secret's text
 * @throws MediaBatchError `unusable-signing-secret` for a secret without its keys, which must not count as a check that
 * is off, and for a `path_key` of less than 32 characters. The message never repeats the secret, as it is logged
 */
export function signingKeysOf(secret: string): SigningKeys {
  const fields = fieldsOf(parseJson(secret));
  const webhookSecret = fields?.['ittybit_webhook_secret'] ?? '';
  if (!fields || !isText(webhookSecret)) throw unusable(NOT_READABLE);
  const pathKey = fields['path_key'];
  if (isUsable(pathKey)) return { pathKey, previousPathKeys: previousOf(fields), webhookSecret };
  throw unusable(
    `has no path_key of at least ${MIN_KEY_CHARACTERS} characters: run "Media Batch: Rotate Signing Key".`,
  );
}

/** @returns every key whose signatures are valid, the present one first */
export function validKeys({ pathKey, previousPathKeys }: SigningKeys): readonly string[] {
  return [pathKey, ...previousPathKeys];
}

/**
 * Names a key without showing it.
 * @returns 8 hexadecimal characters
 */
export function signingKeyId(key: string): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 8);
}

/** @returns the one of these keys with this id; undefined once it has been given up */
export function keyWithId(keys: readonly string[], id: string): string | undefined {
  return keys.find((key) => signingKeyId(key) === id);
}

/**
 * Puts a new key into a signing secret. The keys before it stay valid, five at most. All other fields stay, those that we do
 * not know too.
 * @param secret the secret's present text
 * @throws MediaBatchError `unusable-signing-secret` where the text has more wrong with it than its keys: a new key would
 * not mend it
 */
export function rotateKey(secret: string, newKey: string): RotatedSecret {
  const fields = fieldsOf(parseJson(secret));
  if (!fields) throw unusable(NOT_READABLE);
  const present = fields['path_key'];
  const earlier = [...new Set([...(isUsable(present) ? [present] : []), ...previousOf(fields)])];
  const kept = earlier.slice(0, MAX_PREVIOUS_KEYS);
  const rotated = JSON.stringify({ ...fields, path_key: newKey, previous_path_keys: kept });
  signingKeysOf(rotated);
  return { secret: rotated, kept: kept.length, givenUp: earlier.length - kept.length };
}

function previousOf(fields: Readonly<Record<string, unknown>>): string[] {
  const previous = fields['previous_path_keys'];
  // A key that is too short proves nothing, whenever it was made.
  return Array.isArray(previous) ? previous.filter(isUsable).slice(0, MAX_PREVIOUS_KEYS) : [];
}

function isUsable(key: unknown): key is string {
  return isText(key) && key.trim().length >= MIN_KEY_CHARACTERS;
}

function unusable(what: string): MediaBatchError {
  return new MediaBatchError('unusable-signing-secret', `The signing secret ${what}`);
}

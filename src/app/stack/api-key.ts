import { InvalidInputError } from '../../core/errors.ts';
import type { JobsApi } from '../../core/ittybit/jobs-api.ts';
import { keyVerdict, type KeyVerdict } from '../../core/ittybit/key-verdict.ts';
import type { SecretStore } from '../../core/stack/secret-store.ts';
import { isParameterValue, type StackOutputs } from '../../core/stack/stack-contract.ts';

/** Opens the API at a base address. */
export type OpenIttybit = (baseUrl: string) => Pick<JobsApi, 'witness'>;

/** How long a user waits in front of the box for Ittybit's answer, in ms. */
const CHECK_MS = 10_000;

/**
 * @param text what the user typed
 * @returns the key in it, without the blanks around it
 * @throws InvalidInputError when the text cannot be a key; the message never repeats it
 */
export function apiKeyIn(text: string): string {
  const key = text.trim();
  // An HTTP header takes visible ASCII only (RFC 9110, 5.5).
  if (/^[\x21-\x7E]{8,512}$/.test(key)) return key;
  throw new InvalidInputError(
    'apiKey',
    'That is not an Ittybit API key: it is one word such as ittybit_live_….',
  );
}

/**
 * Asks Ittybit about a key with one cheap request, at the address that the stack uses. It stores nothing.
 * @param key as `apiKeyIn` returns it
 * @returns what the answer says; its reason never holds the key
 */
export async function checkApiKey(
  { apiUrl }: Pick<StackOutputs, 'apiUrl'>,
  key: string,
  openIttybit: OpenIttybit,
): Promise<KeyVerdict> {
  // A template of the user's own may allow an address at which the key would cross a network in the clear.
  if (!isParameterValue('IttybitApiUrl', apiUrl)) {
    return { key: 'unknown', reason: 'the stack has no https address of Ittybit’s API' };
  }
  const verdict = keyVerdict(await openIttybit(apiUrl).witness(key, CHECK_MS));
  // A server may repeat what it refuses.
  return 'reason' in verdict ? { ...verdict, reason: verdict.reason.replaceAll(key, '…') } : verdict;
}

/**
 * Stores the Ittybit API key where the consumer reads it. The consumer uses it within 5 minutes, or at once after a refused
 * call.
 * @throws InvalidInputError when the text cannot be a key; the message never repeats it
 */
export async function storeApiKey(
  pipeline: Pick<StackOutputs, 'apiKeyArn'>,
  key: string,
  secrets: Pick<SecretStore, 'put'>,
  signal?: AbortSignal,
): Promise<void> {
  await secrets.put(pipeline.apiKeyArn, apiKeyIn(key), signal);
}

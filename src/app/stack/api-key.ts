import { InvalidInputError } from '../../core/errors.ts';
import type { SecretStore } from '../../core/stack/secret-store.ts';
import type { StackOutputs } from '../../core/stack/stack-contract.ts';

/**
 * Stores the Ittybit API key where the consumer reads it. The key is sent only to AWS. The consumer uses it within 5
 * minutes, or at once after a refused call.
 * @throws InvalidInputError when the text cannot be a key; the message never repeats it
 */
export async function storeApiKey(
  pipeline: StackOutputs,
  key: string,
  secrets: Pick<SecretStore, 'put'>,
  signal?: AbortSignal,
): Promise<void> {
  const trimmed = key.trim();
  // An HTTP header takes visible ASCII only (RFC 9110, 5.5).
  if (!/^[\x21-\x7E]{8,512}$/.test(trimmed)) {
    throw new InvalidInputError(
      'apiKey',
      'That is not an Ittybit API key: it is one word such as ittybit_live_….',
    );
  }
  await secrets.put(pipeline.apiKeyArn, trimmed, signal);
}

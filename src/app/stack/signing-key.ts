import { randomBytes } from 'node:crypto';
import { MediaBatchError } from '../../core/errors.ts';
import { rotateKey, type RotatedSecret } from '../../core/ittybit/signing-keys.ts';
import type { SecretStore } from '../../core/stack/secret-store.ts';
import type { StackOutputs } from '../../core/stack/stack-contract.ts';

/** Random bytes of a new key; as base64url they are 64 characters, as many as CloudFormation's first key has. */
const KEY_BYTES = 48;

/** What a rotation does to the keys, in numbers, before it is done. It shows no key. */
export interface KeyRotation extends Pick<RotatedSecret, 'kept' | 'givenUp'> {
  /**
   * Stores the new key beside the earlier ones.
   * @throws MediaBatchError `conflict` where the secret was changed since it was read, so that no other rotation is lost;
   * AwsError
   */
  store(signal?: AbortSignal): Promise<void>;
}

/**
 * Makes a new key for the stack's webhook addresses. Keys before it stay valid, so that callbacks of jobs under way are
 * accepted. The functions take the new key within 5 minutes, or at once for an address that it has signed.
 * @throws MediaBatchError `unusable-signing-secret` for a secret that a new key would not mend, AwsError
 */
export async function planKeyRotation(
  { signingSecretArn }: StackOutputs,
  secrets: SecretStore,
  signal?: AbortSignal,
): Promise<KeyRotation> {
  const { value, version } = await secrets.read(signingSecretArn, signal);
  const { secret, kept, givenUp } = rotateKey(value, randomBytes(KEY_BYTES).toString('base64url'));
  return {
    kept,
    givenUp,
    async store(storeSignal) {
      if (await secrets.replace(signingSecretArn, version, secret, storeSignal)) return;
      throw new MediaBatchError(
        'conflict',
        'The signing secret was changed at the same time, so no new key was stored: run "Media Batch: Rotate Signing Key" again.',
      );
    },
  };
}

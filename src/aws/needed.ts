import type { Ledger } from '../core/batch/ledger.ts';
import { MediaBatchError, messageOf } from '../core/errors.ts';

/**
 * Errors of AWS that another try does not change: a right, a secret, a table or a key is missing (API references of
 * Secrets Manager, SSM, DynamoDB and KMS, "Common errors" and each operation's).
 */
const REFUSALS = [
  'AccessDeniedException',
  'UnrecognizedClientException',
  'ResourceNotFoundException',
  'ParameterNotFound',
  'InvalidRequestException',
  'DecryptionFailure',
  'InvalidKeyId',
];
/** The same for the ARN of a secret or parameter; about a table, they may be about one item. */
const REFUSALS_OF_A_NAME = ['ValidationException', 'InvalidParameterException'];

/** @returns the value of a secret. @throws MediaBatchError `unusable-stack`, as `needed` */
export function neededSecret<Value>(what: string, value: Promise<Value>): Promise<Value> {
  return needed(what, value, [...REFUSALS, ...REFUSALS_OF_A_NAME]);
}

/**
 * Waits for something that every file needs.
 * @param what the subject of the message
 * @throws MediaBatchError `unusable-stack` where AWS refuses it for good; any other error as it is
 */
export async function needed<Value>(
  what: string,
  value: Promise<Value>,
  refusals: readonly string[] = REFUSALS,
): Promise<Value> {
  try {
    return await value;
  } catch (error) {
    const { name } = error instanceof Error ? error : { name: '' };
    if (!refusals.includes(name) && !name.startsWith('KMS')) throw error;
    throw new MediaBatchError('unusable-stack', `${what} cannot be used: ${messageOf(error).slice(0, 500)}`, {
      cause: error,
    });
  }
}

/** @returns the same ledger, which says in words that its table cannot be used */
export function neededLedger(ledger: Ledger): Ledger {
  const table = <Value>(value: Promise<Value>) => needed('The results table', value);
  return {
    read: (file, eventually) => table(ledger.read(file, eventually)),
    readSource: (file, batch) => table(ledger.readSource(file, batch)),
    readOutput: (address) => table(ledger.readOutput(address)),
    write: (change) => table(ledger.write(change)),
    holdsOldResults: () => table(ledger.holdsOldResults()),
  };
}

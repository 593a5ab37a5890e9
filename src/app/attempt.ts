import { isAbort } from '../core/errors.ts';
import { isSigningError } from '../core/login-error.ts';

export interface Attempt<Value> {
  readonly value: Value | undefined;
  readonly problem: unknown;
}

/**
 * Reads one thing of several, which may fail alone.
 * @throws an error that every other call would get too: a cancel, a login that is not valid
 */
export async function attempt<Value>(read: () => Value | Promise<Value>): Promise<Attempt<Value>> {
  try {
    return { value: await read(), problem: undefined };
  } catch (error) {
    if (isAbort(error) || isSigningError(error)) throw error;
    return { value: undefined, problem: error };
  }
}

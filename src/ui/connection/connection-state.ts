import { InvalidInputError, messageOf } from '../../core/errors.ts';
import type { ConnectionState } from './connection.ts';
import { isCodeError, isLoginError } from '../../core/login-error.ts';

/**
 * @param helps true where a login renews the profile's credentials
 * @returns the state that an error leads to
 */
export function stateAfter(error: unknown, profile: string | undefined, helps: boolean): ConnectionState {
  const failure = error instanceof Error ? error : new Error(messageOf(error));
  if (isCodeError(error) || (helps && isLoginError(error)))
    return { kind: 'signed-out', error: failure, profile };
  return error instanceof InvalidInputError && error.field === 'mediaBatch.region'
    ? { kind: 'not-set-up' }
    : { kind: 'failed', error: failure };
}

/** @returns true where the second state says nothing new, so that a repeated failure does not make the views blink */
export function isSameState(before: ConnectionState, now: ConnectionState): boolean {
  switch (now.kind) {
    case 'ready':
      return false;
    case 'connecting':
      return before.kind === 'connecting' && !now.elsewhere;
    case 'signed-out':
      return (
        before.kind === 'signed-out' &&
        before.profile === now.profile &&
        before.error.message === now.error.message
      );
    case 'failed':
      return before.kind === 'failed' && before.error.message === now.error.message;
    case 'unknown':
    case 'not-set-up':
      return before.kind === now.kind;
  }
}

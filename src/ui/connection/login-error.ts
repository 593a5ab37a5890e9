import { AwsError } from '../../core/errors.ts';

/** An error wraps others only so deep. */
const MAX_CAUSES = 5;

/** @returns true for a login that has expired or is missing, and for what such a one made fail */
export function isLoginError(error: unknown): boolean {
  let cause = error;
  for (let depth = 0; cause instanceof Error && depth < MAX_CAUSES; depth += 1) {
    if (cause instanceof AwsError && (cause.code === 'expired-login' || cause.code === 'no-credentials'))
      return true;
    cause = cause.cause;
  }
  return false;
}

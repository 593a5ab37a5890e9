import { AwsError } from './errors.ts';

/** An error wraps others only so deep. */
const MAX_CAUSES = 5;

/** @returns true for a login that has expired or is missing, and for what such a one made fail */
export function isLoginError(error: unknown): boolean {
  return signingError(error)?.code === 'expired-login';
}

/** @returns true for whatever keeps a profile from signing, and for what that made fail: each further call would meet it */
export function isSigningError(error: unknown): boolean {
  return signingError(error) !== undefined;
}

/** @returns true where the code of a multi-factor device is asked for */
export function isCodeError(error: unknown): boolean {
  return signingError(error)?.awsCode === 'MultiFactorAuthentication';
}

function signingError(error: unknown): AwsError | undefined {
  let cause = error;
  for (let depth = 0; cause instanceof Error && depth < MAX_CAUSES; depth += 1) {
    if (cause instanceof AwsError && (cause.code === 'expired-login' || cause.code === 'no-credentials'))
      return cause;
    cause = cause.cause;
  }
  return undefined;
}

import { AwsError } from './errors.ts';

/** How deep we look for causes of an error. */
const MAX_CAUSES = 5;

/** @returns true for a missing or expired login, and for an error with such a cause */
export function isLoginError(error: unknown): boolean {
  return signingError(error)?.code === 'expired-login';
}

/** @returns true where the profile cannot sign, also as the cause: every further call would fail the same way */
export function isSigningError(error: unknown): boolean {
  return signingError(error) !== undefined;
}

/** @returns true where AWS needs the code of a multi-factor device */
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

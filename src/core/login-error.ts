import { AwsError, causesOf } from './errors.ts';

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
  return causesOf(error)
    .filter((cause) => cause instanceof AwsError)
    .find(({ code }) => code === 'expired-login' || code === 'no-credentials');
}

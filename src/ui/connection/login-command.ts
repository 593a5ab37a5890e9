import type { AwsFiles, Profile } from '../../core/stack/aws-target.ts';

/**
 * Characters that are safe inside double quotes in sh, PowerShell and cmd. No leading hyphen: it would be an option.
 */
const QUOTABLE = /^[\p{L}\p{N}_][\p{L}\p{N}_ .@+=,:/-]*$/u;

/** How to log in: `command` is a command of the AWS CLI; `own` is a way that only the user knows. */
export type Login =
  | {
      readonly kind: 'command';
      /** works in every shell */
      readonly command: string;
      /** environment variables that the terminal needs */
      readonly env: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'own' };

/**
 * The way to log in to a profile. A role is assumed with the credentials of another profile, so that profile is logged in.
 * @param name the name in the AWS config files; a name that cannot be quoted in every shell is passed in the environment
 * @param remote true where the terminal and the browser are on different machines, so that the browser cannot call back
 */
export function loginOf(name: string, profiles: readonly Profile[], remote = false): Login {
  const root = rootOf(name, profiles);
  if (root?.kind !== 'sso' && root?.kind !== 'login') return { kind: 'own' };
  // AWS CLI Command Reference, "sso login" and "login".
  const verb =
    root.kind === 'sso'
      ? `sso login${remote ? ' --use-device-code' : ''}`
      : `login${remote ? ' --remote' : ''}`;
  return QUOTABLE.test(root.name)
    ? { kind: 'command', command: `aws ${verb} --profile "${root.name}"`, env: {} }
    : {
        kind: 'command',
        command: `aws ${verb}`,
        // The AWS CLI reads AWS_DEFAULT_PROFILE before AWS_PROFILE.
        env: { AWS_DEFAULT_PROFILE: root.name, AWS_PROFILE: root.name },
      };
}

/**
 * @param chosen the profile of our settings; undefined = the AWS CLI's default
 * @returns false where the credentials are known to come without a login
 */
export function loginHelps(
  chosen: string | undefined,
  files: Pick<AwsFiles, 'defaultProfile' | 'environmentKeys'>,
  profiles: readonly Profile[],
): boolean {
  if (chosen === undefined && files.environmentKeys) return false;
  const root = rootOf(chosen ?? files.defaultProfile, profiles);
  return root === undefined || root.kind === 'sso' || root.kind === 'login';
}

/** @param seen names that were followed already: a profile can name itself as its source */
function rootOf(
  name: string,
  profiles: readonly Profile[],
  seen: readonly string[] = [],
): Profile | undefined {
  if (seen.includes(name)) return undefined;
  const profile = profiles.find((candidate) => candidate.name === name);
  return profile?.source === undefined ? profile : rootOf(profile.source, profiles, [...seen, name]);
}

import type { AwsFiles, Profile } from '../base/cloud.ts';

/**
 * Letters, digits and what else names have, none of which means anything between double quotes to sh, PowerShell or cmd;
 * no hyphen first, as that would be an option.
 */
const QUOTABLE = /^[\p{L}\p{N}_][\p{L}\p{N}_ .@+=,:/-]*$/u;

/** How somebody logs in: by a command of the AWS CLI, or in a way that only they know. */
export type Login =
  | {
      readonly kind: 'command';
      /** for the terminal's shell, whichever it is */
      readonly command: string;
      /** what the terminal's environment needs for it */
      readonly env: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'own' };

/**
 * The way to log in to a profile; a role is assumed with the credentials of another profile, so that one counts.
 * @param name as it is in the AWS config files; one that no quoting makes safe in every shell is given in the environment
 * @param remote the terminal is on another machine than the browser, so nothing can be sent back to it
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
        // The AWS CLI reads the first one first.
        env: { AWS_DEFAULT_PROFILE: root.name, AWS_PROFILE: root.name },
      };
}

/**
 * @param chosen the profile of our settings; undefined = as the AWS CLI chooses
 * @returns false for what is known to get its credentials without a login
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

/** @param seen names on the way here: a profile can name itself as its source */
function rootOf(
  name: string,
  profiles: readonly Profile[],
  seen: readonly string[] = [],
): Profile | undefined {
  if (seen.includes(name)) return undefined;
  const profile = profiles.find((candidate) => candidate.name === name);
  return profile?.source === undefined ? profile : rootOf(profile.source, profiles, [...seen, name]);
}

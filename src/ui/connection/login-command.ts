import type { Profile } from '../cloud.ts';

/**
 * Letters, digits and what else names have, none of which means anything between double quotes to sh, PowerShell or cmd;
 * no hyphen first, as that would be an option.
 */
const QUOTABLE = /^[\p{L}\p{N}_][\p{L}\p{N}_ .@+=,:/-]*$/u;

/** How somebody logs in: by a command of the AWS CLI, or in a way that only they know. */
export type Login =
  | { readonly kind: 'command'; readonly command: string }
  | { readonly kind: 'odd-name' }
  | { readonly kind: 'own' };

/**
 * The way to log in to a profile; a role is assumed with the credentials of another profile, so that one counts.
 * @param name as it is in the AWS config files
 * @returns `command` for the terminal's shell, whichever it is; `odd-name` where no quoting is safe in all of them
 */
export function loginOf(name: string, profiles: readonly Profile[]): Login {
  const root = rootOf(name, profiles);
  if (root?.kind !== 'sso' && root?.kind !== 'login') return { kind: 'own' };
  if (!QUOTABLE.test(root.name)) return { kind: 'odd-name' };
  const verb = root.kind === 'sso' ? 'sso login' : 'login';
  return { kind: 'command', command: `aws ${verb} --profile "${root.name}"` };
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

import { visibleText } from '../../core/visible-text.ts';
import type { Values } from '../config/config-text.ts';
import { configError, type SharedConfig } from '../config/shared-config.ts';

/** How to get a role of IAM Identity Center. */
export interface SsoPlan {
  readonly kind: 'sso';
  readonly profile: string;
  /** undefined in a profile of the old form, which names the portal itself */
  readonly session: string | undefined;
  readonly startUrl: string;
  readonly region: string;
  readonly accountId: string;
  readonly roleName: string;
}

/** Names of sessions that the SDK would read as a comment, or as another name. */
const UNUSABLE = /(^|\s)[;#]|^\s|\s$|[\r\n]/;

/**
 * @returns undefined for a profile without SSO. A profile with only a session is for tools that use its token
 * @throws AwsError `no-credentials` for a missing session, and for missing or contradictory settings
 */
export function planSso(
  { sessions }: Pick<SharedConfig, 'sessions'>,
  profile: string,
  values: Values,
): SsoPlan | undefined {
  if (!values.has('sso_role_name') && !values.has('sso_account_id')) return undefined;
  const session = values.get('sso_session');
  const shared = session === undefined ? new Map<string, string>() : sessions.get(session);
  if (!shared)
    throw broken(
      profile,
      `names the sso_session "${session ?? ''}", and there is no [sso-session ${session ?? ''}] in the config file`,
    );
  if (session !== undefined && UNUSABLE.test(session))
    throw broken(profile, `names the sso_session "${session}", and Media Batch cannot use that name`);
  for (const [name, value] of shared)
    if ((values.get(name) ?? value) !== value)
      throw broken(profile, `and its sso_session say different things for ${name}`);
  const read = (name: string): string => {
    const value = values.get(name) ?? shared.get(name);
    if (!value) throw broken(profile, `lacks ${name}`);
    return value;
  };
  return {
    kind: 'sso',
    profile,
    session,
    startUrl: read('sso_start_url'),
    region: read('sso_region'),
    accountId: read('sso_account_id'),
    roleName: read('sso_role_name'),
  };
}

function broken(profile: string, what: string): Error {
  return configError(
    'InvalidConfig',
    `AWS profile "${visibleText(profile)}" ${visibleText(what)}: correct it in your AWS config files, or run "aws configure sso".`,
  );
}

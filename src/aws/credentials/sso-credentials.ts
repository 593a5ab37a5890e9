import { fromSSO } from '@aws-sdk/credential-providers';
import { AwsError, messageOf } from '../../core/errors.ts';
import { visibleText } from '../../core/visible-text.ts';
import { call } from '../errors/aws-errors.ts';
import type { ClientBase } from '../config/client-base.ts';
import { profileFile } from './profile-file.ts';
import type { SdkCredentials } from './sdk-credentials.ts';
import { configError } from '../config/shared-config.ts';
import type { SsoPlan } from './sso-plan.ts';

/**
 * Gets credentials for a role of IAM Identity Center, with the token of `aws sso login`. The SDK renews a session's
 * token.
 * @throws AwsError `expired-login` where a login helps, `no-credentials` where the portal does not give the role,
 * `throttled`
 */
export async function ssoCredentials(
  plan: SsoPlan,
  { sso }: { readonly sso: ClientBase },
): Promise<SdkCredentials> {
  const { profile, session, startUrl, region, accountId, roleName } = plan;
  const files = profileFile(`sso/${session ?? ''}`, {
    'profile.p': { sso_session: session ?? '' },
    [`sso-session.${session ?? ''}`]: { sso_start_url: startUrl, sso_region: region },
  });
  const provider = fromSSO({
    profile: 'p',
    ...files,
    ...(session !== undefined && { ssoSession: session }),
    ssoStartUrl: startUrl,
    ssoRegion: region,
    ssoAccountId: accountId,
    ssoRoleName: roleName,
    // Without a region, because the SDK would use it for the portal.
    clientConfig: sso,
  });
  const context = { service: 'sso', operation: 'GetRoleCredentials', region, profile };
  const given = await call({ ...context, endpoint: sso.endpoint }, () =>
    provider().catch((error: unknown) => {
      throw portalError(plan, error) ?? error;
    }),
  );
  return { accountId, ...given };
}

/** The SDK's provider keeps only the name and the message of the portal's error, as one text. */
function portalError(plan: SsoPlan, error: unknown): AwsError | undefined {
  const [, name = '', message = ''] = /^(\w+Exception): ([^]*)$/.exec(messageOf(error)) ?? [];
  const { profile, accountId, roleName } = plan;
  const who = `AWS profile "${visibleText(profile)}"`;
  const role = `the role ${visibleText(roleName)} in account ${visibleText(accountId)}`;
  const quote = visibleText(message || name);
  switch (name) {
    case 'UnauthorizedException':
      return new AwsError(
        'expired-login',
        `The login of ${who} has expired or was ended (${quote}): log in again.`,
        {
          operation: 'sso:GetRoleCredentials',
          awsCode: name,
          cause: error,
        },
      );
    case 'TooManyRequestsException':
      return new AwsError(
        'throttled',
        `The SSO portal asks us to slow down (${quote}): wait a minute and try again; a login does not help.`,
        {
          operation: 'sso:GetRoleCredentials',
          awsCode: name,
          cause: error,
        },
      );
    case 'ForbiddenException':
    case 'ResourceNotFoundException':
      return configError(
        name,
        `The SSO portal does not give ${who} ${role} ("${quote}"): ask your AWS administrator for that role, or select another profile.`,
        error,
      );
    default:
      return undefined;
  }
}

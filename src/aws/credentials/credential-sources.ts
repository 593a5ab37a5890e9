import { readFile } from 'node:fs/promises';
import {
  AssumeRoleCommand,
  AssumeRoleWithWebIdentityCommand,
  STSClient,
  type AssumeRoleResponse,
} from '@aws-sdk/client-sts';
import { fromLoginCredentials } from '@aws-sdk/credential-providers';
import { visibleText } from '../../core/visible-text.ts';
import { call } from '../errors/aws-errors.ts';
import type { ClientBase } from '../config/client-base.ts';
import type { CredentialPlan, LoginPlan, RolePlan, WebIdentityPlan } from './credential-plan.ts';
import { processCredentials } from './credential-process.ts';
import { machineCredentials } from './machine-credentials.ts';
import type { SdkCredentials } from './sdk-credentials.ts';
import { configError } from '../config/shared-config.ts';
import { profileFile } from './profile-file.ts';
import { ssoCredentials } from './sso-credentials.ts';

/** How the services that issue credentials are called. */
export interface Issuers {
  /** of STS: the connection's */
  readonly region: string;
  /** for messages */
  readonly profile: string | undefined;
  readonly sts: ClientBase;
  /** of the SSO portal, its OIDC service and the sign-in service; each knows its region */
  readonly sso: ClientBase;
  readonly mfaCode: ((serial: string) => Promise<string>) | undefined;
}

/**
 * Gets credentials. For a role, it first gets the credentials that assume it.
 * @throws AwsError in the words of the service or program that refused
 */
export async function credentialsOf(plan: CredentialPlan, issuers: Issuers): Promise<SdkCredentials> {
  switch (plan.kind) {
    case 'keys': {
      const { accessKeyId, secretAccessKey, sessionToken, accountId } = plan;
      return {
        accessKeyId,
        secretAccessKey,
        ...(sessionToken && { sessionToken }),
        ...(accountId && { accountId }),
      };
    }
    case 'process':
      return processCredentials(plan);
    case 'sso':
      return ssoCredentials(plan, issuers);
    case 'login':
      return loginCredentials(plan, issuers);
    case 'role':
      return assumeRole(plan, issuers);
    case 'web-identity':
      return assumeWithToken(plan, issuers);
    case 'Environment':
    case 'EcsContainer':
    case 'Ec2InstanceMetadata':
      return machineCredentials(plan.kind);
  }
}

async function assumeRole(plan: RolePlan, issuers: Issuers): Promise<SdkCredentials> {
  const source = await credentialsOf(plan.source, issuers);
  const { mfaSerial } = plan;
  if (mfaSerial !== undefined && !issuers.mfaCode)
    throw configError(
      'MultiFactorAuthentication',
      `The role ${visibleText(plan.roleArn)} asks for a multi-factor code, and there is no way to type one here: use another profile.`,
    );
  const input = {
    RoleArn: plan.roleArn,
    RoleSessionName: plan.sessionName || sessionName(),
    ExternalId: plan.externalId,
    DurationSeconds: plan.duration,
    SerialNumber: mfaSerial,
    TokenCode: mfaSerial === undefined ? undefined : await issuers.mfaCode?.(mfaSerial),
  };
  return withSts(issuers, { credentials: source }, 'AssumeRole', (sts) =>
    sts.send(new AssumeRoleCommand(input)),
  );
}

async function assumeWithToken(plan: WebIdentityPlan, issuers: Issuers): Promise<SdkCredentials> {
  const token = await readToken(plan.tokenFile);
  const input = {
    RoleArn: plan.roleArn,
    RoleSessionName: plan.sessionName || sessionName(),
    WebIdentityToken: token,
  };
  return withSts(issuers, {}, 'AssumeRoleWithWebIdentity', (sts) =>
    sts.send(new AssumeRoleWithWebIdentityCommand(input)),
  );
}

async function readToken(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw configError(
      'WebIdentityToken',
      `The web identity token in ${visibleText(path)} cannot be read: correct web_identity_token_file, or find out why that file is not written.`,
      error,
    );
  }
}

/** Makes a client for each role. The SDK's role assumer shares one client, and with it the credentials that sign. */
function withSts(
  { region, profile, sts }: Issuers,
  config: { readonly credentials?: SdkCredentials },
  operation: string,
  send: (sts: STSClient) => Promise<AssumeRoleResponse>,
): Promise<SdkCredentials> {
  return call({ service: 'sts', operation, region, profile, endpoint: sts.endpoint }, async () => {
    const client = new STSClient({ ...sts, region, ...config });
    try {
      const { Credentials: given, AssumedRoleUser } = await send(client);
      const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = given ?? {};
      if (!AccessKeyId || !SecretAccessKey)
        throw configError(
          'NoCredentials',
          `AWS STS answered ${operation} without credentials: check the endpoint.`,
        );
      const account = AssumedRoleUser?.Arn?.split(':')[4];
      return {
        accessKeyId: AccessKeyId,
        secretAccessKey: SecretAccessKey,
        ...(SessionToken && { sessionToken: SessionToken }),
        ...(Expiration && { expiration: Expiration }),
        ...(account && { accountId: account }),
      };
    } finally {
      client.destroy();
    }
  });
}

/** The SDK's provider reads a profile itself, so it gets one that holds only this session. */
async function loginCredentials(
  { profile, session, region }: LoginPlan,
  { sso, ...issuers }: Issuers,
): Promise<SdkCredentials> {
  const files = profileFile(`login/${session}`, { 'profile.p': { login_session: session } });
  const clientConfig = { ...sso, region: region ?? issuers.region };
  const context = { service: 'signin', operation: 'CreateOAuth2Token', region: clientConfig.region, profile };
  return call(context, () => fromLoginCredentials({ profile: 'p', ...files, clientConfig })());
}

function sessionName(): string {
  return `media-batch-${String(Date.now())}`;
}

import { memoize } from '@smithy/core/config';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { AwsError } from '../core/errors.ts';
import { visibleText } from '../core/visible-text.ts';
import { call } from './aws-errors.ts';
import { clientBase } from './client-base.ts';
import { hasEnvironmentKeys } from './config-files.ts';
import { profileSettings } from './client-settings.ts';
import { planProfile, type CredentialPlan } from './credential-plan.ts';
import { credentialsOf, type Issuers } from './credential-sources.ts';
import { machinePlan } from './machine-credentials.ts';
import type { SdkCredentials } from './sdk-credentials.ts';
import { configError, profileOf, readSharedConfig } from './shared-config.ts';
import { environment } from './environment.ts';

/** Whose credentials, and where the services that hand them out are. */
export interface CredentialSource {
  readonly region: string;
  readonly profile?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly mfaCode?: ((serial: string) => Promise<string>) | undefined;
}

/** ms before the end at which credentials are renewed, as the SDK does. */
const RENEW = 300_000;

/**
 * Credentials of the chosen profile and of nothing else. Without one, as the AWS CLI finds them: the environment, the
 * profile that it names or `default`, the container, the instance. The services that hand them out are called with the
 * settings of that profile: STS at its configured endpoint, SSO and sign-in at that of SSO.
 * @returns a provider that keeps credentials until they expire; no file is read before its first call. What is begun in
 * one account ends there: a renewal that leads to another one raises AwsError `no-credentials`
 */
export function profileCredentials(source: CredentialSource): () => Promise<SdkCredentials> {
  let first: string | undefined;
  let last: { readonly key: string; readonly account: string | undefined } | undefined;
  const renew = async (): Promise<SdkCredentials> => {
    const issuers = await issuersOf(source);
    const credentials = await credentialsOf(await planOf(source.profile), issuers);
    const key = credentials.accessKeyId;
    const known =
      credentials.accountId ?? (last?.key === key ? last.account : await accountOf(credentials, issuers));
    last = { key, account: known };
    first ??= known;
    if (known !== undefined && known !== first) throw accountChanged(source, first ?? '', known);
    return credentials;
  };
  return memoize(
    renew,
    ({ expiration }) => expiration !== undefined && expiration.getTime() - Date.now() < RENEW,
    ({ expiration }) => expiration !== undefined,
  );
}

/** The config files are read each time: they may have been edited, or logged in to, since. */
async function planOf(chosen: string | undefined): Promise<CredentialPlan> {
  const config = await readSharedConfig();
  const { name } = profileOf(config, chosen);
  if (chosen === undefined) {
    if (hasEnvironmentKeys()) return { kind: 'Environment' };
    return planProfile(config, name, environment()) ?? machinePlan();
  }
  const plan = planProfile(config, name);
  if (plan) return plan;
  throw configError(
    'NoCredentials',
    `AWS profile "${visibleText(name)}" says nothing of credentials: add them with "aws configure" or "aws configure sso", or select another profile; no other credentials are used in its place.`,
  );
}

async function issuersOf({ region, profile, endpoint, mfaCode }: CredentialSource): Promise<Issuers> {
  const settings = await profileSettings(profile);
  return {
    region,
    profile,
    sts: clientBase(settings, endpoint ?? settings.endpoint('STS')),
    sso: clientBase(settings, endpoint ?? settings.endpoint('SSO')),
    mfaCode,
  };
}

/** Keys that end name no account: what renews them may have been pointed to another one meanwhile. */
async function accountOf(
  credentials: SdkCredentials,
  { region, profile, sts }: Issuers,
): Promise<string | undefined> {
  if (!credentials.expiration) return undefined;
  const context = { service: 'sts', operation: 'GetCallerIdentity', region, profile };
  return call({ ...context, endpoint: sts.endpoint }, async () => {
    const client = new STSClient({ ...sts, region, credentials });
    try {
      return (await client.send(new GetCallerIdentityCommand({}))).Account;
    } finally {
      client.destroy();
    }
  });
}

/** Queue and table of one name may be there in both accounts. */
function accountChanged({ profile }: CredentialSource, first: string, now: string): AwsError {
  const who = profile === undefined ? "The AWS CLI's choice" : `AWS profile "${visibleText(profile)}"`;
  return configError(
    'AccountChanged',
    `${who} leads to account ${visibleText(now)} now, and this was begun in ${visibleText(first)}: nothing more is sent. To continue, choose a profile of account ${visibleText(first)}.`,
  );
}

import { memoize } from '@smithy/core/config';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { CloudTarget } from '../../core/stack/aws-target.ts';
import type { AwsError } from '../../core/errors.ts';
import { visibleText } from '../../core/visible-text.ts';
import { call } from '../errors/aws-errors.ts';
import { clientBase } from '../config/client-base.ts';
import { hasEnvironmentKeys } from '../config/config-files.ts';
import { profileSettings } from '../config/client-settings.ts';
import { planProfile, type CredentialPlan } from './credential-plan.ts';
import { credentialsOf, type Issuers } from './credential-sources.ts';
import { machinePlan } from './machine-credentials.ts';
import type { SdkCredentials } from './sdk-credentials.ts';
import { configError, notReadable, profileOf, readSharedConfig } from '../config/shared-config.ts';
import { environment } from '../config/environment.ts';

/** Credentials are renewed this long before they expire, in ms, as the SDK does. */
const RENEW = 300_000;
/** Keys of a session whose end nobody knows are read again so often, in ms: their user renews them in the same file. */
const REREAD = 10_000;

/**
 * Gets the credentials of the chosen profile and no others. Without a chosen profile, it looks where the AWS CLI looks:
 * the environment, the profile that it names or `default`, the container, the instance. The services that issue
 * credentials are called with the settings of that profile: STS at its configured endpoint, SSO and sign-in at that of
 * SSO.
 * @returns a provider that keeps credentials until they expire, and reads no file before its first call. Work stays in
 * one account: a renewal that leads to another one raises AwsError `no-credentials`
 */
export function profileCredentials(source: CloudTarget): () => Promise<SdkCredentials> {
  let first: string | undefined;
  let last: { readonly key: string; readonly account: string | undefined } | undefined;
  const renew = async (): Promise<SdkCredentials> => {
    const issuers = await issuersOf(source);
    const credentials = withEnd(await credentialsOf(await planOf(source.profile), issuers));
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

function withEnd(credentials: SdkCredentials): SdkCredentials {
  const { sessionToken, expiration } = credentials;
  if (sessionToken === undefined || expiration !== undefined) return credentials;
  // The SDK would keep them for ever.
  return { ...credentials, expiration: new Date(Date.now() + RENEW + REREAD) };
}

/** Reads the config files each time, because the user may have edited them or logged in since. */
async function planOf(chosen: string | undefined): Promise<CredentialPlan> {
  const config = await readSharedConfig();
  const { name } = profileOf(config, chosen);
  if (chosen === undefined) {
    if (hasEnvironmentKeys()) return { kind: 'Environment' };
    return planProfile(config, name, environment()) ?? machinePlan();
  }
  const plan = planProfile(config, name);
  if (plan) return plan;
  if (config.unreadable.length > 0) throw notReadable(name, config.unreadable);
  throw configError(
    'NoCredentials',
    `AWS profile "${visibleText(name)}" has no credentials: add them with "aws configure" or "aws configure sso", or select another profile; no other credentials are used in its place.`,
  );
}

async function issuersOf({ region, profile, endpoint, mfaCode }: CloudTarget): Promise<Issuers> {
  const settings = await profileSettings(profile);
  return {
    region,
    profile,
    sts: clientBase(settings, endpoint ?? settings.endpoint('STS')),
    sso: clientBase(settings, endpoint ?? settings.endpoint('SSO')),
    mfaCode,
  };
}

/**
 * Finds the account of keys that expire, because their renewal may lead to another account. Permanent keys are not
 * asked about.
 */
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

/** The error of a renewal in another account: that account may have a queue and a table of the same names. */
function accountChanged({ profile }: CloudTarget, first: string, now: string): AwsError {
  const who = profile === undefined ? "The AWS CLI's choice" : `AWS profile "${visibleText(profile)}"`;
  return configError(
    'AccountChanged',
    `${who} leads to account ${visibleText(now)} now, and this was begun in ${visibleText(first)}: nothing more is sent. To continue, choose a profile of account ${visibleText(first)}.`,
  );
}

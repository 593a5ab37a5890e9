import { visibleText } from '../../core/visible-text.ts';
import type { Values } from '../config/config-text.ts';
import type { Environment } from '../config/environment.ts';
import { configError, type SharedConfig } from '../config/shared-config.ts';
import { planSso, type SsoPlan } from './sso-plan.ts';

/** Keys that are written in a file. */
export interface KeysPlan {
  readonly kind: 'keys';
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string | undefined;
  readonly accountId: string | undefined;
}

export interface ProcessPlan {
  readonly kind: 'process';
  readonly profile: string;
  readonly command: string;
  readonly accountId: string | undefined;
}

/** The session of `aws login`. */
export interface LoginPlan {
  readonly kind: 'login';
  readonly profile: string;
  readonly session: string;
  readonly region: string | undefined;
}

export interface WebIdentityPlan {
  readonly kind: 'web-identity';
  readonly tokenFile: string;
  readonly roleArn: string;
  readonly sessionName: string | undefined;
}

/** What a `credential_source` can be. */
export interface MachinePlan {
  readonly kind: 'Environment' | 'EcsContainer' | 'Ec2InstanceMetadata';
}

export interface RolePlan {
  readonly kind: 'role';
  readonly roleArn: string;
  readonly sessionName: string | undefined;
  readonly externalId: string | undefined;
  readonly mfaSerial: string | undefined;
  /** seconds */
  readonly duration: number | undefined;
  /** whose credentials assume the role */
  readonly source: CredentialPlan;
}

/** Where credentials will come from, before any request is made. */
export type CredentialPlan =
  KeysPlan | ProcessPlan | SsoPlan | LoginPlan | WebIdentityPlan | MachinePlan | RolePlan;

const SOURCES = ['Environment', 'EcsContainer', 'Ec2InstanceMetadata'] as const;

/**
 * Plans how to get the credentials of a profile, in the order in which the AWS CLI looks (botocore,
 * create_credential_resolver and AssumeRoleProvider): role, web identity, SSO, keys of the credentials file, login,
 * process, keys of the config file.
 * @param env gives a web identity, which takes precedence over the profile's; only where no profile is chosen
 * @returns undefined for a profile without credentials
 * @throws AwsError `no-credentials` for a profile that cannot work, such as one whose `source_profile` is missing
 */
export function planProfile(
  config: SharedConfig,
  name: string,
  env: Environment = {},
): CredentialPlan | undefined {
  const values = config.profiles.get(name) ?? new Map<string, string>();
  return isRole(values) ? planRole(config, name, values, [name]) : planOwn(config, name, values, env);
}

/** @returns the profile whose credentials assume this one's role */
export function sourceOf(values: Values): string | undefined {
  return isRole(values) ? values.get('source_profile') : undefined;
}

function isRole(values: Values): boolean {
  return values.has('role_arn') && !values.has('web_identity_token_file');
}

/** @param visited the profiles on the way here, this one included */
function planRole(config: SharedConfig, name: string, values: Values, visited: readonly string[]): RolePlan {
  const [source, machine] = [values.get('source_profile'), values.get('credential_source')];
  if ((source === undefined) === (machine === undefined))
    throw broken(
      name,
      source
        ? 'has both source_profile and credential_source'
        : 'has a role_arn without a source_profile or credential_source',
    );
  const duration = values.get('duration_seconds') ?? '';
  return {
    kind: 'role',
    roleArn: values.get('role_arn') ?? '',
    sessionName: values.get('role_session_name'),
    externalId: values.get('external_id'),
    mfaSerial: values.get('mfa_serial'),
    duration: /^[+-]?\d+$/.test(duration) ? Number(duration) : undefined,
    source: source === undefined ? planMachine(name, machine) : planSource(config, name, source, visited),
  };
}

function planMachine(name: string, source: string | undefined): MachinePlan {
  const kind = SOURCES.find((known) => known === source);
  if (!kind)
    throw broken(
      name,
      `has the credential_source "${source ?? ''}", which is not one of ${SOURCES.join(', ')}`,
    );
  return { kind };
}

function planSource(
  config: SharedConfig,
  parent: string,
  name: string,
  visited: readonly string[],
): CredentialPlan {
  const values = config.profiles.get(name);
  if (!values) throw broken(parent, `has the source_profile "${name}", which does not exist`);
  const hasKeys = values.has('aws_access_key_id') || values.has('aws_secret_access_key');
  // A profile may assume its own role with its own keys.
  if (visited.includes(name) && !(name === parent && hasKeys))
    throw broken(parent, `leads back to the source_profile "${name}"`);
  if (isRole(values) && !hasKeys) return planRole(config, name, values, [...visited, name]);
  const plan = planOwn(config, name, values, {});
  if (!plan) throw broken(parent, `has the source_profile "${name}", which has no credentials`);
  return plan;
}

function planOwn(
  config: SharedConfig,
  name: string,
  values: Values,
  env: Environment,
): CredentialPlan | undefined {
  const command = values.get('credential_process');
  const session = values.get('login_session');
  return (
    planWebIdentity(name, values, env) ??
    planSso(config, name, values) ??
    planKeys(name, config.inCredentials.get(name)) ??
    (session === undefined
      ? undefined
      : { kind: 'login', profile: name, session, region: values.get('region') }) ??
    (command === undefined
      ? undefined
      : { kind: 'process', profile: name, command, accountId: values.get('aws_account_id') }) ??
    planKeys(name, config.inConfig.get(name))
  );
}

function planWebIdentity(name: string, values: Values, env: Environment): WebIdentityPlan | undefined {
  const tokenFile = env['AWS_WEB_IDENTITY_TOKEN_FILE'] ?? values.get('web_identity_token_file');
  if (!tokenFile) return undefined;
  const roleArn = env['AWS_ROLE_ARN'] ?? values.get('role_arn');
  if (!roleArn) throw broken(name, 'has a web_identity_token_file without a role_arn');
  const sessionName = env['AWS_ROLE_SESSION_NAME'] ?? values.get('role_session_name');
  return { kind: 'web-identity', tokenFile, roleArn, sessionName };
}

function planKeys(name: string, values: Values | undefined): KeysPlan | undefined {
  const accessKeyId = values?.get('aws_access_key_id');
  if (!values || accessKeyId === undefined) return undefined;
  const secretAccessKey = values.get('aws_secret_access_key');
  if (secretAccessKey === undefined)
    throw broken(name, 'has an aws_access_key_id without an aws_secret_access_key in the same file');
  if (accessKeyId === '' || secretAccessKey === '') throw broken(name, 'has empty keys');
  return {
    kind: 'keys',
    accessKeyId,
    secretAccessKey,
    sessionToken: (values.get('aws_security_token') ?? values.get('aws_session_token')) || undefined,
    accountId: values.get('aws_account_id') || undefined,
  };
}

function broken(name: string, what: string): Error {
  return configError(
    'InvalidConfig',
    `AWS profile "${visibleText(name)}" ${visibleText(what)}: correct it in your AWS config files, or select another profile.`,
  );
}

import { loadSharedConfigFiles } from '@smithy/core/config';

/** What the AWS config files say about one profile, by the rules of the SDK that will use it. */
export interface ConfiguredProfile {
  readonly name: string;
  readonly kind: 'sso' | 'login' | 'assume-role' | 'process' | 'keys' | 'other';
  /** the profile whose credentials assume the role */
  readonly source: string | undefined;
  readonly region: string | undefined;
  /** the `endpoint_url` that its CloudFormation calls go to */
  readonly endpoint: string | undefined;
}

type Values = Readonly<Record<string, string | undefined>>;

/** Sections of the config file that are no profiles; the SDK's loader names them `services.x`. */
const OTHER_SECTION = /^(sso-session|services)\./;

/**
 * Reads the profiles of the AWS config and credentials files (AWS SDKs and Tools Reference Guide, "Shared config and
 * credentials files") with the SDK's own loader; AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE are honoured.
 * @returns by name; none where there are no files, or where they cannot be read
 */
export async function readProfiles(): Promise<readonly ConfiguredProfile[]> {
  const { configFile, credentialsFile } = await loadSharedConfigFiles({ ignoreCache: true });
  const config = new Map(Object.entries(configFile));
  const credentials = new Map(Object.entries(credentialsFile));
  const names = new Set([
    ...[...config.keys()].filter((name) => !OTHER_SECTION.test(name)),
    ...credentials.keys(),
  ]);
  return [...names].sort().map((name) => {
    const values: Values = { ...config.get(name), ...credentials.get(name) };
    const services = config.get(`services.${values['services'] ?? ''}`);
    return {
      name,
      kind: kindOf(values),
      source: isRole(values) ? values['source_profile'] : undefined,
      region: values['region'],
      endpoint: services?.['cloudformation.endpoint_url'] ?? values['endpoint_url'],
    };
  });
}

/** The order in which the SDK tries them (credential-provider-ini, resolveProfileData). */
function kindOf(values: Values): ConfiguredProfile['kind'] {
  if (isRole(values)) return 'assume-role';
  if (values['aws_access_key_id'] !== undefined && values['aws_secret_access_key'] !== undefined)
    return 'keys';
  if (values['role_arn'] !== undefined && values['web_identity_token_file'] !== undefined) return 'other';
  if (values['credential_process'] !== undefined) return 'process';
  if (Object.keys(values).some((name) => SSO_VALUE.test(name))) return 'sso';
  return values['login_session'] ? 'login' : 'other';
}

const SSO_VALUE = /^sso_(start_url|account_id|session|region|role_name)$/;

function isRole(values: Values): boolean {
  return (
    values['role_arn'] !== undefined &&
    (values['source_profile'] === undefined) !== (values['credential_source'] === undefined)
  );
}

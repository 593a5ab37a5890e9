import { readFile } from 'node:fs/promises';
import { InvalidInputError } from '../../core/errors.ts';
import { visibleText } from '../../core/visible-text.ts';
import { nestedValues, type Values } from './config-text.ts';
import { profileOf, readSharedConfig } from './shared-config.ts';
import { environment } from './environment.ts';

/** How AWS is called, from the environment and one profile. The names are the SDK's, so that any client takes them. */
export interface ClientSettings {
  /** for settings that the SDK reads itself */
  readonly profile?: string;
  readonly useFipsEndpoint: boolean;
  readonly useDualstackEndpoint: boolean;
  readonly accountIdEndpointMode?: 'disabled' | 'preferred' | 'required';
  readonly retryMode?: 'standard' | 'adaptive';
  readonly maxAttempts?: number;
  /** always said: the SDK reads it from the profile that AWS_PROFILE names */
  readonly defaultsMode: (typeof DEFAULTS_MODES)[number];
  readonly requestChecksumCalculation?: 'WHEN_SUPPORTED' | 'WHEN_REQUIRED';
  readonly responseChecksumValidation?: 'WHEN_SUPPORTED' | 'WHEN_REQUIRED';
}

/** How a profile reaches AWS. */
export interface ProfileSettings {
  readonly region: string | undefined;
  readonly client: ClientSettings;
  /** certificates that are trusted instead of the usual ones, as PEM */
  readonly trusted: string | undefined;
  /**
   * @param serviceId as the config files know it, such as `Secrets Manager`
   * @returns a URL, or undefined for AWS's own endpoint
   */
  readonly endpoint: (serviceId: string) => string | undefined;
}

/** For a connection that has its own credentials: no profile of this machine is used. */
export const NO_PROFILE: ProfileSettings = {
  region: undefined,
  client: { useFipsEndpoint: false, useDualstackEndpoint: false, defaultsMode: 'legacy' },
  trusted: undefined,
  endpoint: () => undefined,
};

/**
 * Reads the settings from the environment, and those that it lacks from the profile, never from another one (AWS SDKs
 * and Tools Reference Guide, "Settings reference").
 * @param chosen the profile of our settings; undefined: the AWS CLI's choice
 * @throws AwsError `no-credentials` for a profile that is not there, InvalidInputError for a value that cannot be used
 */
export async function profileSettings(chosen: string | undefined): Promise<ProfileSettings> {
  const config = await readSharedConfig();
  const { name, values } = profileOf(config, chosen);
  const read = (variable: string, setting: string): string | undefined =>
    environment()[variable] || values.get(setting) || undefined;
  const bundle = read('AWS_CA_BUNDLE', 'ca_bundle');
  return {
    region: environment()['AWS_REGION'] || read('AWS_DEFAULT_REGION', 'region'),
    client: { profile: name, ...clientSettings(read) },
    trusted: bundle === undefined ? undefined : await readBundle(bundle),
    endpoint: (serviceId) => endpointOf(serviceId, values, config.services, read),
  };
}

type Read = (variable: string, setting: string) => string | undefined;

function clientSettings(read: Read): ClientSettings {
  const isTrue = (variable: string, setting: string): boolean =>
    read(variable, setting)?.toLowerCase() === 'true';
  const [mode, attempts] = [
    one(read, 'AWS_RETRY_MODE', 'retry_mode', RETRY_MODES),
    read('AWS_MAX_ATTEMPTS', 'max_attempts'),
  ];
  if (attempts !== undefined && !/^[1-9]\d{0,3}$/.test(attempts))
    throw unusable('max_attempts', attempts, 'a whole number from 1');
  const accountId = one(read, 'AWS_ACCOUNT_ID_ENDPOINT_MODE', 'account_id_endpoint_mode', ACCOUNT_ID_MODES);
  const request = one(read, 'AWS_REQUEST_CHECKSUM_CALCULATION', 'request_checksum_calculation', CHECKSUMS);
  const response = one(read, 'AWS_RESPONSE_CHECKSUM_VALIDATION', 'response_checksum_validation', CHECKSUMS);
  return {
    defaultsMode: one(read, 'AWS_DEFAULTS_MODE', 'defaults_mode', DEFAULTS_MODES) ?? 'legacy',
    useFipsEndpoint: isTrue('AWS_USE_FIPS_ENDPOINT', 'use_fips_endpoint'),
    useDualstackEndpoint: isTrue('AWS_USE_DUALSTACK_ENDPOINT', 'use_dualstack_endpoint'),
    ...(accountId && { accountIdEndpointMode: accountId }),
    // The SDK for JavaScript does not have the old name.
    ...(mode && { retryMode: mode === 'legacy' ? 'standard' : mode }),
    ...(attempts && { maxAttempts: Number(attempts) }),
    ...(request && { requestChecksumCalculation: upper(request) }),
    ...(response && { responseChecksumValidation: upper(response) }),
  };
}

const RETRY_MODES = ['legacy', 'standard', 'adaptive'] as const;
const DEFAULTS_MODES = ['legacy', 'standard', 'in-region', 'cross-region', 'mobile', 'auto'] as const;
const ACCOUNT_ID_MODES = ['disabled', 'preferred', 'required'] as const;
const CHECKSUMS = ['when_supported', 'when_required'] as const;

function one<Value extends string>(
  read: Read,
  variable: string,
  setting: string,
  known: readonly Value[],
): Value | undefined {
  const text = read(variable, setting);
  if (text === undefined) return undefined;
  const value = known.find((candidate) => candidate === text.toLowerCase());
  if (value === undefined) throw unusable(setting, text, known.join(', '));
  return value;
}

function upper(value: (typeof CHECKSUMS)[number]): 'WHEN_SUPPORTED' | 'WHEN_REQUIRED' {
  return value === 'when_supported' ? 'WHEN_SUPPORTED' : 'WHEN_REQUIRED';
}

/** In the order of the reference guide ("Service-specific endpoints"). */
function endpointOf(
  serviceId: string,
  values: Values,
  services: ReadonlyMap<string, Values>,
  read: Read,
): string | undefined {
  const ignored = read('AWS_IGNORE_CONFIGURED_ENDPOINT_URLS', 'ignore_configured_endpoint_urls');
  if (ignored?.toLowerCase() === 'true') return undefined;
  const name = serviceId.replaceAll(' ', '_');
  const set = environment()[`AWS_ENDPOINT_URL_${name.toUpperCase()}`] || environment()['AWS_ENDPOINT_URL'];
  if (set) return checkedUrl(set);
  const section = values.get('services');
  const own = section === undefined ? undefined : services.get(section);
  if (section !== undefined && !own)
    throw unusable('services', section, 'the name of a [services …] section of the config file');
  const written =
    nestedValues(own?.get(name.toLowerCase())).get('endpoint_url') || values.get('endpoint_url');
  return written ? checkedUrl(written) : undefined;
}

function checkedUrl(text: string): string {
  // "localhost:4566" is a URL whose scheme is "localhost".
  const protocol = URL.canParse(text) ? new URL(text).protocol : '';
  if (!/^https?:$/.test(protocol))
    throw unusable('endpoint_url', text, 'an address such as https://sqs.example.com');
  return text;
}

async function readBundle(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new InvalidInputError(
      'ca_bundle',
      `The certificates in ${visibleText(path)} (ca_bundle or AWS_CA_BUNDLE) cannot be read: correct that path.`,
      { cause: error },
    );
  }
}

function unusable(setting: string, value: string, rule: string): InvalidInputError {
  return new InvalidInputError(
    setting,
    `The AWS setting ${setting} cannot be "${visibleText(value)}": in the environment or the AWS profile, make it ${rule}.`,
  );
}

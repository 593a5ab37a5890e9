import { readFile, stat } from 'node:fs/promises';
import { externalDataInterceptor } from '@smithy/core/config';
import { AwsError } from '../../core/errors.ts';
import { visibleText } from '../../core/visible-text.ts';
import { configFiles, environmentProfile } from './config-files.ts';
import { ConfigTextError, parseConfigText, type Values } from './config-text.ts';
import { shellWords } from './shell-words.ts';

/** The content of both files, combined as the AWS CLI does. */
export interface SharedConfig {
  /** by name; the credentials file takes precedence over the config file */
  readonly profiles: ReadonlyMap<string, Values>;
  /** the content of each file alone, because one pair of keys is never combined from both */
  readonly inConfig: ReadonlyMap<string, Values>;
  readonly inCredentials: ReadonlyMap<string, Values>;
  readonly sessions: ReadonlyMap<string, Values>;
  readonly services: ReadonlyMap<string, Values>;
  /** headers of the config file that look like a profile's but are not, such as `profile two words` */
  readonly strays: readonly string[];
  /** files that are there and cannot be opened, with Node's code: the AWS CLI passes over them without a word */
  readonly unreadable: readonly string[];
}

/** A setting that only profiles have. */
const PROFILE_SETTING =
  /^(aws_access_key_id|region|role_arn|source_profile|credential_process|sso_\w+|login_session)$/;

/**
 * Reads the config and credentials files (AWS SDKs and Tools Reference Guide, "Shared config and credentials files");
 * AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE are followed, and a missing file counts as an empty one.
 * @throws AwsError `no-credentials` for a file that the AWS CLI would not read either, with the line and why
 */
export async function readSharedConfig(): Promise<SharedConfig> {
  const { config, credentials } = configFiles();
  const unreadable: string[] = [];
  const [headers, inCredentials] = await Promise.all([
    readSections(config, unreadable),
    readSections(credentials, unreadable),
  ]);
  const inConfig = sectionsOf('profile', headers);
  const profiles = new Map(inConfig);
  for (const [name, values] of inCredentials)
    profiles.set(name, new Map([...(inConfig.get(name) ?? []), ...values]));
  return {
    profiles,
    inConfig,
    inCredentials,
    sessions: sectionsOf('sso-session', headers),
    services: sectionsOf('services', headers),
    unreadable,
    strays: [...headers].filter(isStray).map(([header]) => header),
  };
}

/**
 * @param chosen the profile of our settings; undefined: the AWS CLI's choice
 * @returns the profile that applies; it has no values where no profile is named and there is no `default`
 * @throws AwsError `no-credentials` for a named profile that does not exist
 */
export function profileOf(
  { profiles, unreadable }: SharedConfig,
  chosen: string | undefined,
): { readonly name: string; readonly values: Values } {
  const named = chosen ?? environmentProfile();
  const name = named ?? 'default';
  const values = profiles.get(name);
  if (!values && named !== undefined) {
    if (unreadable.length > 0) throw notReadable(name, unreadable);
    const whence = chosen === undefined ? ' (AWS_PROFILE)' : '';
    throw configError(
      'ProfileNotFound',
      `There is no AWS profile "${visibleText(name)}"${whence} in your AWS config files: check its name, or select another profile.`,
    );
  }
  return { name, values: values ?? new Map() };
}

/** @returns the error for something that a profile lacks while a file, which may have it, cannot be opened */
export function notReadable(name: string, unreadable: readonly string[]): AwsError {
  return configError(
    'ConfigNotReadable',
    `What AWS profile "${visibleText(name)}" needs is in no AWS config file that can be read, and ${visibleText(unreadable.join(', '))} cannot: correct the permissions of that file.`,
  );
}

/**
 * @returns the error for credentials that cannot work, found before AWS is asked; `name` is its code, as in the AWS
 * CLI's errors
 */
export function configError(name: string, sentence: string, cause?: unknown): AwsError {
  return new AwsError('no-credentials', sentence, { operation: 'credentials', awsCode: name, cause });
}

async function readSections(path: string, unreadable: string[]): Promise<ReadonlyMap<string, Values>> {
  let bytes: Uint8Array;
  try {
    if (!(await stat(path)).isFile()) {
      // A pipe or a device would be waited for without end, by the SDK as well, which reads the file for itself.
      externalDataInterceptor.interceptFile(path, '');
      return new Map();
    }
    bytes = await readFile(path);
  } catch (error) {
    // A file that cannot be opened counts as missing, as in the AWS CLI.
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ENOTDIR') unreadable.push(`${path} (${String(code)})`);
    return new Map();
  }
  try {
    return parseConfigText(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (error) {
    const why =
      error instanceof ConfigTextError ? `line ${String(error.line)}: ${error.message}` : 'it is not UTF-8';
    throw configError(
      'ConfigParseError',
      `Neither Media Batch nor the AWS CLI can read ${visibleText(path)} (${visibleText(why)}): correct that file.`,
      error,
    );
  }
}

/** `[default]` is a profile without the word "profile". Of two headers with the same name, the last one applies. */
function sectionsOf(kind: string, headers: ReadonlyMap<string, Values>): Map<string, Values> {
  return new Map(
    [...headers].flatMap(([header, values]): [string, Values][] => {
      if (kind === 'profile' && header === 'default') return [[header, values]];
      const words = header.startsWith(kind) ? shellWords(header) : undefined;
      const [, name] = words ?? [];
      return words?.length === 2 && name !== undefined ? [[name, values]] : [];
    }),
  );
}

function isStray([header, values]: [string, Values]): boolean {
  if (header === 'default' || /^(sso-session|services)/.test(header)) return false;
  if (header.startsWith('profile')) return shellWords(header)?.length !== 2;
  return [...values.keys()].some((name) => PROFILE_SETTING.test(name));
}

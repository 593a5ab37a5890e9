import { devNull } from 'node:os';
import { dirname, join } from 'node:path';
import { getHomeDir, getSSOTokenFilepath } from '@smithy/core/config';
import type { AwsFiles } from '../../core/stack/aws-target.ts';
import { environment } from './environment.ts';

/**
 * Paths by the rules of the AWS SDKs and Tools Reference Guide ("Location of the shared config and credentials files",
 * "Login credentials provider").
 */
export function configFiles(): AwsFiles {
  const home = join(getHomeDir(), '.aws');
  return {
    config: pathOf('AWS_CONFIG_FILE', join(home, 'config')),
    credentials: pathOf('AWS_SHARED_CREDENTIALS_FILE', join(home, 'credentials')),
    tokens: [
      dirname(getSSOTokenFilepath('')),
      pathOf('AWS_LOGIN_CACHE_DIRECTORY', join(home, 'login', 'cache')),
    ],
    defaultProfile: environmentProfile() ?? 'default',
    environmentKeys: hasEnvironmentKeys(),
  };
}

/** @returns whether the environment has keys */
export function hasEnvironmentKeys(): boolean {
  return Boolean(environment()['AWS_ACCESS_KEY_ID']);
}

/**
 * @returns the profile that the environment names, in the AWS CLI's order. An empty name counts as one, though no
 * profile has it
 */
export function environmentProfile(): string | undefined {
  return environment()['AWS_DEFAULT_PROFILE'] ?? environment()['AWS_PROFILE'];
}

/** An empty variable names no file. */
function pathOf(variable: string, usual: string): string {
  return expanded(environment()[variable] ?? usual) || devNull;
}

/** Expands a path as the AWS CLI does: a leading `~`, and variables. Unknown variables stay. */
function expanded(path: string): string {
  return path
    .replace(/\$(?:(\w+)|\{([^}]*)\})/g, (whole, plain?: string, braced?: string) => {
      return environment()[plain ?? braced ?? ''] ?? whole;
    })
    .replace(/^~(?=[\\/]|$)/, getHomeDir());
}

import { dirname, join } from 'node:path';
import { getHomeDir, getProfileName, getSSOTokenFilepath, loadConfig } from '@smithy/core/config';

/** Where the AWS CLI and the SDK keep what they share; nothing of it has to exist. */
export interface ConfigFiles {
  readonly config: string;
  readonly credentials: string;
  /** folders with a JSON file for each login of `aws sso login` and `aws login` */
  readonly tokens: readonly string[];
  /** the profile that the AWS CLI would choose */
  readonly defaultProfile: string;
}

/**
 * Paths by the rules of the AWS SDKs and Tools Reference Guide ("Location of the shared config and credentials files",
 * "Login credentials provider"), as the SDK reads the environment.
 */
export async function configFiles(): Promise<ConfigFiles> {
  const home = join(getHomeDir(), '.aws');
  const [config, credentials, logins] = await Promise.all([
    fromEnvironment('AWS_CONFIG_FILE'),
    fromEnvironment('AWS_SHARED_CREDENTIALS_FILE'),
    fromEnvironment('AWS_LOGIN_CACHE_DIRECTORY'),
  ]);
  return {
    config: config ?? join(home, 'config'),
    credentials: credentials ?? join(home, 'credentials'),
    tokens: [dirname(getSSOTokenFilepath('')), logins ?? join(home, 'login', 'cache')],
    defaultProfile: getProfileName({}),
  };
}

async function fromEnvironment(name: string): Promise<string | undefined> {
  const path = await loadConfig<string | undefined>({
    environmentVariableSelector: (env) => env[name],
    configFileSelector: () => undefined,
    default: undefined,
  })();
  return path?.replace(/^~(?=\/)/, getHomeDir()) || undefined;
}

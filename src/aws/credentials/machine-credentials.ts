import { fromHttp, fromInstanceMetadata } from '@aws-sdk/credential-providers';
import { messageOf } from '../../core/errors.ts';
import { visibleText } from '../../core/visible-text.ts';
import type { MachinePlan } from './credential-plan.ts';
import { readExpiration } from './expiration.ts';
import type { SdkCredentials } from './sdk-credentials.ts';
import { configError } from '../config/shared-config.ts';
import { environment } from '../config/environment.ts';

const CONTAINER = ['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI', 'AWS_CONTAINER_CREDENTIALS_FULL_URI'];

/** @returns which of this machine's own credentials the AWS CLI would use, where no profile has any */
export function machinePlan(): MachinePlan {
  return { kind: isContainer() ? 'EcsContainer' : 'Ec2InstanceMetadata' };
}

/**
 * Gets the machine's own credentials.
 * @throws AwsError `no-credentials` where the machine has no credentials of that kind
 */
export async function machineCredentials(kind: MachinePlan['kind']): Promise<SdkCredentials> {
  switch (kind) {
    case 'Environment':
      return environmentKeys();
    case 'EcsContainer':
      if (!isContainer())
        throw none('this is not a container with a role', 'AWS_CONTAINER_CREDENTIALS_FULL_URI is not set');
      return asked('the container', fromHttp({ maxRetries: 1 }));
    case 'Ec2InstanceMetadata':
      if (environment()['AWS_EC2_METADATA_DISABLED']?.toLowerCase() === 'true')
        throw none('the instance metadata may not be asked', 'AWS_EC2_METADATA_DISABLED is true');
      return asked('the instance metadata', fromInstanceMetadata({ maxRetries: 1 }));
  }
}

function isContainer(): boolean {
  return CONTAINER.some((name) => environment()[name] !== undefined);
}

function environmentKeys(): SdkCredentials {
  const read = (name: string): string | undefined => environment()[name] || undefined;
  const [accessKeyId, secretAccessKey] = [read('AWS_ACCESS_KEY_ID'), read('AWS_SECRET_ACCESS_KEY')];
  if (!accessKeyId) throw none('the environment has no keys', 'AWS_ACCESS_KEY_ID is not set');
  if (!secretAccessKey)
    throw none('the environment has half of the keys', 'AWS_SECRET_ACCESS_KEY is not set');
  const sessionToken = read('AWS_SECURITY_TOKEN') ?? read('AWS_SESSION_TOKEN');
  const [accountId, end] = [read('AWS_ACCOUNT_ID'), read('AWS_CREDENTIAL_EXPIRATION')];
  const expiration = readExpiration(end);
  if (end && !(expiration && expiration.getTime() > Date.now()))
    throw none('the keys of the environment have expired', `AWS_CREDENTIAL_EXPIRATION is ${end}`);
  return {
    accessKeyId,
    secretAccessKey,
    ...(sessionToken && { sessionToken }),
    ...(accountId && { accountId }),
    ...(expiration && { expiration }),
  };
}

async function asked(who: string, provider: () => Promise<SdkCredentials>): Promise<SdkCredentials> {
  try {
    return await provider();
  } catch (error) {
    throw none(`${who} gives no credentials`, messageOf(error), error);
  }
}

function none(what: string, why: string, cause?: unknown): Error {
  return configError(
    'NoCredentials',
    `No AWS credentials: ${what} (${visibleText(why)}). Run "Select AWS Profile…", or make a profile with "aws configure".`,
    cause,
  );
}

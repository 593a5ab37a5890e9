/** What the stack's API key secret holds until the user stores one. */
export const API_KEY_PLACEHOLDER = 'not-set';

/**
 * The name of an SSM parameter. `PutParameter` takes no ARN, and a name with levels starts with a slash, which its ARN
 * leaves out (SSM API, "PutParameter"); for a name without levels we assume that it has no slash.
 * @param arn any ARN
 * @returns undefined for an ARN of another service
 */
export function ssmParameterName(arn: string): string | undefined {
  const name = /^arn:[^:]+:ssm:[^:]*:[^:]*:parameter\/(.+)$/.exec(arn)?.[1];
  return name?.includes('/') ? `/${name}` : name;
}

/** Where the value behind an ARN is stored. */
export interface SecretPlace {
  readonly store: 'secrets-manager' | 'parameter-store';
  readonly region: string;
}

/** @returns undefined for an ARN of anything else */
export function secretPlaceOf(arn: string): SecretPlace | undefined {
  const [, service, region] = /^arn:[^:]+:(secretsmanager|ssm):([^:]+):/.exec(arn) ?? [];
  if (service === undefined || region === undefined) return undefined;
  return { store: service === 'ssm' ? 'parameter-store' : 'secrets-manager', region };
}

/**
 * The name of an SSM parameter. `PutParameter` takes no ARN, and a name with levels starts with a slash, which its ARN
 * leaves out (SSM API, "PutParameter"); a flat name is taken to have none.
 * @param arn any ARN
 * @returns undefined when the ARN is not of SSM
 */
export function ssmParameterName(arn: string): string | undefined {
  const name = /^arn:[^:]+:ssm:[^:]*:[^:]*:parameter\/(.+)$/.exec(arn)?.[1];
  return name?.includes('/') ? `/${name}` : name;
}

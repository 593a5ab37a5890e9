import { loadConfig } from '@smithy/core/config';

/**
 * The endpoint that the environment or a profile sets for a service, in the order of the AWS SDKs' reference guide
 * ("Service-specific endpoints"): service variable, AWS_ENDPOINT_URL, the profile's `services` section, its `endpoint_url`.
 * @param serviceId such as `Secrets Manager`
 * @returns a URL, or undefined for AWS's own endpoint
 */
export async function configuredEndpoint(
  serviceId: string,
  profile: string | undefined,
): Promise<string | undefined> {
  const name = serviceId.replaceAll(' ', '_');
  const read = loadConfig<string | undefined>(
    {
      environmentVariableSelector: (env) =>
        env[`AWS_ENDPOINT_URL_${name.toUpperCase()}`] ?? env['AWS_ENDPOINT_URL'],
      configFileSelector: (values, file) =>
        file?.[`services.${values['services'] ?? ''}`]?.[`${name.toLowerCase()}.endpoint_url`] ??
        values['endpoint_url'],
      default: undefined,
    },
    { ignoreCache: true, ...(profile && { profile }) },
  );
  return (await read()) || undefined;
}

import type { SQSClientConfig } from '@aws-sdk/client-sqs';
import type { ClientSettings, ProfileSettings } from './client-settings.ts';

/**
 * Limits of every client, including those of the credential providers. A dead host must not block a view; our longest
 * call is a 20 s receive.
 */
const LIMITS = {
  /** ms */
  connectionTimeout: 5_000,
  /** ms */
  requestTimeout: 60_000,
  throwOnRequestTimeout: true,
};

/** As many connections to a service as an enqueue makes calls at once; the SDK's own limit is 50. */
const AGENT = { maxSockets: 80 };

type Logger = NonNullable<SQSClientConfig['logger']>;
const silent = (): void => undefined;
/** Without `info`: for one that is there, however silent, the SDK copies each input and output (middleware-logger). */
const LOGGER: Omit<Logger, 'info'> = { debug: silent, warn: silent, error: silent };

/** The settings that the clients of all services share. */
export interface ClientBase extends ClientSettings {
  readonly logger: Logger;
  readonly retryMode: 'standard' | 'adaptive';
  readonly maxAttempts: number;
  readonly requestHandler: typeof LIMITS & {
    readonly httpAgent: typeof AGENT;
    readonly httpsAgent: typeof AGENT & { readonly ca?: string };
  };
  readonly ignoreConfiguredEndpointUrls: true;
  readonly endpoint?: string;
}

/**
 * @param settings the profile's settings; where they do not set retries, ours apply
 * @param endpoint of this service
 */
export function clientBase({ client, trusted }: ProfileSettings, endpoint: string | undefined): ClientBase {
  return {
    logger: LOGGER as Logger,
    retryMode: 'adaptive',
    maxAttempts: 5,
    ...client,
    requestHandler: {
      ...LIMITS,
      httpAgent: AGENT,
      httpsAgent: { ...AGENT, ...(trusted !== undefined && { ca: trusted }) },
    },
    // The endpoint is read already: the SDK's reader does not know every name that the AWS CLI knows.
    ignoreConfiguredEndpointUrls: true,
    ...(endpoint && { endpoint }),
  };
}

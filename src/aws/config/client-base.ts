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

/**
 * Connections to a service: each does about 1/latency calls a second (SQS Developer Guide, "Horizontal scaling"), so that 64
 * send 6,400 files a second at 100 ms. The SDK's own limit is 50.
 */
export const CONNECTIONS = 64;

type Logger = NonNullable<SQSClientConfig['logger']>;
const silent = (): void => undefined;
/** Without `info`: for one that is there, however silent, the SDK copies each input and output (middleware-logger). */
const LOGGER: Omit<Logger, 'info'> = { debug: silent, warn: silent, error: silent };

interface Agent {
  readonly maxSockets: number;
}

/** The settings that the clients of all services share. */
export interface ClientBase extends ClientSettings {
  readonly logger: Logger;
  readonly retryMode: 'standard' | 'adaptive';
  readonly maxAttempts: number;
  readonly requestHandler: typeof LIMITS & {
    readonly httpAgent: Agent;
    readonly httpsAgent: Agent & { readonly ca?: string };
  };
  readonly ignoreConfiguredEndpointUrls: true;
  readonly endpoint?: string;
}

/**
 * @param settings the profile's settings; where they do not set retries, ours apply
 * @param endpoint of this service
 * @param maxSockets connections at once
 */
export function clientBase(
  { client, trusted }: ProfileSettings,
  endpoint: string | undefined,
  maxSockets = CONNECTIONS,
): ClientBase {
  return {
    logger: LOGGER as Logger,
    retryMode: 'adaptive',
    maxAttempts: 5,
    ...client,
    requestHandler: {
      ...LIMITS,
      httpAgent: { maxSockets },
      httpsAgent: { maxSockets, ...(trusted !== undefined && { ca: trusted }) },
    },
    // The endpoint is read already: the SDK's reader does not know every name that the AWS CLI knows.
    ignoreConfiguredEndpointUrls: true,
    ...(endpoint && { endpoint }),
  };
}

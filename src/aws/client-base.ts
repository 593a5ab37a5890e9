import type { ClientSettings, ProfileSettings } from './client-settings.ts';

/**
 * Limits of every client, those of the credential providers included: dead hosts must not hang a view, and the longest
 * call of ours is a 20 s receive.
 */
const LIMITS = {
  /** ms */
  connectionTimeout: 5_000,
  /** ms */
  requestTimeout: 60_000,
  throwOnRequestTimeout: true,
};

/** What all clients share, whatever their service. */
export interface ClientBase extends ClientSettings {
  readonly retryMode: 'standard' | 'adaptive';
  readonly maxAttempts: number;
  readonly requestHandler: typeof LIMITS & { readonly httpsAgent?: { readonly ca: string } };
  readonly ignoreConfiguredEndpointUrls: true;
  readonly endpoint?: string;
}

/**
 * @param settings what the profile says; where it says nothing of retries, ours go
 * @param endpoint of this service
 */
export function clientBase({ client, trusted }: ProfileSettings, endpoint: string | undefined): ClientBase {
  return {
    retryMode: 'adaptive',
    maxAttempts: 5,
    ...client,
    requestHandler: { ...LIMITS, ...(trusted !== undefined && { httpsAgent: { ca: trusted } }) },
    // The SDK's reader does not know each name that the AWS CLI knows: the endpoint has been read.
    ignoreConfiguredEndpointUrls: true,
    ...(endpoint && { endpoint }),
  };
}

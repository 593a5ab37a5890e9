import type { AwsClients, ServiceCaller } from '../../src/aws/connection.ts';
import { call } from '../../src/aws/errors/aws-errors.ts';

/** One request of a gateway, as it was handed to the SDK. */
export interface SdkRequest {
  readonly operation: string;
  readonly region: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/**
 * Clients without a network, for one gateway.
 * @param answer the SDK's answer to a request; what it throws counts as the SDK's own error
 * @returns the clients, and each request in order
 */
export function scriptedClients(answer: (request: SdkRequest) => unknown): {
  clients: AwsClients;
  requests: SdkRequest[];
} {
  const requests: SdkRequest[] = [];
  const connection = { region: 'eu-west-1' };
  const service = (name: string): ServiceCaller<never> => ({
    call: (operation, work, { region = connection.region, ...options } = {}) => {
      const send = async ({ input }: { input: SdkRequest['input'] }): Promise<unknown> => {
        const request = { operation, region, input };
        requests.push(request);
        return answer(request);
      };
      return call({ service: name, operation, region }, () => work({ send } as never), options);
    },
  });
  return { clients: { connection, service } as unknown as AwsClients, requests };
}

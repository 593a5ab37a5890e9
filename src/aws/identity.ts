import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { Identity } from '../core/stack/identity.ts';
import { abortable, type AwsClients, type ServiceCaller } from './connection.ts';

/** Tells whose credentials a connection has, with the one call that needs no permission. */
export class StsIdentity implements Identity {
  readonly #sts: ServiceCaller<STSClient>;

  constructor(clients: AwsClients) {
    this.#sts = clients.service('sts', (config) => new STSClient(config));
  }

  async caller(signal?: AbortSignal): Promise<{ account: string; arn: string }> {
    const { Account, Arn } = await this.#sts.call('GetCallerIdentity', (sts) =>
      sts.send(new GetCallerIdentityCommand({}), abortable(signal)),
    );
    return { account: Account ?? '', arn: Arn ?? '' };
  }
}

import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { Identity } from '../core/stack/identity.ts';
import { abortable, type AwsClients, type ServiceCaller } from './connection.ts';

/** Who the connection is; the one call that needs no permission. */
export class StsIdentity implements Identity {
  readonly #sts: ServiceCaller<STSClient>;

  /** @param clients the connection's shared clients */
  constructor(clients: AwsClients) {
    this.#sts = clients.service('sts', (config) => new STSClient(config));
  }

  /** See Identity. */
  async caller(signal?: AbortSignal): Promise<{ account: string; arn: string }> {
    const { Account, Arn } = await this.#sts.call('GetCallerIdentity', (sts) =>
      sts.send(new GetCallerIdentityCommand({}), abortable(signal)),
    );
    return { account: Account ?? '', arn: Arn ?? '' };
  }
}

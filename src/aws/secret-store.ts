import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { InvalidInputError } from '../core/errors.ts';
import type { SecretStore } from '../core/stack/secret-store.ts';
import { ssmParameterName } from '../core/stack/secret-arn.ts';
import { abortable, type AwsClients, type ServiceCaller } from './connection.ts';

/** Stores the API key where the stack reads it. The value is sent to no other place. */
export class AwsSecretStore implements SecretStore {
  readonly #secrets: ServiceCaller<SecretsManagerClient>;
  readonly #ssm: ServiceCaller<SSMClient>;

  constructor(clients: AwsClients) {
    this.#secrets = clients.service('secretsmanager', (config) => new SecretsManagerClient(config));
    this.#ssm = clients.service('ssm', (config) => new SSMClient(config));
  }

  /**
   * Calls the service in the ARN's own region.
   * @throws InvalidInputError for an ARN of another service
   */
  async put(arn: string, value: string, signal?: AbortSignal): Promise<void> {
    const [, , service, region] = arn.split(':');
    const parameter = ssmParameterName(arn);
    const where = { subject: arn, secret: value, ...(region && { region }) };
    if (service === 'secretsmanager') {
      const command = new PutSecretValueCommand({ SecretId: arn, SecretString: value });
      await this.#secrets.call(
        'PutSecretValue',
        (secrets) => secrets.send(command, abortable(signal)),
        where,
      );
    } else if (parameter !== undefined) {
      const command = new PutParameterCommand({
        Name: parameter,
        Value: value,
        Type: 'SecureString',
        Overwrite: true,
      });
      await this.#ssm.call('PutParameter', (ssm) => ssm.send(command, abortable(signal)), where);
    } else {
      throw new InvalidInputError(
        'ApiKeyArn',
        'The API key needs the ARN of a Secrets Manager secret or of an SSM parameter.',
      );
    }
  }
}

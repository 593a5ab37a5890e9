import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { InvalidInputError } from '../core/errors.ts';
import type { SecretStore, StoredSecret } from '../core/stack/secret-store.ts';
import { ssmParameterName } from '../core/stack/secret-arn.ts';
import { abortable, type AwsClients, type ServiceCaller } from './connection.ts';

/**
 * A version of a secret that is to become the current one. One label for all of them, so that AWS removes the versions
 * that did not (Secrets Manager User Guide, "Secret versions").
 */
const NEXT = 'MediaBatchNext';

/** Reads and stores secrets where the stack reads them. Values are sent to no other place. */
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
    const parameter = ssmParameterName(arn);
    const where = { ...whereOf(arn), secret: value };
    if (arn.split(':')[2] === 'secretsmanager') {
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

  /** Calls Secrets Manager in the ARN's own region. */
  async read(arn: string, signal?: AbortSignal): Promise<StoredSecret> {
    const command = new GetSecretValueCommand({ SecretId: arn });
    const { SecretString: value = '', VersionId: version = '' } = await this.#secrets.call(
      'GetSecretValue',
      (secrets) => secrets.send(command, abortable(signal)),
      whereOf(arn),
    );
    return { value, version };
  }

  /** The value before the current one keeps a label (Secrets Manager User Guide, "Secret versions"). */
  async isReplaced(arn: string, signal?: AbortSignal): Promise<boolean> {
    const command = new DescribeSecretCommand({ SecretId: arn });
    const { VersionIdsToStages: stages = {} } = await this.#secrets.call(
      'DescribeSecret',
      (secrets) => secrets.send(command, abortable(signal)),
      whereOf(arn),
    );
    return Object.values(stages).flat().includes('AWSPREVIOUS');
  }

  /**
   * PutSecretValue has no condition, but the move of the label AWSCURRENT has one: the version that it is taken from. So
   * the value is stored under a label of ours first.
   */
  async replace(arn: string, version: string, value: string, signal?: AbortSignal): Promise<boolean> {
    const where = { ...whereOf(arn), secret: value };
    const put = new PutSecretValueCommand({ SecretId: arn, SecretString: value, VersionStages: [NEXT] });
    const stored = await this.#secrets.call(
      'PutSecretValue',
      (secrets) => secrets.send(put, abortable(signal)),
      where,
    );
    const move = new UpdateSecretVersionStageCommand({
      SecretId: arn,
      VersionStage: 'AWSCURRENT',
      MoveToVersionId: stored.VersionId,
      RemoveFromVersionId: version,
    });
    return this.#secrets.call(
      'UpdateSecretVersionStage',
      async (secrets) => {
        await secrets.send(move, abortable(signal));
        return true;
      },
      // AWS's answer where the label is on another version (Secrets Manager API, UpdateSecretVersionStage).
      { ...where, recover: ({ name }) => (name === 'InvalidParameterException' ? false : undefined) },
    );
  }
}

function whereOf(arn: string): { subject: string; region?: string } {
  const region = arn.split(':')[3];
  return { subject: arn, ...(region && { region }) };
}

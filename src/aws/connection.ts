import type { SQSClientConfig } from '@aws-sdk/client-sqs';
import { call, type CallOptions } from './aws-errors.ts';
import { configuredEndpoint } from './configured-endpoint.ts';
import { profileCredentials } from './profile-credentials.ts';
import { REQUEST_HANDLER } from './request-handler.ts';

/** Where and as whom AWS is called. */
export interface Connection {
  readonly region: string;
  /** a profile of ~/.aws; undefined = AWS_PROFILE, the environment, or `default`, as the AWS CLI chooses */
  readonly profile?: string | undefined;
  /** such as `http://localhost:4566`; goes before the profile's `endpoint_url` */
  readonly endpoint?: string | undefined;
  /** asks for the code of a multi-factor device, given its ARN; what it raises is raised by the call that needed it */
  readonly mfaCode?: ((serial: string) => Promise<string>) | undefined;
  /** only for tests and the local cloud; otherwise the profile's own chain, SSO and assumed roles included */
  readonly credentials?: Credentials | undefined;
}

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** The services that the editor calls, by their IAM prefix, with the ids that shared config files know them by. */
const SERVICE_IDS = {
  cloudformation: 'CloudFormation',
  dynamodb: 'DynamoDB',
  lambda: 'Lambda',
  s3: 'S3',
  secretsmanager: 'Secrets Manager',
  sqs: 'SQS',
  ssm: 'SSM',
  sts: 'STS',
} as const;
export type Service = keyof typeof SERVICE_IDS;

/** What every client is made with; the part of the SDK's config type that all clients share. */
export type ClientConfig = Pick<
  SQSClientConfig,
  'region' | 'credentials' | 'retryMode' | 'maxAttempts' | 'requestHandler' | 'ignoreConfiguredEndpointUrls'
> & { endpoint?: string };

interface SdkClient {
  destroy(): void;
}

/** One service of a connection: its client is made by the first call, once per region. */
export interface ServiceCaller<Client> {
  /**
   * @param operation as the SDK names it, such as `SendMessageBatch`
   * @param work sends the command; what it raises becomes an AwsError
   */
  call<T>(
    operation: string,
    work: (client: Client) => Promise<T>,
    options?: CallOptions<T> & { readonly region?: string },
  ): Promise<T>;
}

/** The shared clients of one connection. Making it costs nothing; destroy it when the connection changes. */
export class AwsClients {
  readonly connection: Connection;
  readonly #credentials: NonNullable<ClientConfig['credentials']>;
  readonly #clients = new Map<string, SdkClient>();

  constructor(connection: Connection) {
    this.connection = connection;
    this.#credentials = connection.credentials ?? profileCredentials(connection);
  }

  /**
   * @param make the client from its config; called at most once per region, however many gateways share the service
   * @returns a way to call that service, which raises AwsError only
   */
  service<Client extends SdkClient>(
    service: Service,
    make: (config: ClientConfig) => Client,
  ): ServiceCaller<Client> {
    return {
      call: (operation, work, { region = this.connection.region, ...options } = {}) =>
        call(
          { service, operation, ...this.connection, region },
          async () => work(await this.#client(service, region, make)),
          options,
        ),
    };
  }

  /** Closes the connections of all clients that were made. */
  destroy(): void {
    for (const client of this.#clients.values()) client.destroy();
    this.#clients.clear();
  }

  async #client<Client extends SdkClient>(
    service: Service,
    region: string,
    make: (config: ClientConfig) => Client,
  ): Promise<Client> {
    const id = `${service} ${region}`;
    const endpoint = this.#clients.has(id) ? undefined : await this.#endpoint(service);
    // Looked up again: another call may have made it while the config files were read.
    const client = this.#clients.get(id) ?? make(this.#config(region, endpoint));
    this.#clients.set(id, client);
    // The id names the service, and a service has one client class.
    return client as Client;
  }

  #config(region: string, endpoint: string | undefined): ClientConfig {
    return {
      region,
      credentials: this.#credentials,
      retryMode: 'adaptive',
      maxAttempts: 5,
      requestHandler: REQUEST_HANDLER,
      // The SDK would read the endpoint of AWS_PROFILE, whatever profile the client has: we read the right one.
      ignoreConfiguredEndpointUrls: true,
      ...(endpoint && { endpoint }),
    };
  }

  async #endpoint(service: Service): Promise<string | undefined> {
    const { endpoint, profile } = this.connection;
    return endpoint ?? (await configuredEndpoint(SERVICE_IDS[service], profile));
  }
}

/** @returns the `send` options that let a signal stop the call */
export function abortable(signal: AbortSignal | undefined): { abortSignal?: AbortSignal } {
  return signal ? { abortSignal: signal } : {};
}

import type { SQSClientConfig } from '@aws-sdk/client-sqs';
import { fromNodeProviderChain } from '@aws-sdk/credential-providers';
import { loadConfig } from '@smithy/core/config';
import { call, type CallOptions } from './aws-errors.ts';

/** Where and as whom AWS is called. */
export interface Connection {
  readonly region: string;
  /** a profile of ~/.aws; undefined = AWS_PROFILE, the environment, or `default`, as the AWS CLI chooses */
  readonly profile?: string | undefined;
  /** such as `http://localhost:4566`; goes before the profile's `endpoint_url` */
  readonly endpoint?: string | undefined;
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

/** Dead hosts must not hang a view; the longest call of ours is a 20 s receive. */
const CONNECT_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 60_000;

/** The shared clients of one connection. Making it costs nothing; destroy it when the connection changes. */
export class AwsClients {
  readonly connection: Connection;
  readonly #credentials: NonNullable<ClientConfig['credentials']>;
  readonly #clients = new Map<string, SdkClient>();

  constructor(connection: Connection) {
    const { region, profile } = connection;
    this.connection = connection;
    // Without `ignoreCache` a profile that was edited, or logged in anew, would need a restart of the editor.
    this.#credentials =
      connection.credentials ??
      fromNodeProviderChain({ ignoreCache: true, clientConfig: { region }, ...(profile && { profile }) });
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
      requestHandler: {
        connectionTimeout: CONNECT_TIMEOUT_MS,
        requestTimeout: REQUEST_TIMEOUT_MS,
        throwOnRequestTimeout: true,
      },
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

/** @returns the `send` options that let a signal stop the call */
export function abortable(signal: AbortSignal | undefined): { abortSignal?: AbortSignal } {
  return signal ? { abortSignal: signal } : {};
}

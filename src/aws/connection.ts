import type { SQSClientConfig } from '@aws-sdk/client-sqs';
import type { CloudTarget } from '../core/stack/aws-target.ts';
import { call, type CallOptions } from './errors/aws-errors.ts';
import { clientBase, type ClientBase } from './config/client-base.ts';
import { NO_PROFILE, profileSettings, type ProfileSettings } from './config/client-settings.ts';
import type { SdkCredentials } from './credentials/sdk-credentials.ts';

/** Where and as whom AWS is called. */
export interface Connection extends CloudTarget {
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
  cloudwatch: 'CloudWatch',
  dynamodb: 'DynamoDB',
  events: 'EventBridge',
  lambda: 'Lambda',
  s3: 'S3',
  secretsmanager: 'Secrets Manager',
  sqs: 'SQS',
  ssm: 'SSM',
  states: 'SFN',
  sts: 'STS',
} as const;
export type Service = keyof typeof SERVICE_IDS;

/** What every client is made with. */
export type ClientConfig = ClientBase & {
  readonly region: string;
  readonly credentials: NonNullable<SQSClientConfig['credentials']>;
};

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
  readonly #credentials: ClientConfig['credentials'];
  readonly #clients = new Map<string, SdkClient>();
  /** read once: after an edit of the config files, the editor makes another connection */
  #settings: Promise<ProfileSettings> | undefined;

  /** @param credentials where they come from */
  constructor(connection: Connection, credentials: ClientConfig['credentials']) {
    this.connection = connection;
    this.#credentials = credentials;
  }

  /** @returns the credentials that the clients sign with now, renewed where they are about to expire */
  async credentials(): Promise<SdkCredentials> {
    const source = this.#credentials;
    return typeof source === 'function' ? source() : source;
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
    const settings = await (this.#settings ??= this.#readSettings());
    // Looked up after the wait: another call may have made it meanwhile.
    const client = this.#clients.get(id) ?? make(this.#config(service, region, settings));
    this.#clients.set(id, client);
    // The id names the service, and a service has one client class.
    return client as Client;
  }

  #config(service: Service, region: string, settings: ProfileSettings): ClientConfig {
    const endpoint = this.connection.endpoint ?? settings.endpoint(SERVICE_IDS[service]);
    return { ...clientBase(settings, endpoint), region, credentials: this.#credentials };
  }

  #readSettings(): Promise<ProfileSettings> {
    const { credentials, profile } = this.connection;
    if (credentials) return Promise.resolve(NO_PROFILE);
    const settings = profileSettings(profile);
    settings.catch(() => {
      this.#settings = undefined;
    });
    return settings;
  }
}

/** @returns the `send` options that let a signal stop the call */
export function abortable(signal: AbortSignal | undefined): { abortSignal?: AbortSignal } {
  return signal ? { abortSignal: signal } : {};
}

import { AwsClients, type Connection } from './connection.ts';
import { profileCredentials } from './credentials/profile-credentials.ts';

/** @returns the clients of a connection, with its own credentials or else those of its profile */
export function openClients(connection: Connection): AwsClients {
  return new AwsClients(connection, connection.credentials ?? profileCredentials(connection));
}

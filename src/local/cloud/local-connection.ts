import type { Credentials } from '../../aws/connection.ts';

/** How to reach the emulator as one of its users. It is always complete, so no profile of this machine is used. */
export interface LocalConnection {
  readonly region: string;
  readonly endpoint: string;
  readonly credentials: Credentials;
}

import type { Credentials } from '../../aws/connection.ts';

/** How the emulator is reached, as one of its users; always complete, so that no profile of this machine is asked. */
export interface LocalConnection {
  readonly region: string;
  readonly endpoint: string;
  readonly credentials: Credentials;
}

import type { StackOutputs } from '../../src/core/stack/stack-contract.ts';
import type { LocalConnection } from '../../src/local/cloud/local-connection.ts';

/** What the suites in the extension host get to know, as JSON in MEDIA_BATCH_HOST_TEST. */
export interface HostTest {
  /** address of the control server */
  readonly control: string;
  /** the emulator as its root user, not through the proxy that the extension has */
  readonly root: LocalConnection;
  /** a bucket with files as they are in the wild */
  readonly bucket: string;
  /** the stack that is there already, under the default name, with its API key stored */
  readonly pipeline: StackOutputs;
  readonly ittybitUrl: string;
  readonly apiKey: string;
  /** absolute path of mocha's reporter */
  readonly reporter: string;
}

import { join, resolve } from 'node:path';
import { createServices } from '../../aws/services.ts';
import type { CloudServices } from '../../core/stack/cloud-services.ts';
import type { Credentials } from '../../aws/connection.ts';
import { startEmulator, type Emulator } from './emulator.ts';
import { startIttybit, type IttybitOptions, type IttybitStandIn } from '../ittybit/server.ts';
import type { LocalConnection } from './local-connection.ts';
import { assumeRole, createRestrictedRole } from './restricted-caller.ts';

/** The region of everything local; the emulator has all regions. */
const LOCAL_REGION = 'eu-west-1';
/** The account's owner on the emulator. */
const ROOT: Credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
/** The key that the stand-in accepts. */
export const LOCAL_API_KEY = 'ittybit_live_local_cloud_only';
const LOGS = resolve(import.meta.dirname, '../../../.local/logs');

/** AWS and Ittybit on this machine: an emulator that runs the real handlers with IAM enforced, and a stand-in. */
export interface LocalCloud {
  readonly emulator: Emulator;
  readonly ittybit: IttybitStandIn;
  /** connects as the account's owner */
  readonly root: LocalConnection;
  /** ARN of the role that has the README's policies and no other rights */
  readonly restrictedRole: string;
  /** the product's gateways, for a user who has the README's policies and no other rights */
  readonly services: CloudServices;
  stop(): Promise<void>;
}

export interface LocalCloudOptions {
  readonly onProgress?: (line: string) => void;
  readonly signal?: AbortSignal;
  /** names the log file; the process id is added */
  readonly name?: string;
  /** how the stand-in differs from the usual one */
  readonly standIn?: Partial<IttybitOptions>;
}

/**
 * Starts the emulator and the stand-in on free ports. The first start installs the emulator.
 * @throws an Error with one sentence when Python is missing or the emulator does not start
 */
export async function startLocalCloud({
  onProgress,
  signal,
  name = 'emulator',
  standIn = {},
}: LocalCloudOptions = {}): Promise<LocalCloud> {
  const emulator = await startEmulator({
    iam: true,
    logFile: join(LOGS, `${name}-${process.pid}.log`),
    ...(onProgress && { onProgress }),
    ...(signal && { signal }),
  });
  const ittybit = await startIttybit({
    apiKeys: [LOCAL_API_KEY],
    latencyMs: 20,
    durations: { queuedMs: 100, processingMs: 400 },
    rateLimits: { requestsPerSecond: 60, burst: 60 },
    webhooks: { shape: 'rotate' },
    ...standIn,
  });
  const stop = async () => {
    await ittybit.close();
    await emulator.stop();
  };
  try {
    const root = { region: LOCAL_REGION, endpoint: emulator.endpoint, credentials: ROOT };
    const owner = createServices(root);
    const restrictedRole = await createRestrictedRole(owner.stacks);
    owner.dispose();
    const credentials = await assumeRole(root, restrictedRole);
    const services = createServices({ ...root, credentials });
    return {
      emulator,
      ittybit,
      root,
      restrictedRole,
      services,
      stop: async () => {
        services.dispose();
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

import { NEW_PACE } from '../fake-control.ts';
import type { CloudServices } from '../../../src/core/stack/cloud-services.ts';
import type {
  DispatchControl,
  DispatchState,
  MappingState,
} from '../../../src/core/stack/dispatch-control.ts';
import type { Stack } from '../../../src/core/stack/stack-service.ts';
import type { AwsFiles, Profile } from '../../../src/core/stack/aws-target.ts';
import type { Cloud } from '../../../src/ui/base/cloud.ts';
import { FakeCloudRuns } from '../fake-cloud-runs.ts';
import { FakeStacks, FakeTables } from '../fake-stacks.ts';
import { MemoryEraser } from '../memory-eraser.ts';
import { MemoryLedger } from '../memory-ledger.ts';
import { FakeBatches, FakeBuckets, FakeQueues } from '../fakes.ts';
import { FakeAlarms, FakeReconciler } from '../fake-control.ts';

const MAPPING: MappingState = {
  state: 'Enabled',
  batchSize: 5,
  maximumConcurrency: 2,
  maximumBatchingWindow: 10,
  lastResult: undefined,
};

export const AWS_FILES: AwsFiles = {
  config: '/home/me/.aws/config',
  credentials: '/keys/credentials',
  tokens: ['/home/me/sso'],
  defaultProfile: 'default',
};

export interface FakeCloud {
  readonly cloud: Cloud;
  readonly services: CloudServices;
  readonly stacks: FakeStacks;
  readonly connections: Parameters<Cloud['connect']>[0][];
  /** calls that change dispatch, in order: `writeState paused` */
  readonly calls: string[];
  readonly secrets: { arn: string; value: string }[];
  /** how many connections are open */
  open: number;
}

export interface GivenCloud {
  readonly existing?: Stack;
  readonly profileDefaults?: { region: string | undefined; endpoint: string | undefined };
  readonly callerError?: Error;
  readonly dispatch?: DispatchState;
  /** the text of every secret that is read */
  readonly secret?: string;
  readonly profiles?: readonly Profile[];
  /** replaces whole services */
  readonly services?: Partial<CloudServices>;
}

/** A cloud in memory, with one stack or none. */
export function fakeCloud(given: GivenCloud): FakeCloud {
  const stacks = new FakeStacks();
  stacks.stack = given.existing;
  const fake: Omit<FakeCloud, 'cloud' | 'services'> = {
    stacks,
    connections: [],
    calls: [],
    secrets: [],
    open: 0,
  };
  const services: CloudServices = {
    buckets: new FakeBuckets([]),
    bucketOwners: { isOwn: async () => true },
    queues: new FakeQueues(),
    batches: new FakeBatches(),
    eraser: new MemoryEraser(new MemoryLedger()),
    ledgers: { of: () => new MemoryLedger() },
    identity: {
      caller: async () => {
        if (given.callerError) throw given.callerError;
        return { account: '111122223333', arn: 'arn:aws:iam::111122223333:user/me' };
      },
    },
    dispatch: dispatchOf(given.dispatch, fake.calls),
    reconciler: new FakeReconciler(),
    alarms: new FakeAlarms(),
    secrets: secretsOf(given, fake.secrets),
    stacks,
    cloudRuns: new FakeCloudRuns(),
    tables: new FakeTables(),
    ...given.services,
    dispose: () => {
      fake.open -= 1;
    },
  };
  const connect: Cloud['connect'] = async (target) => {
    fake.connections.push(target);
    fake.open += 1;
    return services;
  };
  return Object.assign(fake, { services, cloud: cloudOf(given, connect) });
}

function secretsOf({ secret }: GivenCloud, stored: FakeCloud['secrets']): CloudServices['secrets'] {
  return {
    put: async (arn, value) => void stored.push({ arn, value }),
    read: async () => ({ value: secret ?? JSON.stringify({ path_key: 'k'.repeat(64) }), version: 'v1' }),
    isReplaced: async () => true,
    replace: async (arn, version, value) => {
      stored.push({ arn, value });
      return version === 'v1';
    },
  };
}

function dispatchOf(state: DispatchState | undefined, calls: string[]): DispatchControl {
  const present = state ?? { state: 'running' as const, reason: undefined, at: undefined, epoch: 0 };
  return {
    readState: async () => present,
    readPaced: async () => ({ state: present, pace: NEW_PACE }),
    setMost: async (_place, { most }) => void calls.push(`setMost ${most}`),
    functionsAtOnce: async () => 1000,
    writeState: async (_place, next) => calls.push(`writeState ${next.state}`) > 0,
    updateMapping: async (id, { enabled }) => {
      calls.push(`updateMapping ${id} ${String(enabled)}`);
      return MAPPING;
    },
    mapping: async () => ({ ...MAPPING, state: state ? 'Disabled' : 'Enabled' }),
  };
}

function cloudOf({ profiles = [], profileDefaults }: GivenCloud, connect: Cloud['connect']): Cloud {
  return {
    profiles: async () => profiles,
    files: async () => AWS_FILES,
    connect,
    profileDefaults: async () => profileDefaults ?? { region: undefined, endpoint: undefined },
  };
}

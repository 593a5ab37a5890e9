import type { CloudServices } from '../../../src/core/stack/cloud-services.ts';
import type { ChangeSet, ResourceChange, Stack, StackEvent } from '../../../src/core/stack/stack-service.ts';
import type { DispatchState, MappingState } from '../../../src/core/stack/dispatch-control.ts';
import type { AwsFiles, Cloud, Profile } from '../../../src/ui/base/cloud.ts';
import { OUTPUT_VALUES } from '../fake-stacks.ts';
import { FakeBatches, FakeBuckets, FakeQueues } from '../fakes.ts';

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
  readonly connections: Parameters<Cloud['connect']>[0][];
  /** what was called, in order: `createChangeSet media-batch` */
  readonly calls: string[];
  readonly secrets: { arn: string; value: string }[];
  /** the parameters of the last change set */
  parameters: Readonly<Record<string, string>>;
  open: number;
}

/** A cloud that deploys at once. */
export function fakeCloud(given: {
  existing?: Stack;
  changes?: readonly ResourceChange[];
  /** what the execution brings about; a status that ends in _IN_PROGRESS keeps it running */
  after?: { status: string; events?: readonly StackEvent[] };
  profileDefaults?: { region: string | undefined; endpoint: string | undefined };
  callerError?: Error;
  dispatch?: DispatchState;
  onPoll?: () => void;
  /** when the events before the execution are looked at */
  onLook?: () => void;
  profiles?: readonly Profile[];
  /** replaces whole services */
  services?: Partial<CloudServices>;
}): FakeCloud {
  const { after = { status: 'CREATE_COMPLETE' }, changes = [] } = given;
  let stack = given.existing;
  let executed = false;
  const fake: Omit<FakeCloud, 'cloud' | 'services'> = {
    connections: [],
    calls: [],
    secrets: [],
    parameters: {},
    open: 0,
  };
  const services: CloudServices = {
    buckets: new FakeBuckets([]),
    queues: new FakeQueues(),
    batches: new FakeBatches(),
    identity: {
      caller: async () => {
        if (given.callerError) throw given.callerError;
        return { account: '111122223333', arn: 'arn:aws:iam::111122223333:user/me' };
      },
    },
    dispatch: {
      readState: async () => given.dispatch ?? { state: 'running', reason: undefined, at: undefined },
      writeState: async (_table, { state }) => void fake.calls.push(`writeState ${state}`),
      updateMapping: async (id, { enabled }) => {
        fake.calls.push(`updateMapping ${id} ${String(enabled)}`);
        return MAPPING;
      },
      mapping: async () => ({ ...MAPPING, state: given.dispatch ? 'Disabled' : 'Enabled' }),
    },
    secrets: { put: async (arn, value) => void fake.secrets.push({ arn, value }) },
    stacks: {
      describe: async () => {
        if (executed) given.onPoll?.();
        return stack;
      },
      createChangeSet: async ({ stackName, parameters }) => {
        fake.calls.push(`createChangeSet ${stackName}`);
        fake.parameters = parameters;
        return 'change-set';
      },
      describeChangeSet: async (): Promise<ChangeSet> => ({
        id: 'change-set',
        status: 'CREATE_COMPLETE',
        reason: undefined,
        changes,
      }),
      executeChangeSet: async (stackName) => {
        fake.calls.push(`executeChangeSet ${stackName}`);
        executed = true;
        stack = { ...stackOf(after.status), reason: undefined };
      },
      deleteChangeSet: async (stackName) => void fake.calls.push(`deleteChangeSet ${stackName}`),
      deleteStack: async (stackName) => void fake.calls.push(`deleteStack ${stackName}`),
      list: async () => (stack ? [{ name: 'media-batch', status: stack.status }] : []),
      cancelUpdate: async (stackName) => void fake.calls.push(`cancelUpdate ${stackName}`),
      continueRollback: async (stackName) => void fake.calls.push(`continueRollback ${stackName}`),
      events: async function* () {
        if (!executed) given.onLook?.();
        yield executed ? (after.events ?? []).toReversed() : [];
      },
    },
    ...given.services,
    dispose: () => {
      fake.open -= 1;
    },
  };
  return Object.assign(fake, {
    services,
    cloud: {
      profiles: async () => given.profiles ?? [],
      files: async () => AWS_FILES,
      connect: async (target: Parameters<Cloud['connect']>[0]) => {
        fake.connections.push(target);
        fake.open += 1;
        return services;
      },
      profileDefaults: async () => given.profileDefaults ?? { region: undefined, endpoint: undefined },
    },
  });
}

/** @returns a complete pipeline stack of that status */
export function stackOf(status: string): Stack {
  return {
    id: 'arn:stack/1',
    status,
    reason: undefined,
    outputs: OUTPUT_VALUES,
    parameters: { ConnectionId: '' },
    changedAt: undefined,
  };
}

/** @returns a stack event with what matters here */
export function eventOf(logicalId: string, status: string, reason?: string): StackEvent {
  const type = 'AWS::SQS::Queue';
  return { id: `${logicalId} ${status}`, at: new Date(0), logicalId, type, status, reason, token: undefined };
}

import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { PipelineWatch } from '../../../src/app/watch/watch.ts';
import { zeroCounts, type BatchMeta, type BatchRecord } from '../../../src/core/batch/batch.ts';
import type { AwsError } from '../../../src/core/errors.ts';
import { DEFAULT_JOB_OPTIONS } from '../../../src/core/ittybit/job-options.ts';
import type { BatchStore } from '../../../src/core/batch/batch-store.ts';
import type { QueueService, ReceivedMessage } from '../../../src/core/batch/queue-service.ts';
import type { Stack, StackService } from '../../../src/core/stack/stack-service.ts';
import { encodeQueueMessage } from '../../../src/core/batch/queue-message.ts';
import type { S3Location } from '../../../src/core/files/s3-location.ts';
import { OUTPUTS } from '../../../src/core/stack/stack-contract.ts';
import type { CloudServices } from '../../../src/core/stack/cloud-services.ts';
import { AwsConnection } from '../../../src/ui/connection/aws-connection.ts';
import { KnownStacks } from '../../../src/ui/connection/known-stacks.ts';
import { ContextKeyWriter } from '../../../src/ui/base/context-keys.ts';
import { BatchesView } from '../../../src/ui/batches/batches-view.ts';
import { BucketsView } from '../../../src/ui/buckets/buckets-view.ts';
import { FailuresView } from '../../../src/ui/failures/failures-view.ts';
import { PipelineView } from '../../../src/ui/pipeline/pipeline-view.ts';
import { ScopeHolder } from '../../../src/ui/watch/scope-holder.ts';
import { DeadLetterStatus } from '../../../src/ui/failures/status-bar.ts';
import { followWatch } from '../../../src/ui/watch/watch-context.ts';
import { awsError } from '../fakes.ts';
import { stubVscode } from './vscode-stub.ts';
import type { StubTreeView } from './vscode-stub-views.ts';
import { fakeCloud } from './fake-cloud.ts';
import { MemoryBuckets } from './memory-buckets.ts';
import { fixture } from './ui-fixture.ts';

export const DEFAULT_NAME = 'media-batch';

/** One stack with its data. The table stays after the stack is deleted, as with the template. */
export interface FakeStack {
  readonly id: string;
  status: string;
  readonly batches: Map<string, BatchRecord>;
  readonly letters: ReceivedMessage[];
}

/** An AWS account and region with its stacks by name. */
export class Account {
  readonly stacks = new Map<string, FakeStack>();
  readonly buckets: MemoryBuckets;
  /** every request to CloudFormation, SQS and DynamoDB, in order */
  readonly asked: string[] = [];
  /** what a request waits for before its answer */
  hold: (request: string) => Promise<void> | undefined = () => undefined;
  /** thrown by every call, as for an expired login */
  refusal: Error | undefined;
  readonly #all: FakeStack[] = [];
  readonly #id: string;

  constructor(id: string, content: Readonly<Record<string, readonly string[]>> = {}) {
    this.#id = id;
    this.buckets = new MemoryBuckets(content);
  }

  /** Deploys at once; another stack of the same name has another id, queue and table. */
  deploy(name = DEFAULT_NAME, status = 'CREATE_COMPLETE'): FakeStack {
    const id = `arn:${this.#id}/${name}/${this.#all.length + 1}`;
    const stack: FakeStack = { id, status, batches: new Map(), letters: [] };
    this.#all.push(stack);
    this.stacks.set(name, stack);
    return stack;
  }

  services(): CloudServices {
    const ask = async (request: string): Promise<void> => {
      this.asked.push(request);
      await this.hold(request);
      if (this.refusal) throw this.refusal;
    };
    const of = (resource: string): FakeStack => this.#all.find(({ id }) => resource.startsWith(id))!;
    const isLive = (stack: FakeStack): boolean => [...this.stacks.values()].includes(stack);
    const letters = (queueUrl: string): ReceivedMessage[] => {
      const stack = of(queueUrl);
      if (!isLive(stack)) throw awsError('not-found');
      return stack.letters;
    };
    const { services } = fakeCloud({
      services: {
        buckets: this.buckets,
        identity: {
          caller: async () => {
            await ask('caller');
            return { account: this.#id, arn: 'arn' };
          },
        },
        stacks: {
          describe: async (name: string) => {
            await ask(`describe ${name}`);
            const stack = this.stacks.get(name);
            return stack && describe(stack);
          },
        } as unknown as StackService,
        queues: {
          depth: async (url: string) => {
            await ask('depth');
            const { length } = letters(url);
            return { waiting: url.includes('DeadLetter') ? length : 0, inFlight: 0, delayed: 0 };
          },
          receive: async (url: string) => {
            await ask('receive');
            return letters(url);
          },
          release: async () => undefined,
        } as unknown as QueueService,
        batches: {
          list: async (table: string) => {
            await ask('list');
            const items = [...of(table).batches.values()].flatMap(({ meta }) => meta ?? []);
            return { items, next: undefined };
          },
          read: async (table: string, batch: string) => {
            await ask(`read ${batch}`);
            return of(table).batches.get(batch) ?? recordOf(undefined, 0);
          },
          results: async () => ({ items: [], next: undefined }),
          result: async () => undefined,
          resultsOf: async (table: string, { bucket, key }: S3Location) => {
            await ask(`resultsOf ${key}`);
            return of(table).batches.size > 0 ? [{ bucket, key, status: 'succeeded', created_at: '' }] : [];
          },
        } as unknown as BatchStore,
      },
    });
    return services;
  }
}

function describe({ id, status }: FakeStack): Stack {
  const outputs = Object.fromEntries(Object.values(OUTPUTS).map((name) => [name, `${id}/${name}`]));
  const isWhole = !/^(CREATE_IN|DELETE_)/.test(status);
  return {
    id,
    status,
    reason: undefined,
    outputs: isWhole ? outputs : {},
    parameters: {},
    tags: {},
    changedAt: undefined,
  };
}

export function recordOf(meta: BatchMeta | undefined, succeeded: number): BatchRecord {
  const checkpoint = { shard: 0, lastKey: 'z', listed: succeeded, sent: succeeded, skipped: {}, done: true };
  return { meta, checkpoints: meta ? [checkpoint] : [], counts: { ...zeroCounts(), succeeded } };
}

/** A settled batch of files under a prefix of the bucket `film`. */
export function batchOf(batch: string, prefix: string): [string, BatchRecord] {
  const created_at = '2026-11-23T14:02:00.000Z';
  const meta = { batch, bucket: 'film', prefix, job: DEFAULT_JOB_OPTIONS, extensions: [], created_at };
  return [batch, recordOf(meta, 5)];
}

export function letterOf(key: string): ReceivedMessage {
  return {
    id: key,
    receipt: key,
    body: encodeQueueMessage({ batch: 'b', bucket: 'film', key, etag: 'e', size: 1 }),
    attributes: { failure_class: 'rejected', failure_reason: `bad ${key}`, attempts: '1' },
    group: 'b',
    receiveCount: 1,
    sentAt: new Date(),
  };
}

/** What the editor shows of a view. It asks for rows again only when the view says so. */
class Screen {
  readonly #tree: StubTreeView;
  #isStale = true;
  #rows: string[] = [];

  constructor(tree: StubTreeView) {
    this.#tree = tree;
    tree.provider.onDidChangeTreeData?.(() => (this.#isStale = true));
  }

  get tree(): StubTreeView {
    return this.#tree;
  }

  async rows(): Promise<string[]> {
    while (this.#isStale) {
      this.#isStale = false;
      const rows = await this.#tree.rows();
      this.#rows = rows.map(({ label, description }) => `${label}: ${description}`);
    }
    return this.#rows;
  }
}

/** The views as the extension composes them, over real connections, scopes and polls; the profiles are accounts. */
export function shownWorld(accounts: Readonly<Record<string, Account>>, profile: string) {
  const stub = stubVscode(() => undefined);
  const { vs } = stub;
  stub.settings.set('mediaBatch.region', 'eu-west-1');
  stub.settings.set('mediaBatch.profile', profile);
  const base = fixture().ui;
  const contextKeys = new ContextKeyWriter(vs);
  const cloud = {
    ...fakeCloud({}).cloud,
    connect: async ({ profile: name = '' }: { profile?: string | undefined }) => accounts[name]!.services(),
  };
  const files = { change: (): void => undefined };
  const connection = new AwsConnection({
    vs,
    log: base.log,
    cloud,
    contextKeys,
    watchFiles: (listener) => {
      files.change = () => {
        listener('profiles');
      };
      return { dispose: () => undefined };
    },
  });
  let now = Date.now();
  const timers = new Set<() => void>();
  const setTimer = (run: () => void) => {
    timers.add(run);
    return { dispose: () => timers.delete(run) };
  };
  const scopes = new ScopeHolder(
    connection,
    (read) => new PipelineWatch({ read, setTimer }),
    () => now,
  );
  const ui = { ...base, vs, cloud, contextKeys, connection, scopes };
  const failures = new FailuresView(ui);
  const views = [new PipelineView(ui), new BucketsView(ui), new BatchesView(ui), failures];
  const ends = [
    ...views,
    followWatch(ui),
    new DeadLetterStatus(ui, failures.leftOutCount),
    scopes,
    connection,
  ];
  const screen = (id: string) => new Screen(stub.treeViews.get(`mediaBatch.${id}`)!);
  const screens = {
    pipeline: screen('pipeline'),
    buckets: screen('buckets'),
    batches: screen('batches'),
    deadLetters: screen('deadLetters'),
  };
  return {
    ui,
    stub,
    screens,
    files,
    show: (...shown: Screen[]) => {
      for (const { tree } of shown) tree.setVisible(true);
    },
    /** makes this a known stack, so that the status bar asks about it */
    know: (stackName = DEFAULT_NAME) =>
      new KnownStacks(base.memory.global).note({
        profile,
        region: 'eu-west-1',
        endpoint: undefined,
        stackName,
      }),
    /** runs the timers of the polls; each waits for a minute */
    pass: () => {
      now += 60_000;
      for (const run of [...timers]) {
        timers.delete(run);
        run();
      }
    },
    dispose: () => {
      for (const end of ends) end.dispose();
    },
  };
}

/** Waits until a screen shows these rows, and runs the polls meanwhile. */
export async function untilRows(
  world: Pick<ReturnType<typeof shownWorld>, 'pass'>,
  screen: Screen,
  expected: readonly (string | RegExp)[],
): Promise<void> {
  const fits = (rows: readonly string[]): boolean =>
    rows.length === expected.length &&
    rows.every((row, index) => {
      const want = expected[index]!;
      return typeof want === 'string' ? row === want : want.test(row);
    });
  for (let turn = 0; turn < 200; turn += 1) {
    const rows = await Promise.race([screen.rows(), setImmediate(undefined)]);
    if (rows && fits(rows)) return;
    world.pass();
    await setImmediate();
  }
  assert.fail(`${screen.tree.id} shows ${JSON.stringify(await screen.rows())}`);
}

export function expired(): AwsError {
  return awsError('expired-login');
}

import type {
  ChangeSet,
  ChangeSetRequest,
  Stack,
  StackEvent,
  StackOwner,
  StackService,
  StackSummary,
} from '../../src/core/stack/stack-service.ts';
import type { Table, TableService } from '../../src/core/stack/table-service.ts';
import { OUTPUTS, RECONCILER_OUTPUTS } from '../../src/core/stack/stack-contract.ts';
import { TEMPLATE_VERSION, VERSION_OUTPUT } from '../../src/core/stack/template-version.ts';

/** Every output of a stack that was created from this version's template. */
export const OUTPUT_VALUES: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    Object.values({ ...OUTPUTS, ...RECONCILER_OUTPUTS }).map((name) => [name, `value-of-${name}`]),
  ),
  [VERSION_OUTPUT]: String(TEMPLATE_VERSION),
};

/** @returns the outputs of a stack from the first template, which had no version and no reconciler */
export function olderOutputs(): Readonly<Record<string, string>> {
  const later: readonly string[] = [VERSION_OUTPUT, ...Object.values(RECONCILER_OUTPUTS)];
  return Object.fromEntries(Object.entries(OUTPUT_VALUES).filter(([name]) => !later.includes(name)));
}

/** @returns a complete stack of this status */
export function stackOf(status: string, change: Partial<Stack> = {}): Stack {
  return {
    id: 'arn:stack/1',
    status,
    reason: undefined,
    outputs: OUTPUT_VALUES,
    parameters: {},
    tags: {},
    changedAt: undefined,
    ...change,
  };
}

/** @returns an event; its id and time are its place in the stack's history */
export function eventOf(place: number, logicalId: string, status: string, reason?: string): StackEvent {
  const type = logicalId === 'media-batch' ? 'AWS::CloudFormation::Stack' : 'AWS::SQS::Queue';
  return { id: `e${place}`, at: new Date(place), logicalId, type, status, reason, token: undefined };
}

/** CloudFormation in memory: the states of the change set, and of the stack after the execution, look by look. */
export class FakeStacks implements StackService {
  readonly calls: string[] = [];
  readonly requests: ChangeSetRequest[] = [];
  /** names of the stacks that were deleted */
  readonly deleted: string[] = [];
  stack: Stack | undefined;
  changeSets: Partial<ChangeSet>[] = [{ status: 'CREATE_COMPLETE' }];
  /** what each look after the execution finds; the last one stays */
  after: { status: string; events?: StackEvent[]; reason?: string }[] = [{ status: 'CREATE_COMPLETE' }];
  /** oldest first, from before the execution */
  history: StackEvent[] = [];
  pageSize = 3;
  pagesRead = 0;
  onDescribe: () => void = () => undefined;
  /** the stacks beside `stack`, by name and by id */
  readonly others = new Map<string, Stack>();
  /** the stack that a resource belongs to, by its physical id */
  readonly owners = new Map<string, StackOwner>();
  #executed = false;

  async describe(stackName: string, signal?: AbortSignal): Promise<Stack | undefined> {
    signal?.throwIfAborted();
    this.onDescribe();
    const other = this.others.get(stackName) ?? [...this.others.values()].find(({ id }) => id === stackName);
    if (other) return other;
    if (!this.#executed) return this.stack;
    this.calls.push(`describe ${stackName}`);
    const look = this.after.length > 1 ? this.after.shift() : this.after[0];
    this.history.push(...(look?.events ?? []));
    if (look) look.events = [];
    this.stack = stackOf(look?.status ?? '', { reason: look?.reason });
    return this.stack;
  }

  async ownerOf(resource: string): Promise<StackOwner | undefined> {
    return this.owners.get(resource);
  }

  async createChangeSet(request: ChangeSetRequest): Promise<string> {
    this.calls.push('createChangeSet');
    this.requests.push(request);
    if (request.create) this.stack ??= stackOf('REVIEW_IN_PROGRESS', { outputs: {} });
    return 'change-set';
  }

  async describeChangeSet(_stackName: string, id: string, signal?: AbortSignal): Promise<ChangeSet> {
    signal?.throwIfAborted();
    const state = this.changeSets.length > 1 ? this.changeSets.shift() : this.changeSets[0];
    return { id, status: 'CREATE_IN_PROGRESS', reason: undefined, changes: [], ...state };
  }

  async executeChangeSet(): Promise<void> {
    this.calls.push('executeChangeSet');
    this.#executed = true;
  }

  async deleteChangeSet(): Promise<void> {
    this.calls.push('deleteChangeSet');
  }

  async deleteStack(stackName: string): Promise<void> {
    this.calls.push('deleteStack');
    this.deleted.push(stackName);
    this.stack = undefined;
  }

  async list(): Promise<readonly StackSummary[]> {
    const own = this.stack ? [{ name: 'media-batch', status: this.stack.status }] : [];
    return [...own, ...[...this.others].map(([name, { status }]) => ({ name, status }))];
  }

  async cancelUpdate(): Promise<void> {
    this.calls.push('cancelUpdate');
    this.#executed = true;
  }

  async continueRollback(): Promise<void> {
    this.calls.push('continueRollback');
    this.#executed = true;
  }

  async *events(): AsyncGenerator<readonly StackEvent[]> {
    const newestFirst = this.history.toReversed();
    for (let i = 0; i < Math.max(1, newestFirst.length); i += this.pageSize) {
      this.pagesRead += 1;
      yield newestFirst.slice(i, i + this.pageSize);
    }
  }
}

/** A results table of Media Batch. */
export const RESULTS_TABLE: Table = {
  status: 'ACTIVE',
  keys: ['pk', 'sk'],
  indexes: [{ name: 'gsi1', status: 'ACTIVE', keys: ['gsi1pk', 'gsi1sk'] }],
};

/** DynamoDB's tables in memory, by name. */
export class FakeTables implements TableService {
  readonly tables = new Map<string, Table>();

  async describe(table: string): Promise<Table | undefined> {
    return this.tables.get(table);
  }
}

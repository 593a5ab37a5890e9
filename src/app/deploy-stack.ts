import { randomUUID } from 'node:crypto';
import { DeployError } from '../core/errors.ts';
import type { ChangeSet, ResourceChange, Stack, StackEvent, StackService } from '../core/ports.ts';
import { poll } from './poll.ts';
import { firstCause, StackEventFeed } from './stack-events.ts';

export interface StackRequest {
  readonly stackName: string;
  readonly templateBody: string;
  /** what to set; a parameter that is left out keeps its value, or the template's default on a new stack */
  readonly parameters: Readonly<Record<string, string>>;
}

export interface DeployOptions {
  readonly signal?: AbortSignal | undefined;
  /** Sees the change set before anything happens; false leaves the stack as it is. */
  readonly review?: (changes: readonly ResourceChange[], create: boolean) => Promise<boolean>;
  /** Told when AWS has begun: from here on a cancel only ends the watching. */
  readonly onExecute?: () => void;
  /** Gets each event once, oldest first, while the stack is at work. */
  readonly onEvent?: (event: StackEvent) => void;
  /** pause between two looks at the stack, in ms */
  readonly everyMs?: number;
}

export type StackResult =
  | { readonly outcome: 'created' | 'updated' | 'unchanged'; readonly outputs: Stack['outputs'] }
  | { readonly outcome: 'declined' };

/**
 * Deploys a stack: change set, review, execution with its events.
 * A cancel before the execution takes the change set back; after it, the stack goes on and only the watching ends.
 * @throws DeployError `stack-busy`, `stack-broken`, or `deploy-failed` with the first real cause; AwsError otherwise
 */
export async function deployStack(
  request: StackRequest,
  stacks: StackService,
  options: DeployOptions = {},
): Promise<StackResult> {
  const { stackName } = request;
  const { signal } = options;
  const everyMs = options.everyMs ?? 2000;
  const stack = await stacks.describe(stackName, signal);
  const create = checkDeployable(stackName, stack);
  const changeSet = await prepare(request, stack, create, stacks, everyMs, signal);
  if (changeSet === 'unchanged') return { outcome: 'unchanged', outputs: stack?.outputs ?? {} };

  let feed: StackEventFeed | undefined;
  try {
    const agreed = options.review ? await options.review(changeSet.changes, create) : true;
    signal?.throwIfAborted();
    if (!agreed) return { outcome: 'declined' };
    const before = await stacks.describe(stackName, signal);
    const opened = await StackEventFeed.open(before?.id ?? stackName, stacks, signal);
    signal?.throwIfAborted();
    // Without the signal: a cancel in the middle of this call would leave open whether the stack is at work.
    await stacks.executeChangeSet(stackName, changeSet.id, randomUUID());
    feed = opened;
    options.onExecute?.();
  } finally {
    if (!feed) await discard(stackName, changeSet.id, create, stacks);
  }
  const done = await watch(stackName, feed, stacks, options, everyMs);
  return { outcome: create ? 'created' : 'updated', outputs: done.outputs };
}

/** Takes a change set back; of a stack that was to be created, its empty shell goes as well. */
async function discard(stackName: string, id: string, create: boolean, stacks: StackService): Promise<void> {
  await stacks.deleteChangeSet(stackName, id);
  if (create && (await stacks.describe(stackName))?.status === 'REVIEW_IN_PROGRESS') {
    await stacks.deleteStack(stackName);
  }
}

/** @returns true to create the stack, false to update it */
function checkDeployable(stackName: string, stack: Stack | undefined): boolean {
  if (!stack || stack.status === 'REVIEW_IN_PROGRESS') return true;
  const { status } = stack;
  if (status.endsWith('_IN_PROGRESS')) {
    throw new DeployError(
      'stack-busy',
      stackName,
      `The stack "${stackName}" is being changed (${status}): try again when it has settled.`,
    );
  }
  if (status === 'UPDATE_ROLLBACK_FAILED') {
    throw new DeployError(
      'stack-broken',
      stackName,
      `The stack "${stackName}" could not roll back: choose "Continue update rollback" in the CloudFormation console, then deploy again.`,
    );
  }
  if (/^(ROLLBACK_|CREATE_FAILED|DELETE_FAILED)/.test(status)) {
    throw new DeployError(
      'stack-broken',
      stackName,
      `The stack "${stackName}" was never complete (${status}) and cannot be updated: delete it in the CloudFormation console, then deploy again.`,
    );
  }
  return false;
}

async function prepare(
  request: StackRequest,
  stack: Stack | undefined,
  create: boolean,
  stacks: StackService,
  everyMs: number,
  signal: AbortSignal | undefined,
): Promise<ChangeSet | 'unchanged'> {
  const { stackName, templateBody, parameters } = request;
  const previous = create ? [] : (stack?.parameters ?? []).filter((name) => !(name in parameters));
  const token = `media-batch-${randomUUID()}`;
  const id = await stacks.createChangeSet(
    { stackName, create, templateBody, parameters, previous, token },
    signal,
  );
  const changeSet = await created(stackName, id, stacks, everyMs, signal).catch(async (error: unknown) => {
    // The first error is the one to tell: a change set that is still being made cannot always be deleted.
    await discard(stackName, id, create, stacks).catch(() => undefined);
    throw error;
  });
  if (changeSet.status === 'CREATE_COMPLETE') return changeSet;
  await discard(stackName, id, create, stacks);
  // CloudFormation has no code for "nothing to do", only these two sentences.
  if (/didn't contain changes|No updates are to be performed/i.test(changeSet.reason ?? ''))
    return 'unchanged';
  throw new DeployError(
    'deploy-failed',
    stackName,
    `CloudFormation refused the change: ${changeSet.reason ?? changeSet.status}`,
  );
}

function created(
  stackName: string,
  id: string,
  stacks: StackService,
  everyMs: number,
  signal: AbortSignal | undefined,
): Promise<ChangeSet> {
  return poll(
    async () => {
      const changeSet = await stacks.describeChangeSet(stackName, id, signal);
      return /_COMPLETE$|FAILED$/.test(changeSet.status) ? changeSet : undefined;
    },
    everyMs,
    signal,
  );
}

async function watch(
  stackName: string,
  feed: StackEventFeed,
  stacks: StackService,
  { signal, onEvent }: DeployOptions,
  everyMs: number,
): Promise<Stack> {
  const seen: StackEvent[] = [];
  const done = await poll(
    async () => {
      const stack = await stacks.describe(feed.stackId, signal);
      for (const event of await feed.next(signal)) {
        seen.push(event);
        onEvent?.(event);
      }
      return stack && !stack.status.endsWith('_IN_PROGRESS') ? stack : undefined;
    },
    everyMs,
    signal,
  );
  if (done.status === 'CREATE_COMPLETE' || done.status === 'UPDATE_COMPLETE') return done;
  const cause = firstCause(seen);
  const why = cause
    ? `${cause.logicalId} (${cause.type}): ${cause.reason ?? cause.status}`
    : (done.reason ?? 'no reason given');
  throw new DeployError(
    'deploy-failed',
    stackName,
    `The stack "${stackName}" ended as ${done.status}: ${why}`,
    cause?.logicalId,
  );
}

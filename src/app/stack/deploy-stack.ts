import { randomUUID } from 'node:crypto';
import { DeployError } from '../../core/errors.ts';
import type { ChangeSet, ResourceChange, Stack, StackService } from '../../core/stack/stack-service.ts';
import type { StackTags } from '../../core/stack/stack-tags.ts';
import { deployFailure, followStack, recoveryAdvice, type FollowOptions } from './follow-stack.ts';
import { checkTemplate } from './pipeline.ts';
import { poll } from '../poll.ts';
import { StackEventFeed } from './stack-events.ts';

export interface StackRequest {
  readonly stackName: string;
  readonly templateBody: string;
  /** the values to set; a parameter that is left out keeps its value, or the template's default on a new stack */
  readonly parameters: Readonly<Record<string, string>>;
  /** all tags that the stack will have; absent: those that it has stay */
  readonly tags?: StackTags;
  /** More values to set when an existing stack is updated; `parameters` takes precedence. */
  readonly keep?: (stack: Stack) => Promise<Readonly<Record<string, string>>>;
  /** Called before the change set of a new stack is made, and again just before AWS is asked to create the stack. */
  readonly beforeCreate?: (() => Promise<void>) | undefined;
  /** Called after the review has agreed, just before AWS is asked to update an existing stack. */
  readonly beforeUpdate?: (stack: Stack) => Promise<void>;
}

export interface DeployOptions extends FollowOptions {
  /** Sees the change set before anything happens; false leaves the stack as it is. */
  readonly review?: (changes: readonly ResourceChange[], create: boolean) => Promise<boolean>;
  /** Called when AWS has begun. From here on a cancel only ends the watching. */
  readonly onExecute?: () => void;
}

/** How a deployment ended, with the stack as it is then. */
export type DeployOutcome =
  | {
      readonly outcome: 'created' | 'updated' | 'unchanged';
      readonly stackId: string;
      readonly outputs: Stack['outputs'];
      readonly parameters: Stack['parameters'];
    }
  | { readonly outcome: 'declined' };

/**
 * Deploys a stack: change set, review, execution with its events. A cancel before the execution deletes the change set.
 * A later cancel only ends the watching, and AWS continues.
 * @throws DeployError `stack-busy`, `stack-broken`, `unknown-template`, or `deploy-failed` with the first real cause;
 * AwsError otherwise
 */
export async function deployStack(
  request: StackRequest,
  stacks: StackService,
  options: DeployOptions = {},
): Promise<DeployOutcome> {
  const { stackName } = request;
  const { signal, everyMs = 2000 } = options;
  const stack = await stacks.describe(stackName, signal);
  const create = checkDeployable(stackName, stack);
  if (create) await request.beforeCreate?.();
  const kept = stack && !create ? await request.keep?.(stack) : undefined;
  const complete = { ...request, parameters: { ...kept, ...request.parameters } };
  const changeSet = await prepare(complete, stack, create, stacks, everyMs, signal);
  if (changeSet === 'unchanged') return { outcome: 'unchanged', ...endOf(stackName, stack) };

  const getReady = async (): Promise<void> => {
    if (create) await request.beforeCreate?.();
    else if (stack) await request.beforeUpdate?.(stack);
  };
  const begun = await execute(stackName, changeSet, create, getReady, stacks, options).catch(
    async (error: unknown) => {
      // The first error is the one to report.
      await discard(stackName, changeSet.id, create, stacks).catch(() => undefined);
      throw error;
    },
  );
  if (begun === 'declined') {
    await discard(stackName, changeSet.id, create, stacks);
    return { outcome: 'declined' };
  }
  options.onExecute?.();
  const end = await followStack(begun.feed, begun.before, stacks, options);
  if (!/^(CREATE|UPDATE)_COMPLETE$/.test(end.stack?.status ?? '')) throw deployFailure(stackName, end);
  return { outcome: create ? 'created' : 'updated', ...endOf(stackName, end.stack) };
}

function endOf(
  stackName: string,
  stack: Stack | undefined,
): { stackId: string } & Pick<Stack, 'outputs' | 'parameters'> {
  const { id = stackName, outputs = {}, parameters = {} } = stack ?? {};
  return { stackId: id, outputs, parameters };
}

/** Starts the execution if the review agrees. When it throws, AWS has not begun. */
async function execute(
  stackName: string,
  changeSet: ChangeSet,
  create: boolean,
  getReady: () => Promise<void>,
  stacks: StackService,
  { review, signal }: DeployOptions,
): Promise<{ feed: StackEventFeed; before: string | undefined } | 'declined'> {
  const agreed = review ? await review(changeSet.changes, create) : true;
  signal?.throwIfAborted();
  if (!agreed) return 'declined';
  await getReady();
  const before = await stacks.describe(stackName, signal);
  const feed = await StackEventFeed.open(before?.id ?? stackName, stacks, signal);
  signal?.throwIfAborted();
  // Without the signal: after a cancel in the middle of this call, we would not know whether AWS has begun.
  await stacks.executeChangeSet(stackName, changeSet.id, randomUUID());
  return { feed, before: before?.status };
}

/**
 * Deletes a change set. For a new stack, it also deletes the empty stack that CloudFormation made for the change set.
 */
async function discard(stackName: string, id: string, create: boolean, stacks: StackService): Promise<void> {
  await stacks.deleteChangeSet(stackName, id);
  if (create && (await stacks.describe(stackName))?.status === 'REVIEW_IN_PROGRESS') {
    await stacks.deleteStack(stackName);
  }
}

/**
 * @returns true to create the stack, false to update it
 * @throws DeployError `stack-busy` or `stack-broken` when neither is possible now, `unknown-template` for a stack of a
 * newer Media Batch, which this template would downgrade
 */
export function checkDeployable(stackName: string, stack: Stack | undefined): boolean {
  if (!stack || stack.status === 'REVIEW_IN_PROGRESS') return true;
  const { status } = stack;
  if (status.endsWith('_IN_PROGRESS')) {
    throw new DeployError(
      'stack-busy',
      stackName,
      `The stack "${stackName}" is being changed (${status}): try again when it has settled.`,
    );
  }
  const next = recoveryAdvice(status);
  if (next) {
    throw new DeployError(
      'stack-broken',
      stackName,
      `The stack "${stackName}" cannot be updated (${status}). ${next}`,
    );
  }
  checkTemplate(stackName, stack.outputs);
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
  const { stackName, templateBody, parameters, tags } = request;
  const previous = create ? [] : Object.keys(stack?.parameters ?? {}).filter((name) => !(name in parameters));
  const token = `media-batch-${randomUUID()}`;
  const id = await stacks.createChangeSet(
    { stackName, create, templateBody, parameters, previous, ...(tags && { tags }), token },
    signal,
  );
  const changeSet = await created(stackName, id, stacks, everyMs, signal).catch(async (error: unknown) => {
    // The first error is the one to report: a change set that is still being made cannot always be deleted.
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

import { randomUUID } from 'node:crypto';
import { DeployError } from '../../core/errors.ts';
import type { Stack, StackEvent, StackService } from '../../core/stack/stack-service.ts';
import {
  causeOf,
  deployFailure,
  followStack,
  type FollowOptions,
  type SettledStack,
} from './follow-stack.ts';
import { isCancelled, StackEventFeed } from './stack-events.ts';

export interface OperationOptions extends FollowOptions {
  /** Called when AWS has begun. From here on a cancel only ends the watching. */
  readonly onExecute?: () => void;
}

/** A resource that a deletion left in the account. */
export interface KeptResource {
  readonly logicalId: string;
  readonly type: string;
}

/** How an operation ended; `outputs` are the stack's own, as CloudFormation has them. */
export type OperationOutcome =
  | { readonly outcome: 'created' | 'updated' | 'rolled-back'; readonly outputs: Stack['outputs'] }
  | { readonly outcome: 'deleted'; readonly kept: readonly KeptResource[] };

/**
 * Follows the current operation of a stack, which any user or window may have started, or tells how the last one ended.
 * Its events are reported from its start on.
 * @param nameOrId an id also finds a stack that has been deleted
 * @throws DeployError `not-deployed`, or `deploy-failed` with the first real cause; AwsError otherwise
 */
export async function watchStack(
  nameOrId: string,
  stacks: StackService,
  options: FollowOptions = {},
): Promise<OperationOutcome> {
  const stackName = /:stack\/([^/]+)\//.exec(nameOrId)?.[1] ?? nameOrId;
  const stack = await existing(nameOrId, stacks, options.signal);
  const feed = await StackEventFeed.ofOperation(stack.id, stacks, options.signal);
  return outcomeOf(stackName, await followStack(feed, undefined, stacks, options));
}

/**
 * Cancels a running update and follows the rollback.
 * @returns `rolled-back`, or `updated` where the update had finished before the cancel arrived
 * @throws DeployError `conflict` when no update is running, else as `watchStack`
 */
export async function cancelUpdate(
  stackName: string,
  stacks: StackService,
  options: OperationOptions = {},
): Promise<OperationOutcome> {
  const stack = await existing(stackName, stacks, options.signal);
  checkStatus(stackName, stack, 'UPDATE_IN_PROGRESS', 'update that can be cancelled');
  const end = await operate(stack, () => stacks.cancelUpdate(stackName), stacks, options);
  return outcomeOf(stackName, end);
}

/**
 * Continues a rollback that has failed, and follows it. The user must have fixed the cause of the failure.
 * @throws DeployError `conflict` when the stack has no failed rollback, else as `watchStack`
 */
export async function continueRollback(
  stackName: string,
  stacks: StackService,
  options: OperationOptions = {},
): Promise<OperationOutcome> {
  const stack = await existing(stackName, stacks, options.signal);
  checkStatus(stackName, stack, 'UPDATE_ROLLBACK_FAILED', 'failed rollback to continue');
  const ask = (): Promise<void> => stacks.continueRollback(stackName, randomUUID());
  return outcomeOf(stackName, await operate(stack, ask, stacks, options));
}

/**
 * Deletes a stack and follows it by its id, because its name is free afterwards. A deletion that is already running is
 * followed.
 * @returns `deleted` with what stayed in the account
 * @throws DeployError `not-deployed`, `stack-busy`, or `deploy-failed` with the first real cause; AwsError otherwise
 */
export async function deletePipeline(
  stackName: string,
  stacks: StackService,
  options: OperationOptions = {},
): Promise<OperationOutcome> {
  const stack = await existing(stackName, stacks, options.signal);
  if (stack.status === 'DELETE_IN_PROGRESS') return watchStack(stack.id, stacks, options);
  checkDeletable(stackName, stack);
  const end = await operate(stack, () => stacks.deleteStack(stackName), stacks, options);
  return outcomeOf(stackName, end);
}

/**
 * CloudFormation accepts a deletion while it creates a stack, but not while it updates one or rolls it back.
 * @throws DeployError `stack-busy`
 */
export function checkDeletable(stackName: string, { status }: Stack): void {
  if (!status.endsWith('_IN_PROGRESS') || /^(CREATE|REVIEW|DELETE)_/.test(status)) return;
  throw new DeployError(
    'stack-busy',
    stackName,
    `The stack "${stackName}" is being changed (${status}): delete it when it has settled.`,
  );
}

/** @throws DeployError `conflict` for a stack in another status; `lacks` says what it does not have */
function checkStatus(stackName: string, { status }: Stack, wanted: string, lacks: string): void {
  if (status === wanted) return;
  throw new DeployError('conflict', stackName, `The stack "${stackName}" has no ${lacks} (${status}).`);
}

/**
 * Starts an operation and follows it. The request ignores the signal: after a cancel in the middle, we would not know
 * whether AWS has begun.
 */
async function operate(
  stack: Stack,
  ask: () => Promise<void>,
  stacks: StackService,
  options: OperationOptions,
): Promise<SettledStack> {
  const feed = await StackEventFeed.open(stack.id, stacks, options.signal);
  options.signal?.throwIfAborted();
  await ask();
  options.onExecute?.();
  return followStack(feed, stack.status, stacks, options);
}

async function existing(stackName: string, stacks: StackService, signal?: AbortSignal): Promise<Stack> {
  const stack = await stacks.describe(stackName, signal);
  if (stack) return stack;
  throw new DeployError(
    'not-deployed',
    stackName,
    `There is no stack "${stackName}" here: check its name, the region and the profile.`,
  );
}

function outcomeOf(stackName: string, end: SettledStack): OperationOutcome {
  const { stack, events } = end;
  if (!stack) return { outcome: 'deleted', kept: keptOf(events) };
  const { status, outputs } = stack;
  if (status === 'CREATE_COMPLETE') return { outcome: 'created', outputs };
  if (status === 'UPDATE_COMPLETE') return { outcome: 'updated', outputs };
  if (status === 'UPDATE_ROLLBACK_COMPLETE' && isCancelled(events))
    return { outcome: 'rolled-back', outputs };
  if (status !== 'DELETE_FAILED') throw deployFailure(stackName, end);
  const { why, resource } = causeOf(end);
  throw new DeployError(
    'deploy-failed',
    stackName,
    `The stack "${stackName}" could not be deleted: ${why.replace(/\.$/, '')}. Fix that, then run "Media Batch: Delete Pipeline" again.`,
    resource,
  );
}

/**
 * CloudFormation reports DELETE_SKIPPED for a resource that its DeletionPolicy retains (User Guide, "DeletionPolicy
 * attribute").
 */
function keptOf(events: readonly StackEvent[]): KeptResource[] {
  return events
    .filter(({ status }) => status === 'DELETE_SKIPPED')
    .map(({ logicalId, type }) => ({ logicalId, type }));
}

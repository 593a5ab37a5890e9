import { randomUUID } from 'node:crypto';
import { DeployError } from '../../core/errors.ts';
import type { Stack, StackEvent, StackService } from '../../core/stack/stack-service.ts';
import { causeOf, deployFailure, followStack, type FollowOptions, type StackEnd } from './follow-stack.ts';
import { isCancelled, StackEventFeed } from './stack-events.ts';

export interface OperationOptions extends FollowOptions {
  /** Told when AWS has begun: from here on a cancel only ends the watching. */
  readonly onExecute?: () => void;
}

/** A resource that a deletion left in the account. */
export interface KeptResource {
  readonly logicalId: string;
  readonly type: string;
}

/** How an operation ended; `outputs` are the stack's own, not yet ours. */
export type OperationResult =
  | { readonly outcome: 'created' | 'updated' | 'rolled-back'; readonly outputs: Stack['outputs'] }
  | { readonly outcome: 'deleted'; readonly kept: readonly KeptResource[] };

/**
 * Attaches to the operation that a stack is in, whoever began it, or tells how its last one ended. The events of this
 * operation come from its start on.
 * @param nameOrId the id also reaches a stack that has been deleted
 * @throws DeployError `not-deployed`, or `deploy-failed` with the first real cause; AwsError otherwise
 */
export async function watchStack(
  nameOrId: string,
  stacks: StackService,
  options: FollowOptions = {},
): Promise<OperationResult> {
  const stackName = /:stack\/([^/]+)\//.exec(nameOrId)?.[1] ?? nameOrId;
  const stack = await existing(nameOrId, stacks, options.signal);
  const feed = await StackEventFeed.ofOperation(stack.id, stacks, options.signal);
  return resultOf(stackName, await followStack(feed, undefined, stacks, options));
}

/**
 * Cancels an update under way, and follows the stack on its way back.
 * @returns `rolled-back`, or `updated` where the update was done before the cancel met it
 * @throws DeployError `conflict` when no update is under way, else as `watchStack`
 */
export async function cancelUpdate(
  stackName: string,
  stacks: StackService,
  options: OperationOptions = {},
): Promise<OperationResult> {
  const stack = await existing(stackName, stacks, options.signal);
  checkStatus(stackName, stack, 'UPDATE_IN_PROGRESS', 'update that can be cancelled');
  const end = await operate(stack, () => stacks.cancelUpdate(stackName), stacks, options);
  return resultOf(stackName, end);
}

/**
 * Rolls back a stack whose rollback had failed, and follows it; the cause of that failure must have been mended.
 * @throws DeployError `conflict` when the stack needs no such thing, else as `watchStack`
 */
export async function continueRollback(
  stackName: string,
  stacks: StackService,
  options: OperationOptions = {},
): Promise<OperationResult> {
  const stack = await existing(stackName, stacks, options.signal);
  checkStatus(stackName, stack, 'UPDATE_ROLLBACK_FAILED', 'failed rollback to continue');
  const ask = (): Promise<void> => stacks.continueRollback(stackName, randomUUID());
  return resultOf(stackName, await operate(stack, ask, stacks, options));
}

/**
 * Deletes a stack and follows it to its end by its id, as its name is free then. A deletion that is under way already
 * is joined.
 * @returns `deleted` with what stayed in the account
 * @throws DeployError `not-deployed`, `stack-busy`, or `deploy-failed` with the first real cause; AwsError otherwise
 */
export async function deletePipeline(
  stackName: string,
  stacks: StackService,
  options: OperationOptions = {},
): Promise<OperationResult> {
  const stack = await existing(stackName, stacks, options.signal);
  if (stack.status === 'DELETE_IN_PROGRESS') return watchStack(stack.id, stacks, options);
  checkDeletable(stackName, stack);
  const end = await operate(stack, () => stacks.deleteStack(stackName), stacks, options);
  return resultOf(stackName, end);
}

/**
 * CloudFormation takes a deletion while it creates a stack, but not while it updates one or rolls it back.
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

/** @throws DeployError `conflict` that says what a stack in another status has not */
function checkStatus(stackName: string, { status }: Stack, wanted: string, lacks: string): void {
  if (status === wanted) return;
  throw new DeployError('conflict', stackName, `The stack "${stackName}" has no ${lacks} (${status}).`);
}

/** Asks AWS without the signal, as a cancel in the middle would leave open whether it has begun; then follows. */
async function operate(
  stack: Stack,
  ask: () => Promise<void>,
  stacks: StackService,
  options: OperationOptions,
): Promise<StackEnd> {
  const feed = await StackEventFeed.open(stack.id, stacks, options.signal);
  options.signal?.throwIfAborted();
  await ask();
  options.onExecute?.();
  return followStack(feed, stack.status, stacks, options);
}

async function existing(stackName: string, stacks: StackService, signal?: AbortSignal): Promise<Stack> {
  const stack = await stacks.describe(stackName, signal);
  if (stack) return stack;
  throw new DeployError('not-deployed', stackName, `There is no stack "${stackName}" here.`);
}

function resultOf(stackName: string, end: StackEnd): OperationResult {
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
    `The stack "${stackName}" could not be deleted: ${why.replace(/\.$/, '')}. Mend that, then run "Media Batch: Delete Pipeline" again.`,
    resource,
  );
}

/** CloudFormation says DELETE_SKIPPED of what its DeletionPolicy retains (User Guide, "DeletionPolicy attribute"). */
function keptOf(events: readonly StackEvent[]): KeptResource[] {
  return events
    .filter(({ status }) => status === 'DELETE_SKIPPED')
    .map(({ logicalId, type }) => ({ logicalId, type }));
}

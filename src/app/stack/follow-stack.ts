import { AwsError, DeployError } from '../../core/errors.ts';
import type { Stack, StackEvent, StackService } from '../../core/stack/stack-service.ts';
import { patiently, poll } from '../poll.ts';
import { firstCause, type StackEventFeed } from './stack-events.ts';

export interface FollowOptions {
  /** ends only the watching; AWS continues what it has begun */
  readonly signal?: AbortSignal | undefined;
  /** Called with each event once, oldest first, while the operation runs. */
  readonly onEvent?: (event: StackEvent) => void;
  /** pause between two reads of the stack, in ms */
  readonly everyMs?: number;
}

/** A stack after an operation, and the operation's events. */
export interface SettledStack {
  /** undefined: the stack is deleted */
  readonly stack: Stack | undefined;
  /** oldest first */
  readonly events: readonly StackEvent[];
}

/** This many reads may still show the status from before the request, while no event has come either. */
const LATE_LOOKS = 5;

/**
 * Follows a stack by its id until it has settled or is deleted.
 * @param before the stack's status when the operation was requested; undefined where the operation was already running
 * @throws AwsError, and the signal's reason
 */
export async function followStack(
  feed: StackEventFeed,
  before: string | undefined,
  stacks: StackService,
  { signal, onEvent, everyMs = 2000 }: FollowOptions = {},
): Promise<SettledStack> {
  const events: StackEvent[] = [];
  let late = 0;
  return poll(
    patiently(async () => {
      const stack = await stacks.describe(feed.stackId, signal);
      for (const event of await nextEvents(feed, stack, signal)) {
        events.push(event);
        onEvent?.(event);
      }
      if (stack?.status.endsWith('_IN_PROGRESS')) return undefined;
      if (stack && stack.status === before && events.length === 0 && ++late < LATE_LOOKS) return undefined;
      return { stack: stack?.status === 'DELETE_COMPLETE' ? undefined : stack, events };
    }),
    everyMs,
    signal,
  );
}

/** Reads the new events. A deleted stack may have none any more. */
async function nextEvents(
  feed: StackEventFeed,
  stack: Stack | undefined,
  signal: AbortSignal | undefined,
): Promise<readonly StackEvent[]> {
  try {
    return await feed.next(signal);
  } catch (error) {
    if (stack || !(error instanceof AwsError) || error.code !== 'not-found') throw error;
    return [];
  }
}

/** Makes the error of a failed operation: its cause, and the next step where only one is possible. */
export function deployFailure(stackName: string, end: SettledStack): DeployError {
  const { why, resource } = causeOf(end);
  const status = end.stack?.status ?? 'DELETE_COMPLETE';
  const next = recoveryAdvice(status);
  const sentence = `The stack "${stackName}" ended as ${status}: ${why}`;
  return new DeployError(
    'deploy-failed',
    stackName,
    next ? `${sentence.replace(/\.$/, '')}. ${next}` : sentence,
    resource,
  );
}

/** @returns the first real cause in words, with its logical id, else the stack's own reason */
export function causeOf({ stack, events }: SettledStack): { why: string; resource: string | undefined } {
  const cause = firstCause(events);
  const why = cause
    ? `${cause.logicalId} (${cause.type}): ${cause.reason ?? cause.status}`
    : (stack?.reason ?? 'no reason given');
  return { why, resource: cause?.logicalId };
}

/**
 * What the user must do first with a stack that cannot be updated (CloudFormation User Guide, "Stack status codes").
 * @returns a sentence for the user; undefined for every other status
 */
export function recoveryAdvice(status: string): string | undefined {
  if (status === 'UPDATE_ROLLBACK_FAILED') {
    return 'Run "Media Batch: Continue Update Rollback", then deploy again.';
  }
  if (/^(ROLLBACK_(COMPLETE|FAILED)|CREATE_FAILED|DELETE_FAILED)$/.test(status)) {
    return 'It must be deleted first: run "Media Batch: Delete Pipeline", then deploy again.';
  }
  return undefined;
}

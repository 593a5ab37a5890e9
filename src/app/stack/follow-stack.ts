import { AwsError, DeployError } from '../../core/errors.ts';
import type { Stack, StackEvent, StackService } from '../../core/stack/stack-service.ts';
import { patiently, poll } from '../poll.ts';
import { firstCause, type StackEventFeed } from './stack-events.ts';

export interface FollowOptions {
  /** ends the watching only: what AWS has begun, it goes on with */
  readonly signal?: AbortSignal | undefined;
  /** Gets each event once, oldest first, while the stack is at work. */
  readonly onEvent?: (event: StackEvent) => void;
  /** pause between two looks at the stack, in ms */
  readonly everyMs?: number;
}

/** How an operation ended. */
export interface StackEnd {
  /** undefined: the stack is gone */
  readonly stack: Stack | undefined;
  /** what was seen of it, oldest first */
  readonly events: readonly StackEvent[];
}

/** So many looks may still show the state from before the request, when no event has come either. */
const LATE_LOOKS = 5;

/**
 * Follows a stack by its id until it has settled, or is gone.
 * @param before the stack's status when the operation was asked for; undefined where it was under way already
 * @throws AwsError, and the signal's reason
 */
export async function followStack(
  feed: StackEventFeed,
  before: string | undefined,
  stacks: StackService,
  { signal, onEvent, everyMs = 2000 }: FollowOptions = {},
): Promise<StackEnd> {
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

/** The events of a stack that is gone may be gone as well. */
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

/** Says why an operation ended badly, and the way out of a state that has only one. */
export function deployFailure(stackName: string, end: StackEnd): DeployError {
  const { why, resource } = causeOf(end);
  const status = end.stack?.status ?? 'DELETE_COMPLETE';
  const next = wayOut(status);
  const sentence = `The stack "${stackName}" ended as ${status}: ${why}`;
  return new DeployError(
    'deploy-failed',
    stackName,
    next ? `${sentence.replace(/\.$/, '')}. ${next}` : sentence,
    resource,
  );
}

/** @returns the first real cause in words, with its logical id, else the stack's own reason */
export function causeOf({ stack, events }: StackEnd): { why: string; resource: string | undefined } {
  const cause = firstCause(events);
  const why = cause
    ? `${cause.logicalId} (${cause.type}): ${cause.reason ?? cause.status}`
    : (stack?.reason ?? 'no reason given');
  return { why, resource: cause?.logicalId };
}

/**
 * What a stack that cannot be updated needs first (CloudFormation User Guide, "Stack status codes").
 * @returns a sentence for the user; undefined for every other status
 */
export function wayOut(status: string): string | undefined {
  if (status === 'UPDATE_ROLLBACK_FAILED') {
    return 'Run "Media Batch: Continue Update Rollback", then deploy again.';
  }
  if (/^(ROLLBACK_(COMPLETE|FAILED)|CREATE_FAILED|DELETE_FAILED)$/.test(status)) {
    return 'It must be deleted first: run "Media Batch: Delete Pipeline", then deploy again.';
  }
  return undefined;
}

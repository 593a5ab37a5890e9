import type { StackEvent, StackService } from '../../core/stack/stack-service.ts';

/**
 * The events of a stack from a certain moment on, each once and oldest first; CloudFormation lists them newest first,
 * in pages.
 */
export class StackEventFeed {
  readonly stackId: string;
  readonly #stacks: StackService;
  readonly #seen = new Set<string>();
  /** oldest first: events from before the first `next` that have not been returned yet */
  #past: readonly StackEvent[] = [];

  private constructor(stackId: string, stacks: StackService) {
    this.stackId = stackId;
    this.#stacks = stacks;
  }

  /** @param stackId the stack whose new events are wanted; its present events are skipped */
  static async open(stackId: string, stacks: StackService, signal?: AbortSignal): Promise<StackEventFeed> {
    const feed = new StackEventFeed(stackId, stacks);
    // The newest page is enough: reading stops at the first event that is known.
    for await (const page of stacks.events(stackId, signal)) {
      for (const event of page) feed.#seen.add(event.id);
      break;
    }
    return feed;
  }

  /** @param stackId the stack whose current or last operation is wanted, from its start */
  static async ofOperation(
    stackId: string,
    stacks: StackService,
    signal?: AbortSignal,
  ): Promise<StackEventFeed> {
    const feed = new StackEventFeed(stackId, stacks);
    const events = await lastOperation(stacks.events(stackId, signal), feed.#seen);
    feed.#past = events.reverse();
    return feed;
  }

  /** @returns the events since the last call, oldest first */
  async next(signal?: AbortSignal): Promise<readonly StackEvent[]> {
    const fresh: StackEvent[] = [];
    for await (const page of this.#stacks.events(this.stackId, signal)) {
      const known = page.findIndex((event) => this.#seen.has(event.id));
      fresh.push(...(known < 0 ? page : page.slice(0, known)));
      if (known >= 0) break;
    }
    for (const event of fresh) this.#seen.add(event.id);
    const past = this.#past;
    this.#past = [];
    return [...past, ...fresh.reverse()];
  }
}

/**
 * The events of the newest operation. They have the token of the newest event, as AWS gives one token to every event of
 * an operation (CloudFormation API, StackEvent). Without tokens they reach back to the stack's own start event.
 * @param seen gets the id of every event that was looked at
 * @returns newest first
 */
async function lastOperation(
  pages: AsyncIterable<readonly StackEvent[]>,
  seen: Set<string>,
): Promise<StackEvent[]> {
  const events: StackEvent[] = [];
  for await (const page of pages) {
    for (const event of page) {
      seen.add(event.id);
      const [newest] = events;
      if (newest && (event.token !== newest.token || isEndOfOperation(event))) return events;
      events.push(event);
      if (isStartOfOperation(event)) return events;
    }
  }
  return events;
}

/**
 * CloudFormation's reason on the first event of an operation that a user requested (User Guide, "View stack events").
 */
function isStartOfOperation({ type, status, reason }: StackEvent): boolean {
  return isOfStack({ type }) && status.endsWith('_IN_PROGRESS') && /user initiated/i.test(reason ?? '');
}

function isEndOfOperation({ type, status }: StackEvent): boolean {
  return isOfStack({ type }) && !status.endsWith('_IN_PROGRESS');
}

function isOfStack({ type }: Pick<StackEvent, 'type'>): boolean {
  return type === 'AWS::CloudFormation::Stack';
}

/**
 * The first real cause of a failed operation: a failed resource with a reason of its own, not one that was only
 * cancelled afterwards ("Resource creation cancelled").
 * @param events oldest first
 */
export function firstCause(events: readonly StackEvent[]): StackEvent | undefined {
  const failed = failures(events);
  return failed.find(isOwnFault) ?? failed[0];
}

/**
 * Tells a rollback that a user requested from one that a failure caused.
 * @returns true when every resource that failed was only cancelled
 */
export function isCancelled(events: readonly StackEvent[]): boolean {
  return !failures(events).some(isOwnFault);
}

function failures(events: readonly StackEvent[]): StackEvent[] {
  return events.filter((event) => event.status.endsWith('_FAILED') && !isOfStack(event));
}

/** Only CloudFormation's own sentence counts, because a real reason may quote a name with "cancelled" in it. */
function isOwnFault({ reason }: StackEvent): boolean {
  return !/^resource \w+ cancelled\b/i.test(reason ?? '');
}

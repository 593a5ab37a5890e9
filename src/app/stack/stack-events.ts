import type { StackEvent, StackService } from '../../core/stack/stack-service.ts';

/**
 * The events of a stack from a moment on, each once and oldest first; CloudFormation lists them newest first,
 * in pages.
 */
export class StackEventFeed {
  readonly stackId: string;
  readonly #stacks: StackService;
  readonly #seen = new Set<string>();
  /** oldest first: what has happened before the first `next` and is still to be handed out */
  #past: readonly StackEvent[] = [];

  private constructor(stackId: string, stacks: StackService) {
    this.stackId = stackId;
    this.#stacks = stacks;
  }

  /** @param stackId the stack whose future events are wanted; what it has by now is passed over */
  static async open(stackId: string, stacks: StackService, signal?: AbortSignal): Promise<StackEventFeed> {
    const feed = new StackEventFeed(stackId, stacks);
    // The newest page is enough: reading stops at the first event that is known.
    for await (const page of stacks.events(stackId, signal)) {
      for (const event of page) feed.#seen.add(event.id);
      break;
    }
    return feed;
  }

  /** @param stackId the stack whose present, or last, operation is wanted from its start */
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
 * The newest events that belong together: those with the newest one's token, which AWS gives to every event of an
 * operation (CloudFormation API, StackEvent), or without tokens those back to the stack's own start event.
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

/** CloudFormation's reason for the first event of what a person asked for (User Guide, "View stack events"). */
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
 * The first real cause of a failed operation: a failed resource whose reason is its own, not the cascade's
 * ("Resource creation cancelled").
 * @param events oldest first
 */
export function firstCause(events: readonly StackEvent[]): StackEvent | undefined {
  const failed = failures(events);
  return failed.find(isOwnFault) ?? failed[0];
}

/**
 * Tells a rollback that somebody asked for from one that a failure brought about.
 * @returns true when every resource that failed was only cancelled
 */
export function isCancelled(events: readonly StackEvent[]): boolean {
  return !failures(events).some(isOwnFault);
}

function failures(events: readonly StackEvent[]): StackEvent[] {
  return events.filter((event) => event.status.endsWith('_FAILED') && !isOfStack(event));
}

function isOwnFault({ reason }: StackEvent): boolean {
  return !/cancelled/i.test(reason ?? '');
}

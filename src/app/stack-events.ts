import type { StackEvent, StackService } from '../core/ports.ts';

/**
 * The events of a stack from a moment on, each once and oldest first; CloudFormation lists them newest first,
 * in pages.
 */
export class StackEventFeed {
  readonly stackId: string;
  readonly #stacks: StackService;
  readonly #seen = new Set<string>();

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

  /** @returns the events since the last call, oldest first */
  async next(signal?: AbortSignal): Promise<readonly StackEvent[]> {
    const fresh: StackEvent[] = [];
    for await (const page of this.#stacks.events(this.stackId, signal)) {
      const known = page.findIndex((event) => this.#seen.has(event.id));
      fresh.push(...(known < 0 ? page : page.slice(0, known)));
      if (known >= 0) break;
    }
    for (const event of fresh) this.#seen.add(event.id);
    return fresh.reverse();
  }
}

/**
 * The first real cause of a failed operation: a failed resource whose reason is its own, not the cascade's
 * ("Resource creation cancelled").
 * @param events oldest first
 */
export function firstCause(events: readonly StackEvent[]): StackEvent | undefined {
  const failed = events.filter(
    (event) => event.status.endsWith('_FAILED') && event.type !== 'AWS::CloudFormation::Stack',
  );
  return failed.find((event) => !/cancelled/i.test(event.reason ?? '')) ?? failed[0];
}

import { zeroCounts } from '../../src/core/batch/batch.ts';
import type { BatchFile } from '../../src/core/files/batch-file.ts';
import type { Ledger } from '../../src/core/batch/ledger.ts';
import { s3Uri } from '../../src/core/files/s3-location.ts';
import { STATUSES, type ResultItem, type Status } from '../../src/core/batch/result-item.ts';
import { transition, type ItemEvent, type Transition } from '../../src/core/batch/transitions.ts';

/** The results table in memory: items by file and batch, and counts that change only by the two steps of a transition. */
export class MemoryLedger implements Ledger {
  readonly items = new Map<string, ResultItem>();
  readonly counts: Record<Status, number> = zeroCounts();
  readonly events: ItemEvent[] = [];
  /** runs before a write; may throw, like a table that cannot be written */
  beforeWrite: (event: ItemEvent) => void = () => undefined;
  /** runs after a write; may throw, like a call whose answer is lost */
  afterWrite: (event: ItemEvent) => void = () => undefined;
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  async apply(file: BatchFile, event: ItemEvent): Promise<Transition> {
    this.events.push(event);
    const id = `${file.batch} ${s3Uri(file)}`;
    const item = this.items.get(id);
    const answer = transition(item, file, event, this.#now());
    if (!answer.next) return answer;
    this.beforeWrite(event);
    this.items.set(id, answer.next);
    if (item?.status !== answer.next.status) {
      this.counts[answer.next.status] += 1;
      if (item) this.counts[item.status] -= 1;
    }
    this.afterWrite(event);
    return answer;
  }

  /** @returns the only item */
  get only(): ResultItem {
    const [item] = this.items.values();
    if (!item || this.items.size !== 1) throw new Error(`there are ${this.items.size} items`);
    return item;
  }

  /** @returns the counts as the items say them */
  recount(): Record<Status, number> {
    const counts = zeroCounts();
    for (const { status } of this.items.values()) counts[status] += 1;
    return counts;
  }
}

/** @returns true when no count is below zero */
export function noneNegative(counts: Record<Status, number>): boolean {
  return STATUSES.every((status) => counts[status] >= 0);
}

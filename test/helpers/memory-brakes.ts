import { ASKED_FOR } from '../../src/app/batch/stop-batch.ts';
import type { BatchBrakes } from '../../src/core/batch/batch-brakes.ts';
import { BRAKE_AFTER, causeOf, type BatchBrake, type Hold } from '../../src/core/batch/brake.ts';
import { DEFAULT_BATCH } from '../../src/core/batch/queue-message.ts';
import type { BatchFile } from '../../src/core/files/batch-file.ts';

export const NO_BRAKE: BatchBrake = { disarmed: [] };

/** What stops each batch, in memory, by the rules of the results table. */
export class MemoryBrakes implements BatchBrakes {
  /** runs when a batch becomes held */
  held: (batch: string) => void = () => undefined;
  readonly #now: () => number;
  readonly #brakes = new Map<string, BatchBrake>();

  constructor(now: () => number) {
    this.#now = now;
  }

  of(batch: string): BatchBrake {
    return this.#brakes.get(batch) ?? NO_BRAKE;
  }

  set(batch: string, change: Partial<BatchBrake>): void {
    this.#brakes.set(batch, { ...this.of(batch), ...change });
  }

  /** The user cancels a batch. */
  cancel(batch: string): void {
    this.set(batch, { cancelled: { at: new Date(this.#now()).toISOString(), by: 'operator' } });
  }

  /** The user resumes a batch, having seen why it was held. */
  free(batch: string): void {
    const { hold, disarmed } = this.of(batch);
    const seen = hold && hold.cause !== ASKED_FOR ? [...disarmed, hold.cause] : disarmed;
    this.set(batch, { hold: undefined, streak: undefined, disarmed: seen });
  }

  async hold(batch: string, { cause, reason }: Pick<Hold, 'cause' | 'reason'>): Promise<void> {
    const { hold, disarmed } = this.of(batch);
    if (hold || disarmed.includes(cause)) return;
    const at = new Date(this.#now()).toISOString();
    this.set(batch, { hold: { cause, reason, at, by: 'consumer' }, streak: undefined });
    this.held(batch);
  }

  async failed(file: BatchFile, reason: string): Promise<number> {
    const cause = causeOf(reason, file);
    const { streak } = this.of(file.batch);
    const count = streak?.cause === cause ? streak.count + 1 : 1;
    this.set(file.batch, { streak: { cause, count } });
    if (count >= BRAKE_AFTER && file.batch === DEFAULT_BATCH) this.set(file.batch, { streak: undefined });
    else if (count >= BRAKE_AFTER) await this.hold(file.batch, { cause, reason });
    return count;
  }

  async succeeded(batch: string): Promise<void> {
    this.set(batch, { streak: undefined });
  }
}

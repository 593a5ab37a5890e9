import { setTimeout as sleep } from 'node:timers/promises';
import { MediaBatchError } from '../../core/errors.ts';
import type { OutgoingMessage, QueueService, SendFailure } from '../../core/batch/queue-service.ts';
import { pauseAfter, type Patience } from './patience.ts';

/**
 * SQS takes 10 messages a call; at about 2.5 kB each they never reach the 1 MiB limit of a call (SQS API,
 * SendMessageBatch).
 */
const BATCH = 10;
/**
 * Calls under way at once: a connection does about 1/latency calls a second (SQS Developer Guide, "Horizontal scaling"),
 * so that 64 send 6,400 files a second at 100 ms. Threads have 16 more ready for theirs.
 */
const CALLS = 80;
/** Entries that SQS could not take are sent up to this many times, each time after a longer pause: about 5 s together. */
const TRIES = 8;
/** The longest pause after the first try, ms: their page stays open for so long, and only some pages may. */
const PAUSE = 50;

/** What waits for a call is enough for two rounds of them; more would only take memory. */
const ENOUGH = 2 * CALLS * BATCH;

interface Entry {
  readonly message: OutgoingMessage;
  readonly group: { left: number; readonly onSent: () => void };
  tries: number;
}

export interface PoolParts {
  readonly queueUrl: string;
  readonly queues: Pick<QueueService, 'send'>;
  readonly patience: Patience;
  readonly signal?: AbortSignal | undefined;
  /** called when calls have ended: `isFull` may have changed */
  readonly onRoom?: () => void;
}

/**
 * Sends messages ten at a time, whatever groups they come in, and several tens at once. SQS may answer HTTP 200 and name
 * failed entries; those go with the next ten after a pause. It ends with the first failure.
 */
export class SendPool {
  readonly #parts: PoolParts;
  readonly #end = Promise.withResolvers<undefined>();
  readonly #control = new AbortController();
  readonly #signal: AbortSignal;
  #waiting: Entry[] = [];
  #calls = 0;
  /** entries that wait for their next try */
  #pausing = 0;
  /** what waits need not become a full ten */
  #rush = false;
  #ended = false;

  constructor(parts: PoolParts) {
    this.#parts = parts;
    const own = this.#control.signal;
    this.#signal = parts.signal ? AbortSignal.any([parts.signal, own]) : own;
    this.#signal.addEventListener('abort', () => {
      this.#fail(this.#signal.reason);
    });
    // Raised again by `end`, and by `failed`.
    this.#end.promise.catch(() => undefined);
    if (this.#signal.aborted) this.#fail(this.#signal.reason);
  }

  /** Rejects with the first failure, also while nobody waits for the end. */
  get done(): Promise<undefined> {
    return this.#end.promise;
  }

  /** true: nothing more need be added now */
  get isFull(): boolean {
    return this.#waiting.length >= ENOUGH;
  }

  /** @param onSent called when SQS has confirmed all of them; at once where there are none */
  add(messages: readonly OutgoingMessage[], onSent: () => void): void {
    if (messages.length === 0) {
      onSent();
      return;
    }
    const group = { left: messages.length, onSent };
    for (const message of messages) this.#waiting.push({ message, group, tries: 1 });
    this.#rush = false;
    this.#pump();
  }

  /** Sends what waits now, also where that is no full ten. */
  flush(): void {
    this.#rush = true;
    this.#pump();
  }

  /** Nothing is added any more. @throws MediaBatchError `aws` with SQS's own words for a refused entry; AwsError */
  async end(): Promise<void> {
    this.#ended = true;
    this.flush();
    await this.done;
  }

  #pump(): void {
    if (this.#signal.aborted) return;
    while (this.#calls < CALLS && this.#waiting.length >= (this.#rush ? 1 : BATCH)) {
      void this.#send(this.#waiting.splice(0, BATCH));
    }
    if (this.#ended && this.#calls + this.#pausing + this.#waiting.length === 0) this.#end.resolve(undefined);
  }

  async #send(ten: readonly Entry[]): Promise<void> {
    const { queueUrl, queues, patience } = this.#parts;
    const messages = ten.map(({ message }) => message);
    this.#calls += 1;
    try {
      const failures = await patience.call(() => queues.send(queueUrl, messages, this.#signal), this.#signal);
      this.#settle(ten, failures);
      this.#calls -= 1;
      this.#pump();
      this.#parts.onRoom?.();
    } catch (error) {
      this.#fail(error);
    }
  }

  #settle(ten: readonly Entry[], failures: readonly SendFailure[]): void {
    const failed = new Set(failures.flatMap(({ index }) => ten[index] ?? []));
    for (const entry of ten) {
      if (failed.has(entry)) continue;
      entry.group.left -= 1;
      if (entry.group.left === 0) entry.group.onSent();
    }
    const refused = failures.find(({ senderFault, index }) => senderFault || ten[index]?.tries === TRIES);
    if (refused) throw refusal(refused);
    if (failed.size > 0) void this.#later([...failed]);
  }

  /** Failed entries go first, once their pause is over. */
  async #later(entries: readonly Entry[]): Promise<void> {
    this.#pausing += entries.length;
    const tries = Math.max(...entries.map((entry) => entry.tries));
    for (const entry of entries) entry.tries += 1;
    try {
      await sleep(pauseAfter(tries, PAUSE), undefined, { signal: this.#signal });
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#pausing -= entries.length;
    this.#waiting.unshift(...entries);
    this.#pump();
  }

  #fail(error: unknown): void {
    this.#end.reject(error);
    this.#waiting = [];
    this.#control.abort(error);
  }
}

function refusal({ code, message }: SendFailure): MediaBatchError {
  return new MediaBatchError('aws', `SQS did not take a message (${code}: ${message}).`);
}

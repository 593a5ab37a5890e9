import { NoBackground } from '../core/background.ts';
import type { QueueService, SendFailure } from '../core/batch/queue-service.ts';
import type { AwsClients } from './connection.ts';
import { SqsQueueService } from './queue-service.ts';
import { SENDS, type SendErrand } from './send-work.ts';
import type { WorkerBackground } from './worker-background.ts';

/** So many sends, of 10 files each, are worth another thread: a call takes 0.5 ms of CPU or more. */
const MANY = 50;
/** Sends under way at once in this thread, which also lists; with those of the other one, they take 64 connections. */
const HERE = 24;
/**
 * Sends that the other thread has at once. Some wait there for others to end, so that no connection waits for this thread,
 * which may be busy. Together they are what an enqueue has at once (`CALLS` of its pool).
 */
const THERE = SENDS + 16;

/** Shares its sends with another thread where there are many. */
export class SharedQueueService extends SqsQueueService {
  readonly #other: WorkerBackground;
  readonly #waiting: (() => void)[] = [];
  #sends = 0;
  #here = 0;
  #there = 0;

  constructor(clients: AwsClients, other: WorkerBackground) {
    super(clients);
    this.#other = other;
  }

  override async send(...request: Parameters<QueueService['send']>): Promise<readonly SendFailure[]> {
    const [queueUrl, messages, signal] = request;
    this.#sends += 1;
    if (this.#sends === MANY) this.#start();
    while (!this.#hasRoomThere && !this.#hasRoomHere) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    if (signal?.aborted) {
      // Who is not called off waits for the same place.
      this.#waiting.shift()?.();
      throw signal.reason;
    }
    if (this.#hasRoomThere) {
      const failures = await this.#sendThere({ queueUrl, messages }, signal);
      if (failures) return failures;
    }
    this.#here += 1;
    try {
      return await super.send(...request);
    } finally {
      this.#here -= 1;
      this.#waiting.shift()?.();
    }
  }

  get #hasRoomHere(): boolean {
    return this.#here < HERE || !this.#other.isUsable;
  }

  get #hasRoomThere(): boolean {
    return this.#there < THERE && this.#other.isUsable && this.#other.hasAnswered;
  }

  /** Nothing waits for a thread that starts. */
  #start(): void {
    const wake = (): void => {
      for (const resume of this.#waiting.splice(0)) resume();
    };
    this.#other.run('start', undefined, {}).then(wake, wake);
  }

  /** @returns undefined where there is no other thread any more */
  async #sendThere(
    errand: SendErrand,
    signal: AbortSignal | undefined,
  ): Promise<readonly SendFailure[] | undefined> {
    this.#there += 1;
    try {
      // The work of this name has this result.
      return (await this.#other.run('send', errand, { signal })) as readonly SendFailure[];
    } catch (error) {
      if (error instanceof NoBackground) return undefined;
      throw error;
    } finally {
      this.#there -= 1;
      this.#waiting.shift()?.();
    }
  }
}

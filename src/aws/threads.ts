import { Worker } from 'node:worker_threads';
import { MediaBatchError } from '../core/errors.ts';
import type { SdkCredentials } from './credentials/sdk-credentials.ts';
import {
  receivedError,
  sentError,
  type FromThread,
  type ThreadCall,
  type ThreadData,
  type ToThread,
} from './thread-messages.ts';

/** An SDK call takes 0.9 ms of CPU, so a thread makes about 1,100 a second; two send 20,000 files a second. */
const THREADS = 2;
/** Of each thread, MB: what a million files need. Less room for the young costs a tenth of the time, more of it only memory. */
const LIMITS = { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 8 };
/** Threads that had nothing to do for so long are ended, ms. */
const IDLE_MS = 10_000;

export interface ThreadsParts {
  /** the code of a thread */
  readonly file: string;
  readonly data: ThreadData;
  readonly credentials: () => Promise<SdkCredentials>;
}

interface OpenCall {
  readonly onPage: (objects: FromThread & { kind: 'page' }) => void;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

interface Thread {
  readonly worker: Worker;
  readonly calls: Map<number, OpenCall>;
}

/** There are no threads, or one has ended: what was asked of it must be done elsewhere. */
export class NoThread extends MediaBatchError {
  constructor(cause: unknown) {
    super('aws', 'A worker thread has ended.', { cause });
  }
}

/** The worker threads of a connection. One starts when a call meets none without one; they end when they have nothing to do. */
export class Threads {
  readonly #parts: ThreadsParts;
  #threads: Thread[] = [];
  #serial = 0;
  #isUsable = true;
  #hasAnswered = false;
  #idle: NodeJS.Timeout | undefined;

  constructor(parts: ThreadsParts) {
    this.#parts = parts;
  }

  /** whether they run now */
  get areOpen(): boolean {
    return this.#threads.length > 0;
  }

  /** false: there are none here */
  get isUsable(): boolean {
    return this.#isUsable;
  }

  /** whether AWS has ever answered one of them */
  get hasAnswered(): boolean {
    return this.#hasAnswered;
  }

  /** Makes a call in the thread with the fewest. @throws NoThread; the call's own error; the signal's reason */
  async call(call: ThreadCall, signal?: AbortSignal, onPage: OpenCall['onPage'] = () => undefined) {
    signal?.throwIfAborted();
    const thread = this.#leastBusy();
    const id = (this.#serial += 1);
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const cancel = (): void => {
      post(thread, { kind: 'cancel', id });
      reject(signal?.reason);
    };
    thread.calls.set(id, { onPage, resolve, reject });
    signal?.addEventListener('abort', cancel);
    clearTimeout(this.#idle);
    try {
      thread.worker.ref();
      post(thread, { kind: 'call', id, call });
      return await promise;
    } finally {
      signal?.removeEventListener('abort', cancel);
      thread.calls.delete(id);
      // A process may end while its threads have nothing to do.
      if (thread.calls.size === 0) thread.worker.unref();
      if (this.#threads.every(({ calls }) => calls.size === 0)) {
        this.#idle = setTimeout(() => {
          this.end();
        }, IDLE_MS).unref();
      }
    }
  }

  /** Lets a thread send another page. */
  more({ id }: { readonly id: number }): void {
    const thread = this.#threads.find(({ calls }) => calls.has(id));
    if (thread) post(thread, { kind: 'more', id });
  }

  /** From now on there are none. */
  giveUp(): void {
    this.#isUsable = false;
    this.end();
  }

  /** Ends the threads; the next call starts others. */
  end(): void {
    clearTimeout(this.#idle);
    const threads = this.#threads;
    this.#threads = [];
    for (const thread of threads) {
      for (const { reject } of thread.calls.values()) reject(new NoThread(undefined));
      void thread.worker.terminate();
    }
  }

  #leastBusy(): Thread {
    try {
      const isBusy = this.#threads.every(({ calls }) => calls.size > 0);
      if (isBusy && this.#threads.length < THREADS) this.#threads.push(this.#start());
    } catch (error) {
      this.giveUp();
      throw new NoThread(error);
    }
    const [first, ...others] = this.#threads;
    if (!first) throw new NoThread(undefined);
    return others.reduce((least, thread) => (thread.calls.size < least.calls.size ? thread : least), first);
  }

  #start(): Thread {
    const { file, data } = this.#parts;
    const worker = new Worker(file, { workerData: data, resourceLimits: LIMITS });
    const thread: Thread = { worker, calls: new Map() };
    const lost = (cause: unknown): void => {
      if (!this.#threads.includes(thread)) return;
      for (const { reject } of thread.calls.values()) reject(new NoThread(cause));
      this.giveUp();
    };
    worker.on('error', lost);
    worker.on('exit', lost);
    worker.on('message', (message: FromThread) => {
      this.#receive(thread, message);
    });
    worker.unref();
    return thread;
  }

  #receive(thread: Thread, message: FromThread): void {
    const { kind, id } = message;
    if (kind === 'page' || kind === 'answer') this.#hasAnswered = true;
    if (kind === 'credentials') void this.#sendCredentials(thread, id);
    else if (kind === 'page') thread.calls.get(id)?.onPage(message);
    else if (kind === 'answer') thread.calls.get(id)?.resolve(message.value);
    else thread.calls.get(id)?.reject(receivedError(message.error));
  }

  async #sendCredentials(thread: Thread, id: number): Promise<void> {
    try {
      post(thread, { kind: 'credentials', id, credentials: await this.#parts.credentials() });
    } catch (error) {
      post(thread, { kind: 'no-credentials', id, error: sentError(error) });
    }
  }
}

function post({ worker }: Thread, message: ToThread): void {
  worker.postMessage(message);
}

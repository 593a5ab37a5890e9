import { ReadableStream } from 'node:stream/web';
import { Worker, type ResourceLimits } from 'node:worker_threads';
import { NoBackground, type Background, type BackgroundCaller } from '../core/background.ts';
import { receivedError, sentError } from '../core/sent-error.ts';
import type { SdkCredentials } from './credentials/sdk-credentials.ts';
import { CREDENTIALS, type FromThread, type ThreadData, type ToThread } from './thread-messages.ts';

/** A thread that had nothing to do for so long is ended, ms: after a count of the files, its user reads what it says. */
const IDLE_MS = 60_000;

/** Of every thread, MB, and V8's smallest: twice as much takes 2 MB a thread and saves no time. */
const YOUNG_MB = 3;

export interface WorkerParts {
  /** the code of the thread */
  readonly file: string;
  readonly data: ThreadData;
  readonly credentials: () => Promise<SdkCredentials>;
  readonly limits: Pick<ResourceLimits, 'maxOldGenerationSizeMb'>;
  /** called when the thread ends before its work does, or cannot start */
  readonly onLost?: ((cause: unknown) => void) | undefined;
}

interface OpenRun {
  readonly caller: BackgroundCaller;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** A worker thread of a connection. It starts with its first work and ends when it has none. */
export class WorkerBackground implements Background {
  readonly #parts: WorkerParts;
  readonly #runs = new Map<number, OpenRun>();
  #worker: Worker | undefined;
  #serial = 0;
  #isUsable = true;
  #hasAnswered = false;
  #idle: NodeJS.Timeout | undefined;

  constructor(parts: WorkerParts) {
    this.#parts = parts;
  }

  get isUsable(): boolean {
    return this.#isUsable;
  }

  get hasAnswered(): boolean {
    return this.#hasAnswered;
  }

  async run(name: string, request: unknown, caller: BackgroundCaller): Promise<unknown> {
    const { signal } = caller;
    signal?.throwIfAborted();
    const worker = this.#open();
    const id = (this.#serial += 1);
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const cancel = (): void => {
      post(worker, { kind: 'cancel', id });
    };
    this.#runs.set(id, { caller, resolve, reject });
    signal?.addEventListener('abort', cancel);
    clearTimeout(this.#idle);
    try {
      worker.ref();
      post(worker, { kind: 'run', id, name, request });
      return await promise;
    } catch (error) {
      // The thread knows only that it was cancelled.
      if (!(error instanceof NoBackground)) signal?.throwIfAborted();
      throw error;
    } finally {
      signal?.removeEventListener('abort', cancel);
      this.#runs.delete(id);
      if (this.#runs.size === 0) this.#rest(worker);
    }
  }

  giveUp(): void {
    this.#isUsable = false;
    this.#end(undefined);
  }

  #open(): Worker {
    if (this.#worker) return this.#worker;
    if (!this.#isUsable) throw new NoBackground(undefined);
    const { file, data, limits } = this.#parts;
    let worker: Worker;
    try {
      const resourceLimits = { ...limits, maxYoungGenerationSizeMb: YOUNG_MB };
      worker = new Worker(file, { workerData: data, resourceLimits });
    } catch (error) {
      this.#isUsable = false;
      this.#parts.onLost?.(error);
      throw new NoBackground(error);
    }
    const lost = (cause: unknown): void => {
      if (this.#worker !== worker) return;
      this.#isUsable = false;
      this.#parts.onLost?.(cause);
      this.#end(cause);
    };
    worker.on('error', lost);
    worker.on('exit', lost);
    worker.on('message', (message: FromThread) => {
      this.#receive(worker, message);
    });
    return (this.#worker = worker);
  }

  /** A process may end while its threads have nothing to do. */
  #rest(worker: Worker): void {
    worker.unref();
    this.#idle = setTimeout(() => {
      this.#end(undefined);
    }, IDLE_MS).unref();
  }

  #end(cause: unknown): void {
    clearTimeout(this.#idle);
    const worker = this.#worker;
    this.#worker = undefined;
    for (const { reject } of this.#runs.values()) reject(new NoBackground(cause));
    void worker?.terminate();
  }

  #receive(worker: Worker, message: FromThread): void {
    const { kind, id } = message;
    if (kind === 'question') {
      void this.#answer(worker, message);
      return;
    }
    const run = this.#runs.get(id);
    if (kind === 'failure') {
      run?.reject(receivedError(message.error));
      return;
    }
    this.#hasAnswered = true;
    if (kind === 'result') {
      run?.resolve(message.value);
      return;
    }
    try {
      run?.caller.onEvent?.(message.value);
    } catch (error) {
      post(worker, { kind: 'cancel', id });
      run?.reject(error);
    }
  }

  async #answer(
    worker: Worker,
    { id, run, name, value }: FromThread & { readonly kind: 'question' },
  ): Promise<void> {
    const { credentials } = this.#parts;
    try {
      const answers =
        run === undefined ? { [CREDENTIALS]: credentials } : this.#runs.get(run)?.caller.answers;
      const answer = answers?.[name];
      if (!answer) throw new TypeError(`There is no answer to "${name}".`);
      const given = await answer(value);
      const moved = given instanceof ReadableStream ? [given] : [];
      worker.postMessage({ kind: 'answer', id, value: given } satisfies ToThread, moved);
    } catch (error) {
      post(worker, { kind: 'no-answer', id, error: sentError(error) });
    }
  }
}

function post(worker: Worker, message: ToThread): void {
  worker.postMessage(message);
}

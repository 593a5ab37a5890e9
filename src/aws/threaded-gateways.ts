import type { BatchStore } from '../core/batch/batch-store.ts';
import type { QueueService } from '../core/batch/queue-service.ts';
import { AwsError } from '../core/errors.ts';
import type { BucketStore, S3Object } from '../core/files/bucket-store.ts';
import { DynamoBatchStore } from './batch-store.ts';
import { S3BucketStore } from './bucket-store.ts';
import type { AwsClients } from './connection.ts';
import { SqsQueueService } from './queue-service.ts';
import type { ThreadCall } from './thread-messages.ts';
import { NoThread, type Threads } from './threads.ts';

/** So many sends at once are worth starting threads; while a listing has them open, each send is made in one. */
const MANY = 8;

/** What a call in this thread may do better: VS Code sends its own through the user's proxy and trusts his certificates. */
const HERE_INSTEAD: readonly string[] = ['unreachable', 'untrusted-certificate'];

/** @returns the answer of a thread; where there are no threads, or AWS never answered them, that of `here` */
async function inThread<Result>(
  threads: Threads,
  call: ThreadCall,
  here: () => Promise<Result>,
  signal: AbortSignal | undefined,
): Promise<Result> {
  if (!threads.isUsable) return here();
  try {
    // The thread calls the method of this name.
    return (await threads.call(call, signal)) as Result;
  } catch (error) {
    if (!mayWorkHere(threads, error)) throw error;
    const result = await here();
    threads.giveUp();
    return result;
  }
}

function mayWorkHere(threads: Threads, error: unknown): boolean {
  if (error instanceof NoThread) return true;
  return error instanceof AwsError && HERE_INSTEAD.includes(error.code) && !threads.hasAnswered;
}

/** Lists buckets in a thread: to parse a page of 1,000 keys takes about 30 ms. */
export class ThreadedBucketStore extends S3BucketStore {
  readonly #threads: Threads;

  constructor(clients: AwsClients, threads: Threads) {
    super(clients);
    this.#threads = threads;
  }

  override async *pages(
    query: Parameters<BucketStore['pages']>[0],
    signal?: AbortSignal,
  ): AsyncIterable<readonly S3Object[]> {
    let { startAfter } = query;
    if (this.#threads.isUsable) {
      try {
        for await (const page of pagesOf(this.#threads, query, signal)) {
          startAfter = page.findLast(({ key }) => key !== '')?.key ?? startAfter;
          yield page;
        }
        return;
      } catch (error) {
        if (!mayWorkHere(this.#threads, error)) throw error;
      }
    }
    for await (const page of super.pages({ ...query, startAfter }, signal)) {
      this.#threads.giveUp();
      yield page;
    }
  }
}

/** Sends in threads where there is much to send. */
export class ThreadedQueueService extends SqsQueueService {
  readonly #threads: Threads;
  #sends = 0;

  constructor(clients: AwsClients, threads: Threads) {
    super(clients);
    this.#threads = threads;
  }

  override async send(...request: Parameters<QueueService['send']>): ReturnType<QueueService['send']> {
    const [queueUrl, messages, signal] = request;
    this.#sends += 1;
    try {
      if (messages.length === 0 || (!this.#threads.areOpen && this.#sends < MANY)) {
        return await super.send(...request);
      }
      const here = () => super.send(...request);
      return await inThread(this.#threads, { name: 'send', request: [queueUrl, messages] }, here, signal);
    } finally {
      this.#sends -= 1;
    }
  }
}

/** Reads long lists of the index in a thread. */
export class ThreadedBatchStore extends DynamoBatchStore {
  readonly #threads: Threads;

  constructor(clients: AwsClients, threads: Threads) {
    super(clients);
    this.#threads = threads;
  }

  override works(...request: Parameters<BatchStore['works']>): ReturnType<BatchStore['works']> {
    const [table, query, page, signal] = request;
    const here = () => super.works(...request);
    return inThread(this.#threads, { name: 'works', request: [table, query, page] }, here, signal);
  }
}

/** The pages that a thread sends; it sends another one for each that is taken. */
async function* pagesOf(
  threads: Threads,
  query: Parameters<BucketStore['pages']>[0],
  signal: AbortSignal | undefined,
): AsyncGenerator<readonly S3Object[]> {
  const control = new AbortController();
  const both = signal ? AbortSignal.any([signal, control.signal]) : control.signal;
  const waiting: { readonly id: number; readonly objects: readonly S3Object[] }[] = [];
  const state = { isOver: false, wake: Promise.withResolvers<undefined>() };
  const done = threads.call({ name: 'pages', request: [query] }, both, (page) => {
    waiting.push(page);
    state.wake.resolve(undefined);
  });
  const over = (): void => {
    state.isOver = true;
    state.wake.resolve(undefined);
  };
  done.then(over, over);
  try {
    for (;;) {
      both.throwIfAborted();
      const page = waiting.shift();
      if (page) {
        threads.more(page);
        yield page.objects;
      } else if (state.isOver) {
        await done;
        return;
      } else {
        await state.wake.promise;
        state.wake = Promise.withResolvers<undefined>();
      }
    }
  } finally {
    control.abort();
  }
}

/** The work that the stand-in has not finished: timers, requests that it is answering, webhooks that it is sending. */
export class OutstandingWork {
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #waiters = new Set<{ resolve: () => void; reject: (reason: unknown) => void }>();
  #begun = 0;
  #closed = false;

  /** Runs `action` after `ms`. Until then it counts as outstanding. After `close` it never runs. */
  after(ms: number, action: () => void): void {
    if (this.#closed) return;
    const timer = setTimeout(() => {
      action();
      this.#timers.delete(timer);
      this.#resolveWhenIdle();
    }, ms);
    this.#timers.add(timer);
  }

  /** Counts a piece of work as outstanding until the returned function is called (once). */
  begin(): () => void {
    this.#begun += 1;
    return () => {
      this.#begun -= 1;
      this.#resolveWhenIdle();
    };
  }

  /** Resolves when no work is outstanding. Rejects with the signal's reason on abort, and with an Error on `close`. */
  async settled(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (this.#isIdle()) return;
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const waiter = {
      resolve: () => {
        resolve(undefined);
      },
      reject,
    };
    const onAbort = () => {
      reject(signal?.reason);
    };
    this.#waiters.add(waiter);
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      await promise;
    } finally {
      this.#waiters.delete(waiter);
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /** Clears all timers and refuses new ones, so that the process can exit. */
  close(): void {
    this.#closed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    for (const waiter of this.#waiters) {
      waiter.reject(new Error('The Ittybit stand-in was closed before its jobs were settled.'));
    }
  }

  #isIdle(): boolean {
    return this.#begun === 0 && this.#timers.size === 0;
  }

  #resolveWhenIdle(): void {
    if (!this.#isIdle()) return;
    for (const waiter of this.#waiters) waiter.resolve();
  }
}

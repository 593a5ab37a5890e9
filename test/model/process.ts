import type { ModelStack } from './model-stack.ts';

/** A fault of AWS as the gateways raise it: not one of our own errors. */
export class AwsFault extends Error {
  override readonly name = 'AwsFault';
}

/**
 * One function, or one person, at work. It stops before each call to AWS or Ittybit until the history lets it go on, so that
 * others may run in between. One that is never let go on again has died there.
 */
export class Process {
  readonly what: string;
  /** the stack that it belongs to, which may be another one than the table's by now */
  readonly stack: ModelStack;
  /** epoch ms at which its function is ended */
  readonly deadlineMs: number;
  /** what was read about dispatch came at this point of the history */
  readAt = 0;
  /** the same of what was read about each batch */
  readonly readOrders = new Map<string, number>();
  isOver = false;
  /** an error that is no fault of the world's */
  failure: Error | undefined;
  /** when the message was redriven that a consumer works on; undefined for any other message */
  redrivenMs: number | undefined;
  /** it repeats what another one may have sent, under the same reference */
  isRepeating = false;
  #gates: (() => void)[] = [];
  #left = 0;
  #fault = 0;
  #stopped: () => void = () => undefined;

  constructor(what: string, deadlineMs: number, stack: ModelStack) {
    this.what = what;
    this.stack = stack;
    this.deadlineMs = deadlineMs;
  }

  /** Runs a body up to its first call. */
  async begin(body: (self: Process) => Promise<void>): Promise<void> {
    const stopped = this.#untilStopped();
    void this.#run(body);
    await stopped;
  }

  /**
   * Goes on up to the call after so many others.
   * @param fault 0 to 99, for the first call; each call after it gets another one
   */
  async go(calls: number, fault: number): Promise<void> {
    this.#left = calls;
    this.#fault = fault;
    const stopped = this.#untilStopped();
    for (const open of this.#gates.splice(0)) open();
    await stopped;
  }

  /** To be awaited before each call. @returns the call's fault */
  async call(): Promise<number> {
    if (this.#left <= 0) {
      await new Promise<void>((resolve) => {
        this.#gates.push(resolve);
        this.#stopped();
      });
    }
    this.#left -= 1;
    const fault = this.#fault;
    this.#fault = (fault + 37) % 100;
    return fault;
  }

  async #run(body: (self: Process) => Promise<void>): Promise<void> {
    try {
      await body(this);
    } catch (error) {
      if (!(error instanceof AwsFault))
        this.failure = error instanceof Error ? error : new Error(String(error));
    }
    this.isOver = true;
    this.#stopped();
  }

  #untilStopped(): Promise<void> {
    return new Promise((resolve) => {
      this.#stopped = resolve;
    });
  }
}

import { ENQUEUE_WORK } from '../../src/app/batch/enqueue-work.ts';
import type { EnqueueServices } from '../../src/app/batch/enqueue-services.ts';
import { NoBackground, type Background, type BackgroundCaller } from '../../src/core/background.ts';
import { receivedError, sentError } from '../../src/core/sent-error.ts';

/** Does the work of a worker thread in this one; all that goes in and out is cloned, as messages are. */
export class FakeBackground implements Background {
  isUsable = true;
  hasAnswered = false;
  /** the work that it was asked for */
  readonly runs: string[] = [];
  /** runs before the caller hears of an event; it may end the work as a thread ends */
  beforeEvent: (event: unknown) => void = () => undefined;
  readonly #services: EnqueueServices;

  constructor(services: EnqueueServices) {
    this.#services = services;
  }

  async run(name: string, request: unknown, caller: BackgroundCaller): Promise<unknown> {
    this.runs.push(name);
    const control = new AbortController();
    caller.signal?.addEventListener('abort', () => {
      control.abort();
    });
    const lost = Promise.withResolvers<never>();
    const tell = (event: unknown): void => {
      try {
        this.beforeEvent(event);
      } catch (error) {
        this.isUsable = !(error instanceof NoBackground);
        control.abort();
        lost.reject(error);
      }
      if (control.signal.aborted) return;
      this.hasAnswered = true;
      caller.onEvent?.(structuredClone(event));
    };
    const ask = async (question: string, about?: unknown): Promise<unknown> =>
      caller.answers?.[question]?.(structuredClone(about));
    const context = { signal: control.signal, tell, ask };
    const work = ENQUEUE_WORK[name]?.(structuredClone(request) as never, this.#services, context);
    const ended = Promise.resolve(work).catch((error: unknown) => {
      caller.signal?.throwIfAborted();
      throw receivedError(structuredClone(sentError(error)));
    });
    ended.catch(() => undefined);
    return structuredClone(await Promise.race([ended, lost.promise]));
  }

  giveUp(): void {
    this.isUsable = false;
  }
}

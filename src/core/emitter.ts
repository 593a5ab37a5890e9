import type { Disposable } from './lifetime.ts';

/**
 * One kind of event, and who hears of it. Listeners are told in the order in which they came. One that comes during an
 * event hears the next one; one that leaves during an event is not told any more.
 */
export class Emitter<Event = void> implements Disposable {
  /** each subscription is an object of its own, as one function may listen twice */
  readonly #listeners = new Set<{ readonly tell: (event: Event) => void }>();

  /** @returns ends the subscription */
  on(listener: (event: Event) => void): Disposable {
    const subscription = { tell: listener };
    this.#listeners.add(subscription);
    return { dispose: () => this.#listeners.delete(subscription) };
  }

  /**
   * Tells all listeners, also after one of them has failed.
   * @throws what a listener threw, after all were told; an AggregateError where several did
   */
  emit(event: Event): void {
    const errors: unknown[] = [];
    for (const subscription of [...this.#listeners]) {
      if (!this.#listeners.has(subscription)) continue;
      try {
        subscription.tell(event);
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length === 1) throw errors[0];
    if (errors.length > 1) throw new AggregateError(errors, 'Several listeners failed.');
  }

  /** Ends every subscription. */
  dispose(): void {
    this.#listeners.clear();
  }
}

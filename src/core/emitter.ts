import type { Disposable } from './lifetime.ts';

/**
 * One kind of event and its listeners, which are called in the order of their subscription. A listener that is added
 * during an event gets the next one. A listener that is removed during an event is not called any more.
 */
export class Emitter<Event = void> implements Disposable {
  /** each subscription is its own object, because one function may subscribe twice */
  readonly #listeners = new Set<{ readonly tell: (event: Event) => void }>();

  /** @returns an object that ends the subscription */
  on(listener: (event: Event) => void): Disposable {
    const subscription = { tell: listener };
    this.#listeners.add(subscription);
    return { dispose: () => this.#listeners.delete(subscription) };
  }

  /**
   * Calls all listeners, even after one of them has failed.
   * @throws what a listener threw, after all were called; an AggregateError where several threw
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

/** What has to be let go of; the editor's disposables fit too. */
export interface Disposable {
  dispose(): unknown;
}

/** Owns disposables and lets go of them in reverse order, as what came later may need what came before. */
export class Lifetime implements Disposable {
  #owned: Disposable[] = [];
  #ended = false;

  /** @returns the same disposable; it is disposed at once when this lifetime is over already */
  use<Owned extends Disposable>(owned: Owned): Owned {
    if (this.#ended) owned.dispose();
    else this.#owned.push(owned);
    return owned;
  }

  /**
   * Disposes of everything that is owned; a second call does nothing.
   * @throws AggregateError with what the disposables threw, after all of them had their turn
   */
  dispose(): void {
    this.#ended = true;
    const errors: unknown[] = [];
    for (let owned = this.#owned.pop(); owned; owned = this.#owned.pop()) {
      try {
        owned.dispose();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, 'Not everything could be closed.');
  }
}

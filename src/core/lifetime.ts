/** Something that must be disposed of. The editor's own disposables have the same form. */
export interface Disposable {
  dispose(): unknown;
}

/** Owns disposables and disposes of them in reverse order, because later ones may need earlier ones. */
export class Lifetime implements Disposable {
  #owned: Disposable[] = [];
  #ended = false;

  /** @returns the same disposable; disposed of at once when this lifetime has already ended */
  use<Owned extends Disposable>(owned: Owned): Owned {
    if (this.#ended) owned.dispose();
    else this.#owned.push(owned);
    return owned;
  }

  /**
   * Disposes of everything that is owned; a second call does nothing.
   * @throws AggregateError with what the disposables threw, after all of them were disposed of
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

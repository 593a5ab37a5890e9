import { Emitter } from '../../core/emitter.ts';
import type { Disposable } from '../../core/lifetime.ts';

/** How many dead files of the present stack are known to be left out by hand, for whoever counts dead letters. */
export class LeftOutCount implements Disposable {
  readonly #changed = new Emitter<number>();
  #dead = 0;

  get dead(): number {
    return this.#dead;
  }

  set dead(count: number) {
    if (count === this.#dead) return;
    this.#dead = count;
    this.#changed.emit(count);
  }

  onChange(listener: (dead: number) => void): Disposable {
    return this.#changed.on(listener);
  }

  dispose(): void {
    this.#changed.dispose();
  }
}

import type { Checkpoint } from '../../core/batch/batch.ts';

/**
 * Pages that are open at once: listed, and not behind a saved checkpoint yet. A resume repeats them at most. Two take as
 * long as a checkpoint, so that the sends never wait for it.
 */
export const OPEN_PAGES = 8;

export interface KeeperParts {
  /** the state that the enqueue begins with */
  readonly from: Checkpoint;
  /** Writes a checkpoint in place of the one before. */
  readonly save: (next: Checkpoint) => Promise<void>;
  /** Called with each state behind which every page is confirmed. */
  readonly onConfirmed: (state: Checkpoint) => void;
}

interface OpenPage {
  readonly state: Checkpoint;
  isConfirmed: boolean;
}

/**
 * Keeps the checkpoint at the last page before which all is confirmed, however the pages end. It writes beside the sends,
 * one checkpoint at a time, and leaves out those that are outdated when their turn comes.
 */
export class CheckpointKeeper {
  readonly #parts: KeeperParts;
  /** in the order of the listing */
  readonly #open: OpenPage[] = [];
  #confirmed: Checkpoint;
  #saved: Checkpoint;
  /** pages between what is saved and what is confirmed */
  #unsaved = 0;
  #saving: Promise<void> | undefined;
  readonly #failure = Promise.withResolvers<never>();
  #hasFailed = false;
  #hasEnded = false;
  #room = Promise.withResolvers<undefined>();

  constructor(parts: KeeperParts) {
    this.#parts = parts;
    this.#confirmed = this.#saved = parts.from;
  }

  /** the last state before which every page is confirmed */
  get confirmed(): Checkpoint {
    return this.#confirmed;
  }

  get isFull(): boolean {
    return this.#open.length + this.#unsaved >= OPEN_PAGES;
  }

  /** Rejects when a checkpoint could not be written, and never resolves. */
  get failure(): Promise<never> {
    return this.#failure.promise;
  }

  /** @returns once a checkpoint was saved, or after `wake`: `isFull` says whether there is room */
  room(): Promise<undefined> {
    return this.#room.promise;
  }

  wake(): void {
    this.#room.resolve(undefined);
    this.#room = Promise.withResolvers<undefined>();
  }

  /**
   * @param state after the page
   * @param isKept false: there is no record yet, and nothing to write
   * @returns what to call once the page is confirmed
   */
  open(state: Checkpoint, isKept: boolean): () => void {
    const page: OpenPage = { state, isConfirmed: false };
    this.#open.push(page);
    return () => {
      page.isConfirmed = true;
      this.#advance(isKept);
    };
  }

  /** All is confirmed, and the caller writes that itself. @returns once nothing is being written any more */
  async end(): Promise<void> {
    this.#hasEnded = true;
    await this.#saving;
  }

  /** @returns once the last confirmed state is saved, or could not be; also after `end`, where the caller could not write */
  async settle(): Promise<void> {
    this.#hasEnded = false;
    if (this.#confirmed !== this.#saved && !this.#hasFailed) this.#saving ??= this.#saveAll();
    await this.#saving;
  }

  #advance(isKept: boolean): void {
    while (this.#open[0]?.isConfirmed === true) {
      const page = this.#open.shift();
      if (!page) break;
      this.#confirmed = page.state;
      this.#unsaved += 1;
      this.#parts.onConfirmed(page.state);
    }
    if (!isKept) this.#take(this.#confirmed);
    else if (this.#confirmed !== this.#saved) this.#saving ??= this.#saveAll();
  }

  async #saveAll(): Promise<void> {
    try {
      while (this.#confirmed !== this.#saved && !this.#hasFailed && !this.#hasEnded) {
        const next = this.#confirmed;
        const pages = this.#unsaved;
        await this.#parts.save(next);
        this.#take(next, pages);
      }
    } catch (error) {
      this.#hasFailed = true;
      this.#failure.reject(error);
    } finally {
      this.#saving = undefined;
    }
  }

  #take(saved: Checkpoint, pages = this.#unsaved): void {
    this.#saved = saved;
    this.#unsaved -= pages;
    this.wake();
  }
}

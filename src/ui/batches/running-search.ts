import { searchBatch, type SearchState } from '../../app/batch/search-batch.ts';
import type { BatchMeta } from '../../core/batch/batch.ts';
import { Emitter } from '../../core/emitter.ts';
import type { Disposable } from '../../core/lifetime.ts';
import type { StackScope } from '../watch/stack-scope.ts';

/** The batch that is searched. */
export interface SearchPlace {
  readonly batch: string;
  /** undefined for what was sent without Media Batch, and where it was not read */
  readonly meta: BatchMeta | undefined;
}

/** A search in a batch. It goes on while the user looks at one of its matches, and comes back to the others. */
export class RunningSearch implements Disposable {
  readonly place: SearchPlace;
  readonly text: string;
  readonly #changed = new Emitter();
  readonly #control = new AbortController();
  #state: SearchState | undefined;
  #error: unknown;
  #isRunning = true;

  /** Starts the search. */
  constructor(scope: Pick<StackScope, 'read'>, place: SearchPlace, text: string) {
    this.place = place;
    this.text = text;
    void this.#run(scope);
  }

  /** undefined before the batch's counts have been read */
  get state(): SearchState | undefined {
    return this.#state;
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }

  get isStopped(): boolean {
    return this.#control.signal.aborted;
  }

  /** why it failed; undefined where it has not */
  get error(): unknown {
    return this.#error;
  }

  onChange(listener: () => void): Disposable {
    return this.#changed.on(listener);
  }

  /** Ends the search; what it has found stays. */
  stop(): void {
    if (this.#isRunning) this.#control.abort();
  }

  dispose(): void {
    this.#control.abort();
    this.#changed.dispose();
  }

  async #run(scope: Pick<StackScope, 'read'>): Promise<void> {
    const { batch, meta } = this.place;
    const search = { batch, prefix: meta?.prefix ?? '', text: this.text };
    try {
      await scope.read(async ({ batches }, { resultsTable }, signal) => {
        for await (const state of searchBatch(search, resultsTable, batches, signal)) {
          this.#state = state;
          this.#changed.emit();
        }
      }, this.#control.signal);
    } catch (error) {
      if (!this.#control.signal.aborted) this.#error = error;
    }
    this.#isRunning = false;
    this.#changed.emit();
  }
}

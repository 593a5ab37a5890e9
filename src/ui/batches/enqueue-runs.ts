import type { EnqueueProgress } from '../../app/batch/enqueue-files.ts';
import { Emitter } from '../../core/emitter.ts';
import type { Disposable } from '../../core/lifetime.ts';

/** An enqueue that runs in this window. */
export interface EnqueueRun {
  readonly progress: EnqueueProgress;
  /** stops the enqueue after its current page; it can be resumed */
  stop(): void;
}

/** The enqueues that run in this window. The Batches view shows them, and commands can stop them. */
export class EnqueueRuns {
  readonly #runs = new Map<string, EnqueueRun>();
  readonly #changed = new Emitter();

  /** the runs by batch, in the order in which they started */
  get all(): ReadonlyMap<string, EnqueueRun> {
    return this.#runs;
  }

  /** @returns the run that sends this batch's files; undefined when this window sends none */
  get(batch: string): EnqueueRun | undefined {
    return this.#runs.get(batch);
  }

  /** @param run its newest progress; undefined when it has ended */
  set(batch: string, run: EnqueueRun | undefined): void {
    if (run) this.#runs.set(batch, run);
    else this.#runs.delete(batch);
    this.#changed.emit();
  }

  /** Calls the listener when a run starts, reports progress or ends. */
  onChange(listener: () => void): Disposable {
    return this.#changed.on(listener);
  }
}

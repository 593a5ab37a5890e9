import type { ScopeContext } from '../watch/scope-context.ts';
import type { EnqueueRuns } from './enqueue-runs.ts';

/** What the commands and views of batches work with. */
export interface BatchesContext extends ScopeContext {
  /** the enqueues that run in this window */
  readonly enqueues: EnqueueRuns;
}

import type { ScopeContext } from '../watch/scope-context.ts';
import type { EnqueueRuns } from './enqueue-runs.ts';

/** What a part that shows or sends batches may need. */
export interface BatchesContext extends ScopeContext {
  /** the enqueues that run in this window */
  readonly enqueues: EnqueueRuns;
}

/** The views of the container `mediaBatch`, in their order; package.json contributes exactly these. */
export const VIEW_IDS = [
  'mediaBatch.pipeline',
  'mediaBatch.buckets',
  'mediaBatch.batches',
  'mediaBatch.deadLetters',
] as const;
export type ViewId = (typeof VIEW_IDS)[number];

/** Context keys that package.json's `when` clauses read, each with the values it takes. */
export interface ContextKeys {
  /** how far the connection to AWS is; `unknown` until a view or a command needs it */
  'mediaBatch.connection': 'unknown' | 'not-set-up' | 'signed-out' | 'ready' | 'failed';
  /** whether the chosen stack exists; `busy` while CloudFormation works on it */
  'mediaBatch.stack': 'unknown' | 'none' | 'present' | 'busy' | 'rollback-failed';
  /** whether the stack dispatches */
  'mediaBatch.dispatch': 'unknown' | 'running' | 'paused';
  /** a redrive of this window is under way */
  'mediaBatch.redriving': boolean;
  /** dead letters of the current stack */
  'mediaBatch.hasDeadLetters': boolean;
  /** the Batches view shows only some */
  'mediaBatch.batchFilter': boolean;
  /** an API key has been stored for the current stack by this user (walkthrough) */
  'mediaBatch.keyStored': boolean;
  /** a batch of the current stack is known (walkthrough) */
  'mediaBatch.hasBatches': boolean;
  /** a file has its result (walkthrough) */
  'mediaBatch.hasResults': boolean;
}
export const CONTEXT_KEYS = [
  'mediaBatch.connection',
  'mediaBatch.stack',
  'mediaBatch.dispatch',
  'mediaBatch.redriving',
  'mediaBatch.hasDeadLetters',
  'mediaBatch.batchFilter',
  'mediaBatch.keyStored',
  'mediaBatch.hasBatches',
  'mediaBatch.hasResults',
] as const satisfies readonly (keyof ContextKeys)[];

/** The views of the container `mediaBatch`, in their order; package.json contributes exactly these. */
export const VIEW_IDS = [
  'mediaBatch.pipeline',
  'mediaBatch.buckets',
  'mediaBatch.batches',
  'mediaBatch.deadLetters',
] as const;
export type ViewId = (typeof VIEW_IDS)[number];

/** The context keys that package.json's `when` clauses test, with their values. */
export interface ContextKeys {
  /** the state of the connection to AWS; `unknown` until a view or a command needs it */
  'mediaBatch.connection': 'unknown' | 'not-set-up' | 'signed-out' | 'ready' | 'failed';
  /** whether the chosen stack exists; `busy` while CloudFormation works on it */
  'mediaBatch.stack': 'unknown' | 'none' | 'present' | 'busy' | 'rollback-failed';
  /** whether the stack submits files */
  'mediaBatch.dispatch': 'unknown' | 'running' | 'paused' | 'waiting';
  /** true while this window runs a redrive */
  'mediaBatch.redriving': boolean;
  /** true where the current stack has dead letters */
  'mediaBatch.hasDeadLetters': boolean;
  /** true where the current stack has failed or dead files */
  'mediaBatch.hasFailures': boolean;
  /** true while a filter hides rows of the Batches view */
  'mediaBatch.batchFilter': boolean;
  /** true where the current stack has an API key, or this user has stored one (walkthrough) */
  'mediaBatch.keyStored': boolean;
  /** true where the current stack has a batch (walkthrough) */
  'mediaBatch.hasBatches': boolean;
  /** true where a file has its result (walkthrough) */
  'mediaBatch.hasResults': boolean;
}
export const CONTEXT_KEYS = [
  'mediaBatch.connection',
  'mediaBatch.stack',
  'mediaBatch.dispatch',
  'mediaBatch.redriving',
  'mediaBatch.hasDeadLetters',
  'mediaBatch.hasFailures',
  'mediaBatch.batchFilter',
  'mediaBatch.keyStored',
  'mediaBatch.hasBatches',
  'mediaBatch.hasResults',
] as const satisfies readonly (keyof ContextKeys)[];

import { zeroCounts } from '../../src/core/batch/batch.ts';
import type { BatchStore } from '../../src/core/batch/batch-store.ts';

/** A table with too many results to read the index of it: each file is looked up. */
export const HUGE_TABLE: Pick<BatchStore, 'read' | 'works'> = {
  read: async () => ({
    meta: undefined,
    checkpoints: [],
    counts: { ...zeroCounts(), succeeded: 1_000_000_000 },
  }),
  works: async () => {
    throw new Error('the index was read');
  },
};

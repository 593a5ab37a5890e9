import type { SkipCounts } from '../../core/batch/batch.ts';
import type { BucketStore } from '../../core/files/bucket-store.ts';
import type { StackOutputs } from '../../core/stack/stack-contract.ts';
import { addSkipped } from './batch-progress.ts';
import type { EarlierResults } from './done-before.ts';
import { selectionOf, type EnqueueRequest } from './enqueue-prefix.ts';
import { listing } from './file-source.ts';
import { pageSorter } from './page-sorter.ts';
import { readAhead } from './read-ahead.ts';

/** Keys that stand for the whole. */
const SAMPLES = 5;

/** What an enqueue would send now; `listed = files + the sum of skipped`. */
export interface EnqueuePlan {
  readonly files: number;
  /** sum of the files' sizes */
  readonly bytes: number;
  readonly listed: number;
  readonly skipped: SkipCounts;
  /** there are more objects than were looked at */
  readonly truncated: boolean;
  /** the first five keys */
  readonly samples: readonly string[];
}

export interface PlanOptions {
  readonly signal?: AbortSignal | undefined;
  /** Gets the plan so far after each page. */
  readonly onProgress?: (plan: EnqueuePlan) => void;
  /** looks at no more objects than this; absent: all */
  readonly limit?: number | undefined;
}

/**
 * The dry run of an enqueue: lists and sorts as `enqueuePrefix` does, writes nothing and sends nothing.
 * @returns the plan; one without files is no error
 * @throws InvalidInputError for a request that cannot be meant, AwsError
 */
export async function planEnqueue(
  request: EnqueueRequest,
  pipeline: StackOutputs,
  services: { readonly buckets: BucketStore; readonly batches: EarlierResults },
  { signal, onProgress, limit = Infinity }: PlanOptions = {},
): Promise<EnqueuePlan> {
  const selection = selectionOf(request);
  const sort = await pageSorter(selection, undefined, pipeline.resultsTable, services.batches, signal);
  let plan: EnqueuePlan = { files: 0, bytes: 0, listed: 0, skipped: {}, truncated: false, samples: [] };
  for await (const { files: whole } of readAhead(listing(selection, services.buckets).pages('', signal))) {
    signal?.throwIfAborted();
    const page = whole.slice(0, limit - plan.listed);
    const { files, skipped } = await sort(page);
    const total = { ...plan.skipped };
    addSkipped(total, skipped);
    plan = {
      files: plan.files + files.length,
      bytes: files.reduce((bytes, { size }) => bytes + size, plan.bytes),
      listed: plan.listed + page.length,
      skipped: total,
      truncated: page.length < whole.length,
      samples: [...plan.samples, ...files.slice(0, SAMPLES).map(({ key }) => key)].slice(0, SAMPLES),
    };
    onProgress?.(plan);
    if (plan.truncated) break;
  }
  signal?.throwIfAborted();
  return plan;
}

import type { SkipCounts } from '../../core/batch/batch.ts';
import type { BucketStore } from '../../core/files/bucket-store.ts';
import type { StackOutputs } from '../../core/stack/stack-contract.ts';
import { addSkipped } from './batch-progress.ts';
import type { EarlierResults } from './done-before.ts';
import { selectionOf, type EnqueueRequest } from './enqueue-prefix.ts';
import { listing } from './file-source.ts';
import { pageSorter, type SameOutput } from './page-sorter.ts';
import { readAhead } from './read-ahead.ts';

/** How many keys a plan shows as examples. */
const SAMPLES = 5;

/** What an enqueue would send now; `listed = files + the sum of skipped`. */
export interface EnqueuePlan {
  readonly files: number;
  /** sum of the files' sizes */
  readonly bytes: number;
  readonly listed: number;
  readonly skipped: SkipCounts;
  /** true: there are more objects than were read */
  readonly truncated: boolean;
  /** the first five keys */
  readonly samples: readonly string[];
  /** the first two files that share an output address; undefined where none do */
  readonly sameOutput: SameOutput | undefined;
}

/** A plan before the first page was read. */
export const NOTHING_READ: EnqueuePlan = {
  files: 0,
  bytes: 0,
  listed: 0,
  skipped: {},
  truncated: true,
  samples: [],
  sameOutput: undefined,
};

export interface PlanOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called with the plan so far after each page. */
  readonly onProgress?: (plan: EnqueuePlan) => void;
  /** reads at most this many objects; absent: all */
  readonly limit?: number | undefined;
}

/**
 * The dry run of an enqueue: lists and sorts as `enqueuePrefix` does, writes nothing and sends nothing.
 * @returns the plan; a plan without files is not an error
 * @throws InvalidInputError for a request that cannot be carried out, AwsError
 */
export async function planEnqueue(
  request: EnqueueRequest,
  pipeline: StackOutputs,
  services: { readonly buckets: BucketStore; readonly batches: EarlierResults },
  { signal, onProgress, limit = Infinity }: PlanOptions = {},
): Promise<EnqueuePlan> {
  const selection = selectionOf(request);
  const sort = await pageSorter(selection, undefined, pipeline, services.batches, signal);
  let plan: EnqueuePlan = { ...NOTHING_READ, truncated: false };
  let open: readonly string[] = [];
  for await (const { files: whole } of readAhead(listing(selection, services.buckets).pages('', signal))) {
    signal?.throwIfAborted();
    const page = whole.slice(0, limit - plan.listed);
    const { files, skipped, sameOutput, stems } = await sort(page, open);
    open = stems;
    const total = { ...plan.skipped };
    addSkipped(total, skipped);
    plan = {
      files: plan.files + files.length,
      bytes: files.reduce((bytes, { size }) => bytes + size, plan.bytes),
      listed: plan.listed + page.length,
      skipped: total,
      truncated: page.length < whole.length,
      samples: [...plan.samples, ...files.slice(0, SAMPLES).map(({ key }) => key)].slice(0, SAMPLES),
      sameOutput: plan.sameOutput ?? sameOutput,
    };
    onProgress?.(plan);
    if (plan.truncated) break;
  }
  signal?.throwIfAborted();
  return plan;
}

import type { SkipCounts } from '../../core/batch/batch.ts';
import type { BucketStore } from '../../core/files/bucket-store.ts';
import { otherForms } from '../../core/files/letter-forms.ts';
import type { S3Prefix } from '../../core/files/s3-location.ts';
import type { StackOutputs } from '../../core/stack/stack-contract.ts';
import { addSkipped } from './batch-progress.ts';
import type { EarlierResults } from './done-before.ts';
import { selectionOf, type EnqueueRequest } from './enqueue-prefix.ts';
import type { EnqueueServices } from './enqueue-services.ts';
import { patientPages } from './file-source.ts';
import { inBackground } from './in-background.ts';
import { sourceOf } from './key-source.ts';
import { pageSorter, type LeftOut, type SameOutput } from './page-sorter.ts';
import { NO_NOTES, NoteTaker, type PlanNotes } from './plan-notes.ts';
import { Patience } from './patience.ts';
import { readAhead } from './read-ahead.ts';

/** How many keys a plan shows as examples. */
const SAMPLES = 5;
/** How many keys it lists for each reason why some are left out. */
export const LEFT_OUT = 100;

/** Keys by the reason why they are left out. */
export type LeftOutKeys = Readonly<Partial<Record<LeftOut['reason'], readonly string[]>>>;

/** What an enqueue would send now; `listed = files + the sum of skipped`. */
export interface EnqueuePlan {
  readonly files: number;
  /** sum of the files' sizes */
  readonly bytes: number;
  readonly listed: number;
  readonly skipped: SkipCounts;
  /** the first keys that are left out for each reason, at most `LEFT_OUT` */
  readonly left: LeftOutKeys;
  /** true: there are more objects than were read */
  readonly truncated: boolean;
  /** the first five keys */
  readonly samples: readonly string[];
  /** the first two files that share an output address; undefined where none do */
  readonly sameOutput: SameOutput | undefined;
  readonly notes: PlanNotes;
  /** where nothing is under the prefix: a prefix of the same letters, written in another way, that has files */
  readonly otherForm: string | undefined;
}

/** A plan before the first page was read. */
export const NOTHING_READ: EnqueuePlan = {
  files: 0,
  bytes: 0,
  listed: 0,
  skipped: {},
  left: {},
  truncated: true,
  samples: [],
  sameOutput: undefined,
  notes: NO_NOTES,
  otherForm: undefined,
};

export interface PlanOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called with the plan so far after each page. */
  readonly onProgress?: (plan: EnqueuePlan) => void;
  /** reads at most this many objects; absent: all */
  readonly limit?: number | undefined;
}

/** What the background is given. */
export interface PlanErrand {
  readonly request: Omit<EnqueueRequest, 'keyFile'>;
  readonly pipeline: StackOutputs;
  readonly limit: number | undefined;
  /** the name of the file of a source that is one */
  readonly fileName: string | undefined;
}

interface PlanServices extends Pick<EnqueueServices, 'background' | 'buckets'> {
  readonly batches: EarlierResults;
}

/**
 * The dry run of an enqueue, in the background where there is one: lists and sorts as `enqueuePrefix` does, writes nothing and
 * sends nothing.
 * @returns the plan; a plan without files is not an error
 * @throws InvalidInputError for a request that cannot be carried out, `key-file-needed` as `sourceOf`, AwsError
 */
export function planEnqueue(
  request: EnqueueRequest,
  pipeline: StackOutputs,
  services: PlanServices,
  options: PlanOptions = {},
): Promise<EnqueuePlan> {
  const { keyFile, ...place } = request;
  const { signal, limit } = options;
  const errand: PlanErrand = { request: place, pipeline, limit, fileName: keyFile?.name };
  return inBackground(
    services.background,
    {
      ...{ name: 'plan', request: errand, keyFile, signal },
      onEvent: options.onProgress,
    },
    () => planHere(request, pipeline, services, options),
  );
}

async function planHere(
  request: EnqueueRequest,
  pipeline: StackOutputs,
  services: PlanServices,
  { signal, onProgress, limit = Infinity }: PlanOptions,
): Promise<EnqueuePlan> {
  const selection = selectionOf(request);
  const place = { bucket: request.bucket, prefix: request.prefix, source: request.source };
  const source = sourceOf(place, services.buckets, request.keyFile);
  const { folders } = source;
  const patience = new Patience();
  const sort = await patience.call(
    () => pageSorter(selection, undefined, pipeline, services.batches, { folders, signal }),
    signal,
  );
  const taker = new NoteTaker(selection.prefix, Date.now());
  let plan: EnqueuePlan = { ...NOTHING_READ, truncated: false };
  let open: readonly string[] = [];
  for await (const { files: whole } of readAhead(patientPages(source, '', patience, signal))) {
    signal?.throwIfAborted();
    const page = whole.slice(0, limit - plan.listed);
    const { files, skipped, left, sameOutput, stems } = await patience.call(() => sort(page, open), signal);
    open = stems;
    for (const file of files) taker.add(file);
    const total = { ...plan.skipped };
    addSkipped(total, skipped);
    plan = {
      files: plan.files + files.length,
      bytes: files.reduce((bytes, { size }) => bytes + size, plan.bytes),
      listed: plan.listed + page.length,
      skipped: total,
      left: withMore(plan.left, left),
      truncated: page.length < whole.length,
      samples: [...plan.samples, ...files.slice(0, SAMPLES).map(({ key }) => key)].slice(0, SAMPLES),
      sameOutput: plan.sameOutput ?? sameOutput,
      notes: taker.notes,
      otherForm: undefined,
    };
    onProgress?.(plan);
    if (plan.truncated) break;
  }
  signal?.throwIfAborted();
  if (plan.listed > 0 || request.source) return plan;
  return { ...plan, otherForm: await otherForm(selection, services.buckets, signal) };
}

function withMore(known: LeftOutKeys, more: readonly LeftOut[]): LeftOutKeys {
  const left = { ...known };
  for (const { key, reason } of more) {
    const keys = left[reason] ?? [];
    if (keys.length < LEFT_OUT) left[reason] = [...keys, key];
  }
  return left;
}

/** @returns a prefix of the same letters, written in another way, that has files; undefined where there is none */
async function otherForm(
  { bucket, prefix }: S3Prefix,
  buckets: Pick<BucketStore, 'level'>,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  for (const form of otherForms(prefix)) {
    const { prefixes, objects } = await buckets.level({ bucket, prefix: form, max: 1 }, signal);
    if (prefixes.length + objects.length > 0) return form;
  }
  return undefined;
}

import type { BatchMeta, BatchRecord, Checkpoint, CloudRun } from '../../core/batch/batch.ts';
import type { BatchStore } from '../../core/batch/batch-store.ts';
import { MOST_OBJECTS, runOf, runOrder, type RunInput } from '../../core/batch/cloud-run.ts';
import {
  executionArn,
  isUnderWay,
  runName,
  type CloudRuns,
  type RunState,
} from '../../core/batch/cloud-runs.ts';
import { InvalidInputError, MediaBatchError } from '../../core/errors.ts';
import { parseJobOptions } from '../../core/ittybit/job-options.ts';
import type { StackOutputs } from '../../core/stack/stack-contract.ts';
import { batchProgress, type BatchProgress } from './batch-progress.ts';
import { runFailure, tooMany } from './cloud-failure.ts';
import { newBatch, selectionOf, type EnqueueRequest } from './enqueue-prefix.ts';
import { batchCancelled, cancelBatch } from './stop-batch.ts';

export interface CloudEnqueueServices {
  readonly batches: BatchStore;
  readonly cloudRuns: CloudRuns;
}

type Table = Pick<StackOutputs, 'resultsTable'>;

/** How deep the queue may get. */
export interface Gate {
  /** files that the stack ends per second; absent: not known */
  readonly filesPerSecond?: number | undefined;
  /** messages in the queue above which nothing is sent; absent: what the stack ends in three days, at least 100,000 */
  readonly depth?: number | undefined;
  /** seconds until a part that found the queue full looks again; absent: half an hour */
  readonly recheckSeconds?: number | undefined;
}

/** The gate holds parts back while this much work waits: enough for a weekend, far below the 14 days of a message. */
const GATE_DAYS = 3;
/** So many messages are never too many. */
const LEAST_DEPTH = 100_000;
/** A part may wait through about 3,000 looks (25,000 events of a Standard execution, 8 a look): at this pace 60 days. */
const RECHECK_SECONDS = 1800;
/** How many parts are sent at once; AWS knows 0 as "no limit", so a run is paused by stopping it. */
export const PACE = { least: 1, most: 40, usual: 8 } as const;
/** Objects of one part. */
const PART = 1000;

/** A batch that is enqueued in the cloud. */
export interface CloudEnqueue {
  readonly meta: BatchMeta;
  readonly run: CloudRun;
  readonly progress: BatchProgress;
  /** undefined where AWS knows no such run */
  readonly state: RunState | undefined;
  /** why it has stopped, in one sentence; undefined while it runs, after its end, and where the user stopped it */
  readonly failure: string | undefined;
}

/**
 * Refuses what Step Functions cannot enqueue, before anything is made for it.
 * @throws InvalidInputError, also for what no enqueue carries out
 */
export function checkCloudRequest(request: EnqueueRequest): void {
  if (request.source) {
    throw new InvalidInputError(
      'source',
      'Step Functions lists a prefix and takes no list of keys: enqueue the list from the editor.',
    );
  }
  selectionOf(request);
}

/** How a run goes on. */
export interface Resume extends Gate {
  /** true: the machine was made anew since, with another queue or table, which a redrive would not know */
  readonly isNewMachine?: boolean;
}

/** How a run is started. */
export interface CloudStart extends Gate {
  readonly signal?: AbortSignal | undefined;
}

/**
 * Starts the enqueue of a prefix in the cloud, as a new batch. From here on it needs no editor.
 * @param machine ARN of the bucket's state machine
 * @returns the batch
 * @throws InvalidInputError for a request that cannot be carried out; AwsError
 */
export async function startCloudEnqueue(
  request: EnqueueRequest,
  machine: string,
  { resultsTable }: Table,
  { batches, cloudRuns }: CloudEnqueueServices,
  { signal, ...gate }: CloudStart = {},
): Promise<BatchMeta> {
  checkCloudRequest(request);
  const meta = newBatch(request);
  await batches.create(resultsTable, meta, signal);
  await begin(meta, { machine, ordinal: 0, gate, before: undefined }, resultsTable, { batches, cloudRuns });
  return meta;
}

/** @returns an enqueue in the cloud that is over or cancelled, without its state at Step Functions; undefined for any other */
export function endedEnqueue(record: BatchRecord): CloudEnqueue | undefined {
  const { meta } = record;
  const run = runOf(record.checkpoints);
  const progress = batchProgress(record);
  if (!meta || !run || !(progress.enqueued || meta.brake?.cancelled)) return undefined;
  return { meta, run, progress, state: undefined, failure: undefined };
}

/** @returns how a batch's enqueue in the cloud stands; undefined for a batch that the editor enqueues. @throws AwsError */
export async function readCloudEnqueue(
  batch: string,
  table: Table,
  services: CloudEnqueueServices,
  signal?: AbortSignal,
): Promise<CloudEnqueue | undefined> {
  const record = await services.batches.read(table.resultsTable, batch, signal);
  return cloudEnqueueOf(record, table, services, signal);
}

/** As `readCloudEnqueue`, of a batch whose record has just been read. */
export async function cloudEnqueueOf(
  read: BatchRecord,
  { resultsTable }: Table,
  { batches, cloudRuns }: CloudEnqueueServices,
  signal?: AbortSignal,
): Promise<CloudEnqueue | undefined> {
  let record = read;
  const { meta } = record;
  const run = runOf(record.checkpoints);
  if (!meta || !run) return undefined;
  const state = await cloudRuns.describe(run.execution, signal);
  // It may have ended between the two: what it counted last is in the table by now.
  if (state?.status === 'SUCCEEDED' && !batchProgress(record).enqueued)
    record = await batches.read(resultsTable, meta.batch, signal);
  const hasFailed = state !== undefined && /^(FAILED|TIMED_OUT)$/.test(state.status);
  const first = hasFailed && state.map ? await cloudRuns.firstFailure(state.map.arn, signal) : undefined;
  const progress = batchProgress(record);
  const standing = { meta, run, progress, state };
  if (isTooLarge(standing)) return { ...standing, failure: tooMany(meta) };
  return { ...standing, failure: hasFailed ? runFailure(first ?? state, meta) : undefined };
}

/** Stops a run so that it can be resumed. @returns at most how many files more may arrive. @throws AwsError */
export async function pauseCloudEnqueue(
  { run, state }: Pick<CloudEnqueue, 'run' | 'state'>,
  cloudRuns: CloudRuns,
): Promise<number> {
  await cloudRuns.stop(run.execution, 'Paused');
  return (state?.map?.maxConcurrency ?? PACE.usual) * PART;
}

/**
 * Cancels a batch, and stops its run where one enqueues it in the cloud: the mark first, so that what still arrives is
 * not submitted.
 * @returns at most how many files more may arrive; they end as cancelled
 * @throws AwsError
 */
export async function cancelEnqueue(
  batch: string,
  pipeline: Table,
  { batches, cloudRuns }: CloudEnqueueServices,
  signal?: AbortSignal,
): Promise<number> {
  await cancelBatch(batch, pipeline, batches, signal);
  const record = await batches.read(pipeline.resultsTable, batch, signal);
  const run = runOf(record.checkpoints);
  if (!run || batchProgress(record).enqueued) return 0;
  return pauseCloudEnqueue({ run, state: await cloudRuns.describe(run.execution, signal) }, cloudRuns);
}

/** Sets how many parts are sent at once. @throws MediaBatchError `conflict` before the listing has begun; AwsError */
export async function setCloudPace(
  { state }: Pick<CloudEnqueue, 'state'>,
  parts: number,
  cloudRuns: CloudRuns,
  signal?: AbortSignal,
): Promise<void> {
  if (!state?.map || state.status !== 'RUNNING')
    throw new MediaBatchError('conflict', 'This enqueue does not run: resume it, then set its pace.');
  await cloudRuns.setPace(state.map.arn, Math.min(PACE.most, Math.max(PACE.least, parts)), signal);
}

/**
 * Goes on with a run that was paused or has failed: what has not succeeded runs again. Where AWS no longer can (14 days
 * after its end), a new run lists everything again; claims drop what was sent before, and it counts for itself.
 * @param machine ARN of the bucket's state machine
 * @throws MediaBatchError `batch-cancelled`, `cloud-enqueue-refused` where another run would end as this one did;
 * InvalidInputError where the batch's job breaks a current rule; AwsError
 */
export async function resumeCloudEnqueue(
  enqueue: CloudEnqueue,
  machine: string,
  { resultsTable }: Table,
  services: CloudEnqueueServices,
  { isNewMachine = false, ...gate }: Resume = {},
): Promise<'running' | 'done' | 'redriven' | 'new-run'> {
  const { meta, run, state, progress } = enqueue;
  const { batch } = meta;
  if (meta.brake?.cancelled) throw batchCancelled(batch, progress.sent);
  if (progress.enqueued) return 'done';
  if (isTooLarge(enqueue)) throw new MediaBatchError('cloud-enqueue-refused', tooMany(meta));
  if (isUnderWay(state)) return 'running';
  if (state && !isNewMachine && (await services.cloudRuns.redrive(run.execution))) return 'redriven';
  // An older version may have allowed a job that is refused now.
  parseJobOptions(meta.job);
  const before: Checkpoint = { ...START, run };
  // One that was never started has counted nothing.
  const ordinal = state === undefined && progress.listed === 0 ? run.ordinal : run.ordinal + 1;
  await begin(meta, { machine, ordinal, gate, before }, resultsTable, services);
  return 'new-run';
}

/** Whether a run has ended at a limit of AWS, so that another one would end there, too. */
function isTooLarge({ progress, state }: Pick<CloudEnqueue, 'progress' | 'state'>): boolean {
  if (progress.enqueued || !state) return false;
  const isAtItsEnd = state.status === 'SUCCEEDED' || /DataLimitExceeded/.test(state.error ?? '');
  return isAtItsEnd && Math.max(progress.listed, state.map?.items.total ?? 0) > MOST_OBJECTS;
}

const START: Checkpoint = { shard: 0, lastKey: '', listed: 0, sent: 0, skipped: {}, done: false };

interface Beginning {
  readonly machine: string;
  readonly ordinal: number;
  readonly gate: Gate;
  readonly before: Checkpoint | undefined;
}

/** The run's name is written down first: a run that nobody knows would send files of a batch that looks unfinished. */
async function begin(
  meta: BatchMeta,
  { machine, ordinal, gate, before }: Beginning,
  table: string,
  { batches, cloudRuns }: CloudEnqueueServices,
): Promise<void> {
  const name = runName(meta.batch, ordinal);
  const run = { execution: executionArn(machine, name), ordinal };
  await batches.saveCheckpoint(table, meta.batch, { ...START, run }, before);
  const { filesPerSecond = 0, recheckSeconds = RECHECK_SECONDS } = gate;
  const { depth = Math.max(LEAST_DEPTH, Math.round(filesPerSecond * GATE_DAYS * 86_400)) } = gate;
  const input: RunInput = { run: runOrder(meta, ordinal), depth, recheck: recheckSeconds };
  await cloudRuns.start(machine, name, input);
}

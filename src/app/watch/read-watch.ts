import type { BatchRecord } from '../../core/batch/batch.ts';
import { AwsError, isAbort } from '../../core/errors.ts';
import { isSigningError } from '../../core/login-error.ts';
import type { BatchStore } from '../../core/batch/batch-store.ts';
import type { QueueDepth } from '../../core/batch/queue-service.ts';
import type { DispatchState } from '../../core/stack/dispatch-control.ts';
import type { ReconcilerRun } from '../../core/stack/reconciler-run.ts';
import type { Stack } from '../../core/stack/stack-service.ts';
import type { StackOutputs } from '../../core/stack/stack-contract.ts';
import { BatchMemory, readBatches } from './batch-readings.ts';
import {
  dispatchOf,
  inQueue,
  readPipeline,
  wholeOutputs,
  type PipelineServices,
  type PipelineSnapshot,
} from '../stack/pipeline-snapshot.ts';
import type { Reading, Throughput, WatchPart } from './reading.ts';
import { secondsLeft } from '../batch/throughput.ts';

/** What is remembered between the readings of one stack. It is made and dropped together with the stack's scope. */
export class WatchMemory {
  outputs: StackOutputs | undefined;
  readonly batches = new BatchMemory();
  #deadLetters: number | undefined;

  /**
   * Notes the number of dead letters. When it has changed, such as by a redrive in another window, settled batches with
   * dead letters are read again.
   */
  noteDeadLetters(about: number | undefined): void {
    if (about === undefined) return;
    if (this.#deadLetters !== undefined && about !== this.#deadLetters) {
      this.batches.forgetSettled('with-dead-letters');
    }
    this.#deadLetters = about;
  }
}

export interface WatchContext {
  readonly stackName: string;
  readonly services: PipelineServices & { readonly batches: BatchStore };
  readonly memory: WatchMemory;
  /** called with the stack whenever AWS has described it; an error that it throws ends the reading */
  readonly onStack?: ((stack: Stack | undefined) => void) | undefined;
  /** called with the first part, the stack, before the others are read */
  readonly onPart?: ((part: Reading) => void) | undefined;
  /** epoch ms */
  readonly now?: () => number;
}

/**
 * Reads the watched parts with as few requests as possible. The number of dead letters alone takes one request, once
 * the stack's outputs are known. The outputs are looked up again when a resource of the stack is not found.
 * @param fresh true: also reads again the batches that count as settled
 * @returns the parts; where some could be read and others failed, `problems` has the errors
 * @throws the error where no part could be read, an AwsError of the login, the signal's reason
 */
export async function readWatch(
  parts: ReadonlySet<WatchPart>,
  context: WatchContext,
  signal: AbortSignal,
  fresh = false,
): Promise<Reading> {
  const { memory } = context;
  if (fresh) memory.batches.forgetSettled('all');
  if (parts.has('pipeline')) return readWithPipeline(parts, context, signal);
  const isRemembered = memory.outputs !== undefined;
  let reading = await readParts(parts, context, signal);
  if (isRemembered && Object.values(reading.problems).some(isNotFound)) {
    memory.outputs = undefined;
    reading = await readParts(parts, context, signal);
  }
  const problems = Object.values(reading.problems);
  if (problems.length > 0 && problems.length === parts.size) throw problems[0];
  return reading;
}

/** Reads the whole pipeline, and the batches too, because the rate comes from their counts. */
async function readWithPipeline(
  parts: ReadonlySet<WatchPart>,
  context: WatchContext,
  signal: AbortSignal,
): Promise<Reading> {
  const { memory, services, stackName, onStack, onPart, now = Date.now } = context;
  const snapshot = await readPipeline(stackName, services, {
    known: memory.outputs,
    signal,
    onStack: (pipeline) => {
      // Outputs without a stack are remembered ones: the stack may not be described.
      if (pipeline.stack || !pipeline.outputs) onStack?.(pipeline.stack);
      onPart?.({ pipeline, problems: {}, busy: false });
    },
  });
  memory.outputs = snapshot.outputs;
  memory.noteDeadLetters(snapshot.deadLetters);
  const { value: batches, problem } = await attempt(() => batchesOf(context, signal));
  const pipeline = { ...snapshot, problem: snapshot.problem ?? problem };
  return {
    pipeline,
    deadLetters: pipeline.deadLetters,
    dispatch: pipeline.dispatch,
    throughput: batches && throughputOf(memory, pipeline.queue && inQueue(pipeline.queue)),
    ...(parts.has('batches') && {
      batches,
      neverClaimed:
        batches && pipeline.queue && neverClaimed(memory, pipeline.queue, pipeline.reconciler?.run, now()),
    }),
    problems: problem !== undefined && parts.has('batches') ? { batches: problem } : {},
    busy: isBusy(pipeline) || memory.batches.isMoving(now()),
  };
}

async function readParts(
  parts: ReadonlySet<WatchPart>,
  context: WatchContext,
  signal: AbortSignal,
): Promise<Reading> {
  const { memory, now = Date.now } = context;
  memory.outputs ??= await lookUp(context, signal);
  const isOfBatches = parts.has('batches');
  const [dead, batches, dispatch] = await Promise.all([
    parts.has('dead-letters') ? attempt(() => deadLettersOf(context, signal)) : undefined,
    isOfBatches ? attempt(() => batchesOf(context, signal)) : undefined,
    isOfBatches ? attempt(() => dispatchStateOf(context, signal)) : undefined,
  ]);
  memory.noteDeadLetters(dead?.value);
  return {
    ...(dead && { deadLetters: dead.value }),
    ...(batches && {
      batches: batches.value,
      dispatch: dispatch?.value,
      neverClaimed: batches.value && (await askNeverClaimed(context, signal)),
      throughput: batches.value && throughputOf(memory),
    }),
    problems: {
      ...(dead?.problem !== undefined && { 'dead-letters': dead.problem }),
      ...(batches?.problem !== undefined && { batches: batches.problem }),
    },
    busy: batches !== undefined && memory.batches.isMoving(now()),
  };
}

async function lookUp(
  { services, stackName, onStack }: WatchContext,
  signal: AbortSignal,
): Promise<StackOutputs | undefined> {
  const stack = await services.stacks.describe(stackName, signal);
  onStack?.(stack);
  return wholeOutputs(stackName, stack);
}

/** @throws an error that every other call would get too: a cancel, a login that is not valid */
async function attempt<Value>(
  read: () => Promise<Value>,
): Promise<{ value: Value | undefined; problem: unknown }> {
  try {
    return { value: await read(), problem: undefined };
  } catch (error) {
    if (isAbort(error) || isSigningError(error)) throw error;
    return { value: undefined, problem: error };
  }
}

async function deadLettersOf(
  { memory, services }: WatchContext,
  signal: AbortSignal,
): Promise<number | undefined> {
  const { outputs } = memory;
  return outputs && inQueue(await services.queues.depth(outputs.deadLetterQueueUrl, signal));
}

async function batchesOf(
  { memory, services, now = Date.now }: WatchContext,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, BatchRecord> | undefined> {
  const { outputs } = memory;
  return outputs && readBatches(outputs, services.batches, memory.batches, now, signal);
}

/** Why batches stand still is news also where nobody looks at the pipeline. */
async function dispatchStateOf(
  { memory, services }: WatchContext,
  signal: AbortSignal,
): Promise<DispatchState | undefined> {
  const { outputs } = memory;
  return outputs && services.dispatch.readState(outputs, signal);
}

/** The work queue and the reconciler's item are asked for only while batches stand still. */
async function askNeverClaimed(
  { memory, services, now = Date.now }: WatchContext,
  signal: AbortSignal,
): Promise<ReadonlySet<string> | undefined> {
  const { outputs, batches } = memory;
  if (!outputs || !batches.standsStill(now())) return batches.drained;
  const [queue, run] = await Promise.all([
    attempt(() => services.queues.depth(outputs.workQueueUrl, signal)),
    attempt(async () =>
      outputs.reconcilerFunction === undefined ? undefined : services.reconciler.readRun(outputs, signal),
    ),
  ]);
  return queue.value && neverClaimed(memory, queue.value, run.value, now());
}

/** @param queue what the work queue holds now, about */
function neverClaimed(
  { batches }: WatchMemory,
  queue: QueueDepth,
  run: ReconcilerRun | undefined,
  now: number,
): ReadonlySet<string> {
  return inQueue(queue) === 0 ? batches.unclaimed(now, Date.parse(run?.emptySince ?? '')) : batches.drained;
}

/** @param queued about how many messages the work queue holds; absent: calculated from the batches' counts */
function throughputOf({ batches }: WatchMemory, queued = batches.queued): Throughput {
  const { filesPerSecond } = batches;
  return { filesPerSecond, secondsLeft: secondsLeft(queued, filesPerSecond) };
}

function isBusy(pipeline: PipelineSnapshot): boolean {
  const { state } = dispatchOf(pipeline);
  const queued = pipeline.queue ? pipeline.queue.waiting + pipeline.queue.inFlight : 0;
  return (
    pipeline.stack?.status.endsWith('_IN_PROGRESS') === true ||
    state === 'pausing' ||
    state === 'resuming' ||
    (state === 'running' && queued > 0)
  );
}

function isNotFound(error: unknown): boolean {
  return error instanceof AwsError && error.code === 'not-found';
}

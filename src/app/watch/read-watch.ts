import type { BatchRecord } from '../../core/batch/batch.ts';
import { AwsError } from '../../core/errors.ts';
import type { BatchStore } from '../../core/batch/batch-store.ts';
import { inQueue, type QueueDepth } from '../../core/batch/queue-service.ts';
import type { DispatchState } from '../../core/stack/dispatch-control.ts';
import type { ReconcilerRun } from '../../core/stack/reconciler-run.ts';
import type { Stack } from '../../core/stack/stack-service.ts';
import type { StackOutputs } from '../../core/stack/stack-contract.ts';
import { attempt } from '../attempt.ts';
import { BatchMemory } from './batch-memory.ts';
import { readBatches } from './batch-readings.ts';
import { PartMemory, type ReadMode } from './part-memory.ts';
import {
  dispatchOf,
  readPipeline,
  wholeOutputs,
  type PipelineServices,
  type PipelinePart,
  type PipelineSnapshot,
  type ReadPart,
} from '../stack/pipeline-snapshot.ts';
import type { Reading, WatchPart } from './reading.ts';
import { isUnreachable } from './silence.ts';
import { workOf } from '../batch/work-at-hand.ts';
import { secondsLeft } from '../batch/throughput.ts';

/** What is remembered between the readings of one stack. It is made and dropped together with the stack's scope. */
export class WatchMemory {
  outputs: StackOutputs | undefined;
  readonly batches = new BatchMemory();
  readonly parts = new PartMemory();
  #deadLetters: number | undefined;
  #queued: number | undefined;

  /**
   * Notes the number of dead letters. When it has changed, such as by a redrive in another window, settled batches with
   * dead letters are read again.
   */
  noteDeadLetters(about: number | undefined): void {
    if (about === undefined) return;
    if (this.#deadLetters !== undefined && about !== this.#deadLetters) this.batches.forgetDead();
    this.#deadLetters = about;
  }

  /** Notes how much the work queue holds. @returns true where that has changed: something works */
  noteQueue(about: number | undefined): boolean {
    const isOther = this.#queued !== undefined && about !== undefined && about !== this.#queued;
    this.#queued = about ?? this.#queued;
    return isOther;
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

/** A reading under way: what it was asked for, and how much of that is read again. */
interface Run extends WatchContext {
  readonly parts: ReadonlySet<WatchPart>;
  readonly mode: ReadMode;
  readonly now: () => number;
  readonly readPart: ReadPart<PipelinePart | 'batches'>;
  /** how many answers there had been before */
  readonly answers: number;
}

/**
 * Reads the watched parts with as few requests as possible. The number of dead letters alone takes one request, once
 * the stack's outputs are known. The outputs are looked up again when a resource of the stack is not found.
 * @param mode how much of what is remembered is read again
 * @returns the parts; where some could be read and others failed, `problems` has the errors
 * @throws the error where no part could be read, an AwsError of the login, the signal's reason
 */
export async function readWatch(
  parts: ReadonlySet<WatchPart>,
  context: WatchContext,
  signal: AbortSignal,
  mode: ReadMode = 'busy',
): Promise<Reading> {
  const { memory, now = Date.now } = context;
  // The number of dead letters alone is one cheap request, whose pace the watch sets.
  const isOnlyLetters = parts.size === 1 && parts.has('dead-letters');
  const glance = parts.has('pipeline') ? 'queue' : 'batches';
  const readPart = memory.parts.reader(isOnlyLetters ? 'fresh' : mode, glance, now);
  const run: Run = { ...context, parts, mode, now, readPart, answers: memory.parts.answers };
  if (parts.has('pipeline')) {
    const reading = await readWithPipeline(run, signal);
    // The stack may be gone, or be another one by now.
    const isGone = mode !== 'fresh' && isNotFound(reading.pipeline?.problem);
    return isGone ? readWatch(parts, context, signal, 'fresh') : reading;
  }
  const isRemembered = memory.outputs !== undefined;
  let reading = await readParts(run, signal);
  if (isRemembered && Object.values(reading.problems).some(isNotFound)) {
    memory.outputs = undefined;
    memory.parts.forget();
    reading = await readParts(run, signal);
  }
  const problems = Object.values(reading.problems);
  if (problems.length > 0 && problems.length === parts.size) throw problems[0];
  for (const problem of problems) throwSilence(run, problem);
  return reading;
}

/** Reads the whole pipeline, and the batches too, because progress and rate come from their counts. */
async function readWithPipeline(run: Run, signal: AbortSignal): Promise<Reading> {
  const { memory, services, stackName, onStack, onPart, parts, now, readPart } = run;
  const snapshot = await readPipeline(stackName, services, {
    known: memory.outputs,
    signal,
    readPart,
    onStack: (pipeline) => {
      // Outputs without a stack are remembered ones: the stack may not be described.
      if (pipeline.stack || !pipeline.outputs) onStack?.(pipeline.stack);
      onPart?.({ pipeline, problems: {}, busy: false });
    },
  });
  memory.outputs = snapshot.outputs;
  memory.noteDeadLetters(snapshot.deadLetters);
  const { queue } = snapshot;
  const isMoved = memory.noteQueue(queue && inQueue(queue));
  const { value: batches, problem } = await attempt(() => batchesOf(run, signal));
  const pipeline = { ...snapshot, problem: snapshot.problem ?? problem };
  throwSilence(run, pipeline.problem);
  return {
    pipeline,
    deadLetters: pipeline.deadLetters,
    dispatch: pipeline.dispatch,
    ...((batches || parts.has('batches')) && {
      ...paceOf(memory, batches),
      neverClaimed: batches && queue && neverClaimed(memory, queue, pipeline.reconciler?.run, now()),
    }),
    problems: problem !== undefined && parts.has('batches') ? { batches: problem } : {},
    busy: isMoved || isBusy(pipeline) || memory.batches.isMoving(now()),
  };
}

async function readParts(run: Run, signal: AbortSignal): Promise<Reading> {
  const { memory, parts, now } = run;
  memory.outputs ??= await lookUp(run, signal);
  const isOfBatches = parts.has('batches');
  const [dead, batches, dispatch] = await Promise.all([
    parts.has('dead-letters') ? attempt(() => deadLettersOf(run, signal)) : undefined,
    isOfBatches ? attempt(() => batchesOf(run, signal)) : undefined,
    isOfBatches ? attempt(() => dispatchStateOf(run, signal)) : undefined,
  ]);
  memory.noteDeadLetters(dead?.value);
  return {
    ...(dead && { deadLetters: dead.value }),
    ...(batches && {
      ...paceOf(memory, batches.value),
      dispatch: dispatch?.value,
      neverClaimed: batches.value && (await askNeverClaimed(run, signal)),
    }),
    problems: {
      ...(dead?.problem !== undefined && { 'dead-letters': dead.problem }),
      ...(batches?.problem !== undefined && { batches: batches.problem }),
    },
    busy: batches !== undefined && memory.batches.isMoving(now()),
  };
}

/** Where AWS answers nothing at all, what is remembered must not pass for a reading. @throws the problem */
function throwSilence({ memory, answers }: Run, problem: unknown): void {
  if (isUnreachable(problem) && memory.parts.answers === answers) throw problem;
}

async function lookUp(
  { services, stackName, onStack }: WatchContext,
  signal: AbortSignal,
): Promise<StackOutputs | undefined> {
  const stack = await services.stacks.describe(stackName, signal);
  onStack?.(stack);
  return wholeOutputs(stackName, stack);
}

async function deadLettersOf(
  { memory, services, readPart }: Run,
  signal: AbortSignal,
): Promise<number | undefined> {
  const { outputs } = memory;
  if (!outputs) return undefined;
  const { value } = await readPart('dead-letters', () =>
    services.queues.depth(outputs.deadLetterQueueUrl, signal),
  );
  return inQueue(value);
}

async function batchesOf(
  { memory, services, mode, readPart, now }: Run,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, BatchRecord> | undefined> {
  const { outputs } = memory;
  const onAnswer = (): void => {
    memory.parts.heard();
  };
  const how = { mode, readPart, now, onAnswer };
  return outputs && readBatches(outputs, services.batches, memory.batches, how, signal);
}

/** Why batches stand still is news also where nobody looks at the pipeline. */
async function dispatchStateOf(
  { memory, services, readPart }: Run,
  signal: AbortSignal,
): Promise<DispatchState | undefined> {
  const { outputs } = memory;
  if (!outputs) return undefined;
  return (await readPart('dispatch', () => services.dispatch.readPaced(outputs, signal))).value.state;
}

/** The work queue and the reconciler's item are asked for only while batches stand still. */
async function askNeverClaimed(
  { memory, services, readPart, now }: Run,
  signal: AbortSignal,
): Promise<ReadonlySet<string> | undefined> {
  const { outputs, batches } = memory;
  if (!outputs || !batches.standsStill(now())) return batches.drained;
  const [queue, run] = await Promise.all([
    attempt(() => readPart('queue', () => services.queues.depth(outputs.workQueueUrl, signal))),
    attempt(async () =>
      outputs.reconcilerFunction === undefined
        ? undefined
        : readPart('run', () => services.reconciler.readRun(outputs, signal)),
    ),
  ]);
  return queue.value && neverClaimed(memory, queue.value.value, run.value?.value, now());
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

/** The batches with their pace; no time is left where nothing of them is at work. */
function paceOf(
  { batches: known }: WatchMemory,
  batches: ReadonlyMap<string, BatchRecord> | undefined,
): Pick<Reading, 'batches' | 'rates' | 'throughput'> {
  if (!batches) return { batches, throughput: undefined };
  const { filesPerSecond, rates } = known;
  const { remaining } = workOf(batches.values());
  return {
    batches,
    rates,
    throughput: { filesPerSecond, secondsLeft: secondsLeft(remaining, filesPerSecond) },
  };
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

import { AwsError } from '../../core/errors.ts';
import type { AlarmService, RingingAlarm } from '../../core/stack/alarms.ts';
import type { DispatchControl, DispatchState, MappingState } from '../../core/stack/dispatch-control.ts';
import { inQueue, type QueueDepth, type QueueService } from '../../core/batch/queue-service.ts';
import type { Pace } from '../../core/stack/pace.ts';
import type { ReconcilerRun } from '../../core/stack/reconciler-run.ts';
import type { ReconcilerService } from '../../core/stack/reconciler-service.ts';
import type { SecretStore } from '../../core/stack/secret-store.ts';
import type { Stack, StackService } from '../../core/stack/stack-service.ts';
import type { StackOutputs } from '../../core/stack/stack-contract.ts';
import { attempt } from '../attempt.ts';
import { outputsOf } from './pipeline.ts';

export interface PipelineServices {
  readonly stacks: StackService;
  readonly queues: QueueService;
  readonly dispatch: DispatchControl;
  readonly reconciler: Pick<ReconcilerService, 'readRun' | 'readRule'>;
  readonly alarms: AlarmService;
  readonly secrets: Pick<SecretStore, 'isReplaced'>;
}

/**
 * Whether a key is stored in the secret that the stack has made, as far as that can be told without reading it. A key in a
 * secret of the user's own is not looked for.
 */
export type ApiKeyState = 'set' | 'missing' | 'unknown';

/** The reconciler at one moment. */
export interface ReconcilerState {
  /** undefined: it has never run */
  readonly run: ReconcilerRun | undefined;
  /** false: the rule that runs it each minute is off, or gone */
  readonly isScheduled: boolean;
  /** when `run` was read, epoch ms */
  readonly at: number;
}

/** The parts that are read with one request each. */
export type PipelinePart =
  'stack' | 'queue' | 'dead-letters' | 'mapping' | 'dispatch' | 'run' | 'rule' | 'alarms' | 'api-key';

/** A value and when it was read, epoch ms. */
export interface Aged<Value> {
  readonly value: Value;
  readonly at: number;
}

/** Reads a part, or returns what was read of it a short time ago. */
export type ReadPart<Part extends string = PipelinePart> = <Value>(
  part: Part,
  read: () => Promise<Value>,
) => Promise<Aged<Value>>;

const readAlways: ReadPart = async (_part, read) => ({ value: await read(), at: Date.now() });

/** The pipeline at one moment. A part is undefined where it does not exist or could not be read. */
export interface PipelineSnapshot {
  /** epoch ms */
  readonly at: number;
  readonly stackName: string;
  /** undefined: there is no such stack */
  readonly stack: Stack | undefined;
  /** undefined while the stack is incomplete, or where it is not a Media Batch stack */
  readonly outputs: StackOutputs | undefined;
  readonly queue: QueueDepth | undefined;
  /** about how many */
  readonly deadLetters: number | undefined;
  readonly mapping: MappingState | undefined;
  readonly dispatch: DispatchState | undefined;
  readonly pace: Pace | undefined;
  /** undefined for a stack without one, too */
  readonly reconciler: ReconcilerState | undefined;
  /** those that ring */
  readonly alarms: readonly RingingAlarm[] | undefined;
  readonly apiKey: ApiKeyState;
  /** the error of the first part that could not be read; undefined where all could be read */
  readonly problem: unknown;
}

/** Statuses of a stack that has no outputs yet, or whose resources are being deleted. */
const NOT_WHOLE = /^(REVIEW_|CREATE_IN_PROGRESS|CREATE_FAILED|ROLLBACK_|DELETE_)/;

/**
 * Reads everything that the Pipeline view shows. The first call finds the stack. The other parts are then read at the
 * same time, and a part that fails does not hide the others.
 * @param options `known` outputs from an earlier reading are used where the stack may not be described; `onStack` is
 * called with the result of the first call, before the other parts are read; `readPart` may spare a request
 * @throws AwsError when the stack cannot be described, or the login is not valid; the signal's reason
 */
export async function readPipeline(
  stackName: string,
  services: PipelineServices,
  options: {
    known?: StackOutputs | undefined;
    signal?: AbortSignal | undefined;
    onStack?: ((snapshot: PipelineSnapshot) => void) | undefined;
    readPart?: ReadPart | undefined;
  } = {},
): Promise<PipelineSnapshot> {
  const { known, signal, onStack, readPart = readAlways } = options;
  const problems: unknown[] = [];
  const part = async <Value>(read: () => Value | Promise<Value>): Promise<Value | undefined> => {
    const { value, problem } = await attempt(read);
    if (problem !== undefined) problems.push(problem);
    return value;
  };
  const describe = (): Promise<Stack | undefined> => services.stacks.describe(stackName, signal);
  const { value: stack } = await readPart('stack', describe).catch((error: unknown) => {
    if (!known || !(error instanceof AwsError) || error.code !== 'missing-permission') throw error;
    problems.push(error);
    return { value: 'denied' as const };
  });
  const outputs = stack === 'denied' ? known : await part(() => wholeOutputs(stackName, stack));
  const found = { at: Date.now(), stackName, stack: stack === 'denied' ? undefined : stack, outputs };
  const unread = { queue: undefined, deadLetters: undefined, mapping: undefined };
  const unreadStates = { dispatch: undefined, pace: undefined, reconciler: undefined, alarms: undefined };
  onStack?.({ ...found, ...unread, ...unreadStates, apiKey: 'unknown', problem: problems[0] });
  const ask = <Value>(
    name: PipelinePart,
    read: (pipeline: StackOutputs) => Promise<Value>,
  ): Promise<Value | undefined> =>
    part(async () => (outputs ? (await readPart(name, () => read(outputs))).value : undefined));
  const [queue, dead, mapping, paced, reconciler, alarms, apiKey = 'unknown'] = await Promise.all([
    ask('queue', ({ workQueueUrl }) => services.queues.depth(workQueueUrl, signal)),
    ask('dead-letters', ({ deadLetterQueueUrl }) => services.queues.depth(deadLetterQueueUrl, signal)),
    ask('mapping', ({ eventSourceMapping }) => services.dispatch.mapping(eventSourceMapping, signal)),
    ask('dispatch', (pipeline) => services.dispatch.readPaced(pipeline, signal)),
    part(() => outputs && readReconciler(outputs, services, readPart, signal)),
    ask('alarms', () => services.alarms.ringing(stackName, signal)),
    found.stack?.parameters['ApiKeyArn'] === ''
      ? ask('api-key', (pipeline) => lookForKey(pipeline, services, signal))
      : undefined,
  ]);
  return {
    ...found,
    at: Date.now(),
    queue,
    deadLetters: dead && inQueue(dead),
    mapping,
    dispatch: paced?.state,
    pace: paced?.pace,
    reconciler,
    alarms,
    apiKey,
    problem: problems[0],
  };
}

/** An operator who may not describe the secret goes without this fact. */
async function lookForKey(
  { apiKeyArn }: StackOutputs,
  { secrets }: PipelineServices,
  signal: AbortSignal | undefined,
): Promise<ApiKeyState> {
  const { value, problem } = await attempt(() => secrets.isReplaced(apiKeyArn, signal));
  if (value !== undefined) return value ? 'set' : 'missing';
  if (problem instanceof AwsError && problem.code === 'missing-permission') return 'unknown';
  throw problem;
}

async function readReconciler(
  pipeline: StackOutputs,
  { reconciler }: PipelineServices,
  readPart: ReadPart,
  signal: AbortSignal | undefined,
): Promise<ReconcilerState | undefined> {
  const { reconcilerRule } = pipeline;
  if (reconcilerRule === undefined) return undefined;
  const [run, rule] = await Promise.all([
    readPart('run', () => reconciler.readRun(pipeline, signal)),
    readPart('rule', () => reconciler.readRule(reconcilerRule, signal)),
  ]);
  return { run: run.value, isScheduled: rule.value, at: run.at };
}

/**
 * @returns undefined where there is no stack, or it is incomplete
 * @throws DeployError `not-deployed` when a complete stack is not a Media Batch stack, `unknown-template` when its
 * template is not known here
 */
export function wholeOutputs(stackName: string, stack: Stack | undefined): StackOutputs | undefined {
  return stack && !NOT_WHOLE.test(stack.status) ? outputsOf(stackName, stack) : undefined;
}

export interface Dispatch {
  readonly state: 'running' | 'pausing' | 'paused' | 'waiting' | 'resuming' | 'unknown';
  /** why dispatch is paused or pausing or waits; undefined where no reason is recorded */
  readonly reason?: string | undefined;
  /** since when, ISO 8601; absent where it is not recorded */
  readonly at?: string;
  /** who has stopped it: `consumer`, `reconciler`, `operator`; absent where it is not recorded */
  readonly by?: string;
  /** when a wait ends */
  readonly until?: Date | undefined;
}

/**
 * Whether files are submitted. A mapping that is off decides; then the control item only gives the reason, because it is
 * out of date when the mapping was switched outside Media Batch (Lambda API, EventSourceMappingConfiguration, State). A
 * mapping that is on is not enough where the consumer obeys the item: its reconciler switches the mapping off.
 */
export function dispatchOf({
  mapping,
  dispatch,
  outputs,
}: Pick<PipelineSnapshot, 'mapping' | 'dispatch' | 'outputs'>): Dispatch {
  const isHeld = dispatch !== undefined && dispatch.state !== 'running';
  const why = isHeld ? whyOf(dispatch) : { reason: undefined };
  switch (mapping?.state) {
    case 'Enabled':
      if (!isHeld || dispatch.epoch === 0 || outputs?.reconcilerFunction === undefined) {
        return { state: 'running' };
      }
      return dispatch.state === 'paused' ? { state: 'pausing', ...why } : held(dispatch, why);
    case 'Enabling':
    case 'Creating':
      return { state: 'resuming' };
    case 'Disabling':
      return { state: 'pausing', ...why };
    case 'Disabled':
      return held(dispatch, why);
    case 'Updating':
      if (!dispatch) return { state: 'unknown' };
      return isHeld ? held(dispatch, why) : { state: 'running' };
    case undefined:
    default:
      return { state: 'unknown' };
  }
}

type Why = Pick<Dispatch, 'reason' | 'at' | 'by'>;

function whyOf({ reason, at, by }: DispatchState): Why {
  return { reason, ...(at !== undefined && { at }), ...(by !== undefined && { by }) };
}

function held(dispatch: DispatchState | undefined, why: Why): Dispatch {
  if (dispatch?.state !== 'waiting') return { state: 'paused', ...why };
  return {
    state: 'waiting',
    ...why,
    until: dispatch.until === undefined ? undefined : new Date(dispatch.until),
  };
}

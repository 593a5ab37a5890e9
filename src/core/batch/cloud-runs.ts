import type { RunInput } from './cloud-run.ts';

/** What Step Functions says of an execution (API, DescribeExecution). */
export type RunStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED' | 'PENDING_REDRIVE';

/** How many objects the map of a run has listed, and what became of them (API, DescribeMapRun, itemCounts). */
export interface RunItems {
  /** listed so far; it grows while the bucket is listed */
  readonly total: number;
  readonly pending: number;
  readonly running: number;
  readonly succeeded: number;
  readonly failed: number;
}

/** The state of a run. */
export interface RunState {
  readonly status: RunStatus;
  /** Step Functions' or the state's own name of the failure, and its words; undefined without one */
  readonly error: string | undefined;
  readonly cause: string | undefined;
  readonly stoppedAt: Date | undefined;
  /** undefined until the map has begun */
  readonly map:
    { readonly arn: string; readonly items: RunItems; readonly maxConcurrency: number } | undefined;
}

/** @returns whether a run goes on, or will in a moment */
export function isUnderWay(state: RunState | undefined): boolean {
  return state?.status === 'RUNNING' || state?.status === 'PENDING_REDRIVE';
}

/** Runs of the state machine that enqueues a bucket. Methods raise AwsError. */
export interface CloudRuns {
  /**
   * Starts a run. A run of the same name that exists already is not started again.
   * @param machine ARN of the state machine
   */
  start(machine: string, name: string, input: RunInput, signal?: AbortSignal): Promise<void>;
  /** @returns undefined where there is no such execution: it was never started, or AWS has forgotten it after 90 days */
  describe(execution: string, signal?: AbortSignal): Promise<RunState | undefined>;
  /** @returns the names of a machine's newest runs, at most ten, newest first */
  recent(machine: string, signal?: AbortSignal): Promise<readonly string[]>;
  /** @returns whether a run of the machine goes on */
  isBusy(machine: string, signal?: AbortSignal): Promise<boolean>;
  /** Stops a run; one that is not running stays as it is. */
  stop(execution: string, error: string, signal?: AbortSignal): Promise<void>;
  /** Runs what has not succeeded again. @returns false where AWS can no longer do so */
  redrive(execution: string, signal?: AbortSignal): Promise<boolean>;
  /** Sets how many parts are sent at once, also of a run that is under way. */
  setPace(mapRun: string, maxConcurrency: number, signal?: AbortSignal): Promise<void>;
  /** @returns why the first part that failed did; undefined where none has */
  firstFailure(
    mapRun: string,
    signal?: AbortSignal,
  ): Promise<{ readonly error: string; readonly cause: string } | undefined>;
}

/**
 * @param machine ARN of the state machine
 * @returns ARN of its execution with this name
 */
export function executionArn(machine: string, name: string): string {
  return `${machine.replace(':stateMachine:', ':execution:')}:${name}`;
}

/** @returns the name of a run: AWS keeps it for 90 days, so each run of a batch has its own */
export function runName(batch: string, ordinal: number): string {
  return ordinal === 0 ? batch : `${batch}-run-${ordinal + 1}`;
}

/** @returns the batch of a run by its name, see `runName` */
export function batchOfRun(name: string): string {
  return name.replace(/-run-\d+$/, '');
}

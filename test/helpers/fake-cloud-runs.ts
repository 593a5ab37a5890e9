import type { CloudRuns, RunState } from '../../src/core/batch/cloud-runs.ts';
import type { RunInput } from '../../src/core/batch/cloud-run.ts';

/** The state of a run that is under way, with some of its objects sent. */
export const RUNNING: RunState = {
  status: 'RUNNING',
  error: undefined,
  cause: undefined,
  stoppedAt: undefined,
  map: {
    arn: 'arn:map',
    items: { total: 10, pending: 4, running: 0, succeeded: 6, failed: 0 },
    maxConcurrency: 8,
  },
};

/** Step Functions in memory: runs have the state that a test gives them. */
export class FakeCloudRuns implements CloudRuns {
  readonly states = new Map<string, RunState>();
  readonly started: { machine: string; name: string; input: RunInput }[] = [];
  /** calls that change a run, in order: `stop arn:… Paused` */
  readonly calls: string[] = [];
  redrivable = true;
  failure: { error: string; cause: string } | undefined;

  async start(machine: string, name: string, input: RunInput): Promise<void> {
    this.started.push({ machine, name, input });
    const execution = `${machine.replace(':stateMachine:', ':execution:')}:${name}`;
    this.states.set(execution, RUNNING);
  }
  async describe(execution: string): Promise<RunState | undefined> {
    return this.states.get(execution);
  }
  async recent(machine: string): Promise<readonly string[]> {
    return this.started.filter((run) => run.machine === machine).map(({ name }) => name);
  }
  async isBusy(machine: string): Promise<boolean> {
    const own = machine.replace(':stateMachine:', ':execution:');
    return [...this.states].some(([arn, { status }]) => arn.startsWith(own) && status === 'RUNNING');
  }
  async stop(execution: string, error: string): Promise<void> {
    this.calls.push(`stop ${execution} ${error}`);
    this.states.set(execution, { ...RUNNING, status: 'ABORTED', error });
  }
  async redrive(execution: string): Promise<boolean> {
    this.calls.push(`redrive ${execution}`);
    if (this.redrivable) this.states.set(execution, RUNNING);
    return this.redrivable;
  }
  async setPace(mapRun: string, maxConcurrency: number): Promise<void> {
    this.calls.push(`pace ${mapRun} ${maxConcurrency}`);
  }
  async firstFailure(): Promise<{ error: string; cause: string } | undefined> {
    return this.failure;
  }
}

import type { LiveMost, Pace } from '../../src/core/stack/pace.ts';
import type {
  DispatchControl,
  DispatchPlace,
  DispatchState,
  MappingState,
  PacedDispatch,
} from '../../src/core/stack/dispatch-control.ts';
import type { JobAnswer } from '../../src/core/batch/job-answer.ts';
import type { ReconcilerRun, ReconcilerSummary } from '../../src/core/stack/reconciler-run.ts';
import type { AlarmService, RingingAlarm } from '../../src/core/stack/alarms.ts';
import type { ReconcilerService } from '../../src/core/stack/reconciler-service.ts';

/** The pace of a stack that has made no call. */
export const NEW_PACE: Pace = { nextMs: 0, clearMs: 0, drops: 0, calls: 0, refused: 0 };

/** Dispatch control in memory; `calls` has the calls in order. */
export class FakeControl implements DispatchControl {
  readonly calls: string[] = [];
  pace: Pace = NEW_PACE;
  quota: number | undefined = 1000;
  state: DispatchState = { state: 'running', reason: undefined, at: undefined, epoch: 0 };
  current: MappingState = {
    batchSize: 5,
    maximumConcurrency: 2,
    maximumBatchingWindow: 10,
    state: 'Enabled',
    lastResult: undefined,
  };

  async readState(): Promise<DispatchState> {
    return this.state;
  }

  async readPaced(): Promise<PacedDispatch> {
    return { state: await this.readState(), pace: this.pace };
  }

  async setMost(_place: DispatchPlace, live: LiveMost): Promise<void> {
    this.calls.push(`setMost ${live.most} instead of ${live.insteadOf}`);
    this.pace = { ...this.pace, live };
  }

  async functionsAtOnce(): Promise<number | undefined> {
    return this.quota;
  }

  async writeState({ resultsTable }: DispatchPlace, next: DispatchState): Promise<boolean> {
    if (next.epoch !== this.state.epoch + 1) return false;
    this.calls.push(`writeState ${resultsTable} ${next.state}`);
    this.state = next;
    return true;
  }

  async mapping(): Promise<MappingState> {
    return this.current;
  }

  async updateMapping(id: string, change: object): Promise<MappingState> {
    this.calls.push(`updateMapping ${id} ${JSON.stringify(change)}`);
    this.current = { ...this.current, ...change };
    return this.current;
  }
}

/** A reconciler in memory; `runs` has the runs on demand, with their batch. */
export class FakeReconciler implements ReconcilerService {
  readonly runs: (string | undefined)[] = [];
  lastRun: ReconcilerRun | undefined;
  isScheduled = true;
  summary: ReconcilerSummary = { busy: false, did: {} };
  /** what Ittybit answers about each job; undefined: the function knows no such question */
  jobAnswer: JobAnswer | undefined;
  readonly jobsAsked: string[] = [];

  async readRun(): Promise<ReconcilerRun | undefined> {
    return this.lastRun;
  }

  async readRule(): Promise<boolean> {
    return this.isScheduled;
  }

  async run(_functionName: string, batch?: string): Promise<ReconcilerSummary> {
    this.runs.push(batch);
    return this.summary;
  }

  async askJob(functionName: string, jobId: string): Promise<JobAnswer | undefined> {
    this.jobsAsked.push(`${functionName} ${jobId}`);
    return this.jobAnswer;
  }
}

/** Alarms in memory. */
export class FakeAlarms implements AlarmService {
  rings: RingingAlarm[] = [];

  async ringing(): Promise<readonly RingingAlarm[]> {
    return this.rings;
  }
}

/** What the rows of the Pipeline view need besides, which most tests do not look at. */
export const QUIET_SERVICES = {
  alarms: { ringing: async () => [] },
  secrets: { isReplaced: async () => true },
};

/** The secret of the API key, which is only looked at from outside. */
export class FakeKeySecret {
  replaced = true;
  asked = 0;
  failure: Error | undefined;

  async isReplaced(): Promise<boolean> {
    this.asked += 1;
    if (this.failure) throw this.failure;
    return this.replaced;
  }
}

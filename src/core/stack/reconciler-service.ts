import type { DispatchPlace } from './dispatch-control.ts';
import type { JobAnswer } from '../batch/job-answer.ts';
import type { ReconcilerRun, ReconcilerSummary } from './reconciler-run.ts';

/** The reconciler of a stack, as the editor sees and runs it. */
export interface ReconcilerService {
  /** @returns undefined where it has never run */
  readRun(
    place: Pick<DispatchPlace, 'resultsTable' | 'stackId'>,
    signal?: AbortSignal,
  ): Promise<ReconcilerRun | undefined>;
  /** @returns whether the rule that runs it each minute is on; false for a rule that is gone */
  readRule(rule: string, signal?: AbortSignal): Promise<boolean>;
  /**
   * Runs it once and waits for its end, a minute at most.
   * @param batch only this batch; undefined: all that is due
   * @throws MediaBatchError `reconcile-failed` with the function's own words, AwsError
   */
  run(functionName: string, batch?: string, signal?: AbortSignal): Promise<ReconcilerSummary>;
  /**
   * Has the function ask Ittybit about a job, with the stack's key.
   * @returns undefined where the function does not know the question, because its template is older
   * @throws MediaBatchError `reconcile-failed` with the function's own words, AwsError
   */
  askJob(functionName: string, jobId: string, signal?: AbortSignal): Promise<JobAnswer | undefined>;
}

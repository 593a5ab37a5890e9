import type { Fields } from '../foreign-json.ts';
import type { PostOutcome } from './dispatch-rules.ts';
import type { JobReport } from './webhook-payload.ts';

/** What a list of jobs says about one of ours. */
export type JobSearch =
  | { readonly found: JobReport }
  | { readonly found: undefined }
  /** a job without metadata might be ours */
  | { readonly unknown: string }
  | { readonly failure: PostOutcome };

/**
 * The calls to Ittybit's API. All take the key and a time limit in ms. They return failures and never throw them.
 */
export interface JobsApi {
  post(apiKey: string, reference: string, body: unknown, timeoutMs: number): Promise<PostOutcome>;
  /** Looks for the job with this input and this reference in its metadata. */
  find(apiKey: string, reference: string, input: string, timeoutMs: number): Promise<JobSearch>;
  /** @returns the job, read and as it came, or why it did not come; a job that does not exist is a failure with status 404 */
  get(
    apiKey: string,
    jobId: string,
    timeoutMs: number,
  ): Promise<{ readonly found: JobReport; readonly job: Fields } | { readonly failure: PostOutcome }>;
  /** The cheapest request that the key and the address allow: one job of the list. */
  witness(apiKey: string, timeoutMs: number): Promise<PostOutcome>;
}

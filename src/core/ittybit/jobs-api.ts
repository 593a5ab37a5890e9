import type { PostOutcome } from './dispatch-rules.ts';

/**
 * The two calls to Ittybit's API that submit a file. Both take the key and a time limit in ms. They return failures and
 * never throw them.
 */
export interface JobsApi {
  post(apiKey: string, reference: string, body: unknown, timeoutMs: number): Promise<PostOutcome>;
  /**
   * @returns the id of the job with this input and reference (undefined: there is none), or the outcome when no list
   * came
   */
  find(
    apiKey: string,
    reference: string,
    input: string,
    timeoutMs: number,
  ): Promise<{ jobId: string | undefined } | { failure: PostOutcome }>;
}

import type { PostOutcome } from './dispatch-rules.ts';

/**
 * The two calls to Ittybit's API that submit a file. Both take the key and a time limit in ms, and never throw for an
 * answer of any kind.
 */
export interface JobsApi {
  post(apiKey: string, reference: string, body: unknown, timeoutMs: number): Promise<PostOutcome>;
  /**
   * @returns the id of a job on this input with this reference (undefined: there is none), or what came
   * instead of a list
   */
  find(
    apiKey: string,
    reference: string,
    input: string,
    timeoutMs: number,
  ): Promise<{ jobId: string | undefined } | { failure: PostOutcome }>;
}

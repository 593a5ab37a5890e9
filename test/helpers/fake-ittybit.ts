import type { PostOutcome } from '../../src/core/ittybit/dispatch-rules.ts';
import type { JobsApi } from '../../src/core/ittybit/jobs-api.ts';

const DAY_MS = 86_400_000;

/** Ittybit as the consumer sees it: jobs that cost money, and idempotency keys that it keeps for 24 hours. */
export class FakeIttybit implements JobsApi {
  readonly posts: { apiKey: string; reference: string; body: string; timeoutMs: number }[] = [];
  readonly lookups: string[] = [];
  /** each job that costs money */
  readonly jobs: { id: string; reference: string; at: number }[] = [];
  /** the answer instead of a job; `after` means that the job was created and its answer was lost */
  answer: (post: number) => PostOutcome | { after: PostOutcome } | undefined = () => undefined;
  lookupFailure: () => PostOutcome | undefined = () => undefined;
  /** runs while a POST is under way */
  during: () => Promise<void> | void = () => undefined;
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  async post(apiKey: string, reference: string, body: unknown, timeoutMs: number): Promise<PostOutcome> {
    this.posts.push({ apiKey, reference, body: JSON.stringify(body), timeoutMs });
    const answer = this.answer(this.posts.length);
    await this.during();
    if (answer && !('after' in answer)) return answer;
    let job = this.jobs.find((known) => known.reference === reference && this.#now() - known.at < DAY_MS);
    if (!job) this.jobs.push((job = { id: `job_${this.jobs.length + 1}`, reference, at: this.#now() }));
    return answer?.after ?? { status: 201, retryAfter: undefined, body: JSON.stringify({ id: job.id }) };
  }

  async find(
    _apiKey: string,
    reference: string,
    input: string,
  ): Promise<{ jobId: string | undefined } | { failure: PostOutcome }> {
    this.lookups.push(input);
    const failure = this.lookupFailure();
    if (failure) return { failure };
    return { jobId: this.jobs.find((job) => job.reference === reference)?.id };
  }
}

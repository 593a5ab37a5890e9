import type { PostOutcome } from '../../src/core/ittybit/dispatch-rules.ts';
import type { JobsApi, JobSearch } from '../../src/core/ittybit/jobs-api.ts';
import { parseJobReport, type JobReport } from '../../src/core/ittybit/webhook-payload.ts';

const DAY_MS = 86_400_000;

/** Ittybit as the consumer sees it: jobs that cost money, and idempotency keys that it keeps for 24 hours. */
export class FakeIttybit implements JobsApi {
  readonly posts: { apiKey: string; reference: string; body: string; timeoutMs: number }[] = [];
  readonly lookups: string[] = [];
  readonly gets: string[] = [];
  /** each job that costs money; a status that is set is what Ittybit says of it */
  readonly jobs: { id: string; reference: string; at: number; status?: string; input?: string }[] = [];
  /** the answer instead of a job; `after` means that the job was created and its answer was lost */
  answer: (post: number) => PostOutcome | { after: PostOutcome } | undefined = () => undefined;
  lookupFailure: () => PostOutcome | undefined = () => undefined;
  /** true: a list of jobs says nothing about ours */
  isSilent = false;
  witnessAnswer: PostOutcome = { status: 200, retryAfter: undefined, body: '[]' };
  witnesses = 0;
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

  async find(_apiKey: string, reference: string, input: string): Promise<JobSearch> {
    this.lookups.push(input);
    const failure = this.lookupFailure();
    if (failure) return { failure };
    if (this.isSilent) return { unknown: 'a job of this input might be ours' };
    const job = this.jobs.find((one) => one.reference === reference);
    return { found: job && reportOf(job) };
  }

  async get(_apiKey: string, jobId: string): ReturnType<JobsApi['get']> {
    this.gets.push(jobId);
    const failure = this.lookupFailure();
    if (failure) return { failure };
    const job = this.jobs.find(({ id }) => id === jobId);
    return job
      ? { found: reportOf(job), job: { id: jobId } }
      : { failure: { status: 404, retryAfter: undefined, body: '{"kind":"job_not_found"}' } };
  }

  async witness(): Promise<PostOutcome> {
    this.witnesses += 1;
    return this.witnessAnswer;
  }
}

function reportOf({ id, reference, status = 'processing' }: FakeIttybit['jobs'][number]): JobReport {
  const output = status === 'succeeded' ? { url: `https://store.example/${id}.mp4` } : null;
  return parseJobReport({ id, object: 'job', kind: 'video', status, output, metadata: { reference } });
}

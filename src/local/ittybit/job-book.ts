import { fieldsOf, isText } from '../../core/foreign-json.ts';
import type { FaultSubject } from './fault.ts';
import { jobEntry, type JobEntry } from './job-entry.ts';
import type { Job } from './job.ts';
import type { TaskRole } from './job-tasks.ts';
import type { PayloadShape, WebhookEvent } from './payload-shapes.ts';
import type { WebhookEncoding } from './webhook-post.ts';

/** One webhook: its attempts, and how it ended. */
export interface WebhookDelivery {
  readonly jobId: string;
  /** What the report is about: the job, or one of its tasks. */
  readonly about: 'job' | TaskRole;
  readonly event: WebhookEvent;
  readonly shape: PayloadShape;
  readonly url: string;
  /** The JSON text that was sent, in these encodings. */
  readonly body: string;
  readonly encodings: readonly WebhookEncoding[];
  /** Sent by somebody else, because of the fault `webhook_forged`: the pipeline must not take it for genuine. */
  readonly forged: boolean;
  /** A second copy, sent because of the fault `webhook_duplicated`. */
  readonly duplicate: boolean;
  /** One entry per attempt, at a Unix time in ms: the status that came back, or why there was none. */
  readonly attempts: { readonly at: number; readonly status?: number; readonly error?: string }[];
  /** `lost`: never sent, because of the fault `webhook_lost`. */
  outcome: 'pending' | 'delivered' | 'given_up' | 'lost';
}

/** One `POST /jobs` request, whatever came of it. */
export interface CreateRequest {
  /** Unix ms */
  readonly at: number;
  readonly input: string | undefined;
  /** `metadata.batch` where the request names one */
  readonly batch: string | undefined;
}

/** How a request ended for the caller: with a status, or without an answer and why. */
export type Answered = number | 'response_lost' | 'hung' | 'caller_left';

/**
 * All jobs, requests and webhooks of the stand-in, for counting lost and doubled files. It shows the live records: do not
 * change them.
 */
export interface JobBook {
  /** Accepted jobs, oldest first. */
  readonly jobs: readonly Readonly<Job>[];
  readonly webhooks: readonly Readonly<WebhookDelivery>[];
  /** `POST /jobs` requests read, with any result. */
  readonly posts: number;
  /** The same requests one by one, in the order in which they came. */
  readonly creates: readonly CreateRequest[];
  /** `POST /jobs` requests read, by the body's `input`; those without a readable input are left out. */
  readonly postsByInput: ReadonlyMap<string, number>;
  /** `POST /jobs` requests read, by `Idempotency-Key`; those without one are left out. */
  readonly postsByIdempotencyKey: ReadonlyMap<string, number>;
  /** Creates that were answered from the memory of their key with the job that it made first. */
  readonly replays: number;
  /** Creates that were answered from the memory of their key with a refusal. */
  readonly replayedRefusals: number;
  /** Creates that were refused because their key was first used with another body. */
  readonly keyMismatches: number;
  /** The highest number of requests in progress at once, on all routes. */
  readonly peakConcurrentRequests: number;
  /** How often requests on `route` (absent: `POST /jobs`) ended in each way. */
  answers(route?: Route): ReadonlyMap<Answered, number>;
  /** Accepted jobs by input: two jobs for one input are a duplicate; an input without a job was never accepted. */
  jobsByInput(): ReadonlyMap<string, readonly Readonly<Job>[]>;
  /** Accepted jobs as their payer would list them, oldest first. */
  entries(): JobEntry[];
  /** Forged webhooks that were answered with a 2xx. */
  forgedAccepted(): number;
}

export type Route = 'POST /jobs' | 'GET /jobs' | 'GET /jobs/{id}' | 'other';

/** The book, with the methods that write it. */
export class JobBookWriter implements JobBook {
  readonly jobs: Job[] = [];
  readonly webhooks: WebhookDelivery[] = [];
  readonly postsByInput = new Map<string, number>();
  readonly postsByIdempotencyKey = new Map<string, number>();
  readonly creates: CreateRequest[] = [];
  posts = 0;
  replays = 0;
  replayedRefusals = 0;
  keyMismatches = 0;
  peakConcurrentRequests = 0;
  requestsInProgress = 0;
  readonly #answers = new Map<Route, Map<Answered, number>>();

  answers(route: Route = 'POST /jobs'): ReadonlyMap<Answered, number> {
    return this.#answers.get(route) ?? new Map<Answered, number>();
  }

  jobsByInput(): ReadonlyMap<string, readonly Job[]> {
    return Map.groupBy(this.jobs, (job) => job.request.input);
  }

  entries(): JobEntry[] {
    return this.jobs.map(jobEntry);
  }

  forgedAccepted(): number {
    return this.webhooks.filter(({ forged, outcome }) => forged && outcome === 'delivered').length;
  }

  /** Counts a request as in progress until the returned function is called; a second call does nothing. */
  requestBegan(): () => void {
    this.requestsInProgress += 1;
    this.peakConcurrentRequests = Math.max(this.peakConcurrentRequests, this.requestsInProgress);
    let ended = false;
    return () => {
      if (!ended) this.requestsInProgress -= 1;
      ended = true;
    };
  }

  /** Counts a `POST /jobs` under its input and key. @param at Unix ms */
  recordPost({ body, input, idempotencyKey }: FaultSubject, at: number): void {
    this.posts += 1;
    const { batch } = fieldsOf(fieldsOf(body)?.['metadata']) ?? {};
    this.creates.push({ at, input, batch: isText(batch) ? batch : undefined });
    if (input !== undefined) increment(this.postsByInput, input);
    if (idempotencyKey !== undefined) increment(this.postsByIdempotencyKey, idempotencyKey);
  }

  /** Counts how a request ended. */
  recordAnswer(route: Route, answered: Answered): void {
    const counts = this.#answers.get(route) ?? new Map<Answered, number>();
    increment(counts, answered);
    this.#answers.set(route, counts);
  }
}

function increment<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

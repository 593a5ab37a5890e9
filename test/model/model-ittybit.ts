import type { PostOutcome } from '../../src/core/ittybit/dispatch-rules.ts';
import type { JobsApi, JobSearch } from '../../src/core/ittybit/jobs-api.ts';
import { parseJobReport, type JobReport } from '../../src/core/ittybit/webhook-payload.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** A request that its sender gave up may still be accepted this long after. */
const AIR_MS = 4 * MINUTE_MS;
/** A new job may be missing from the list this long. */
const LAG_MS = 4 * MINUTE_MS;

export type JobStatus = 'queued' | 'processing' | 'succeeded' | 'failed' | 'cancelled';

/** A request as it reaches Ittybit. */
export interface Request {
  readonly reference: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** what the world knows about the request and Ittybit does not: which work it is */
  readonly work: string;
  readonly identity: string;
}

/** A job that costs money. */
export interface Job extends Request {
  readonly id: string;
  readonly listedMs: number;
  status: JobStatus;
}

/** What differs between the Ittybits that its documentation allows. */
export interface IttybitHabits {
  /** a key remembers a refusal, too */
  readonly remembersRefusals: boolean;
  /** the answer to a known key with another body */
  readonly mismatch: 400 | 409 | 422;
  /** callbacks bring no metadata */
  readonly isBare: boolean;
  /** files of which the list cannot say whether a job is ours */
  readonly murky: readonly string[];
}

interface KnownKey {
  readonly atMs: number;
  readonly text: string;
  readonly answer: PostOutcome;
  readonly job: string | undefined;
}

/** Names what is paid once: one version of a file and one job. @param again the batch whose work is its own */
export function identityOf(body: Request['body'], etag: string | undefined, again: string): string {
  const { input, kind, options, output, connection_id } = body;
  return JSON.stringify([input, etag ?? '-', kind, options, output, connection_id, again]);
}

/** The run of its file that a job was made for, by its address. */
export function runOf({ body }: Job): number {
  return Number(/~(\d+)\/[^/]+\/[^/]+$/.exec(String(body['webhook_url']))?.[1] ?? 1);
}

/** What the promises want to know. */
export interface IttybitWatch {
  made(job: Job): void;
  /** A key is answered from memory: with its job, or with a refusal of that time. */
  replayed(known: { readonly job: string | undefined; readonly atMs: number }): void;
}

/** Ittybit: its jobs, its memory of keys, and the network before it. */
export class ModelIttybit {
  jobs: Job[] = [];
  /** requests whose sender has given up, and that may still arrive */
  air: (Request & { readonly untilMs: number })[] = [];
  hasFaults = true;
  readonly habits: IttybitHabits;
  readonly #keys = new Map<string, KnownKey>();
  readonly #now: () => number;
  readonly #random: () => number;
  readonly #watch: IttybitWatch;
  #ids = 0;

  constructor(habits: IttybitHabits, now: () => number, random: () => number, watch: IttybitWatch) {
    this.habits = habits;
    this.#now = now;
    this.#random = random;
    this.#watch = watch;
  }

  /** A job of before the history. */
  remember(job: Omit<Job, 'id' | 'listedMs'>): Job {
    const made = { ...job, id: this.#newId(), listedMs: 0 };
    this.jobs.push(made);
    const text = 'a body of another version';
    this.#keys.set(job.reference, { atMs: this.#now(), text, answer: created(made.id), job: made.id });
    return made;
  }

  /** POST /jobs through a network with faults. @param fault 0 to 99 */
  post(request: Request, fault: number): PostOutcome {
    const known = this.#keys.get(request.reference);
    const outcome = this.#send(request, fault);
    if (known && outcome === known.answer) this.#watch.replayed(known);
    return outcome;
  }

  #send(request: Request, fault: number): PostOutcome {
    const lost = { networkError: 'no answer' };
    if (!this.hasFaults || fault < 45) return this.create(request);
    if (fault < 53) return this.#unheard(request, lost);
    if (fault < 61) {
      this.air.push({ ...request, untilMs: this.#now() + AIR_MS });
      return lost;
    }
    if (fault < 64) return lost;
    if (fault < 67) return this.create(request, 500);
    if (fault < 70) return this.#unheard(request, answer(500));
    if (fault < 73) return this.#unheard(request, answer(200, '{"id":null}'));
    if (fault < 75) return answer(200, '<html>a page</html>');
    // The same request is under way, or so it says.
    if (fault < 78) return fault < 77 ? this.#unheard(request, answer(409)) : answer(409);
    if (fault < 80) return { ...answer(429), retryAfter: '2' };
    if (fault < 82) return { ...answer(429), retryAfter: '7200' };
    if (fault < 86) return answer(401);
    // A firewall, or a wrong address: only the witness can tell which of the two.
    if (fault < 93) return answer(fault % 2 === 0 ? 403 : 404);
    return this.create(request, 400);
  }

  /** The request that tells whether a refusal is about all files. */
  witness(fault: number): PostOutcome {
    if (!this.hasFaults || fault % 3 === 0) return answer(200, '[]');
    return answer(fault % 3 === 1 ? 503 : 404);
  }

  /** What reaches Ittybit: a key answers the same for a day. */
  create(request: Request, refusal?: number): PostOutcome {
    const { reference, body } = request;
    const text = JSON.stringify(body);
    const known = this.#keys.get(reference);
    if (known && this.#now() - known.atMs < DAY_MS) {
      return known.text === text ? known.answer : answer(this.habits.mismatch);
    }
    if (refusal !== undefined) {
      const refused = answer(refusal);
      const memory = { atMs: this.#now(), text, answer: refused, job: undefined };
      if (this.habits.remembersRefusals) this.#keys.set(reference, memory);
      return refused;
    }
    const lag = this.hasFaults ? Math.floor(this.#random() * LAG_MS) : 0;
    const job: Job = { ...request, id: this.#newId(), listedMs: this.#now() + lag, status: 'queued' };
    this.#keys.set(reference, { atMs: this.#now(), text, answer: created(job.id), job: job.id });
    this.jobs.push(job);
    this.#watch.made(job);
    return created(job.id);
  }

  /** Lets requests of the past arrive, or not, before so many ms have passed. */
  settleAir(ms: number): void {
    const due = this.air.filter(({ untilMs }) => untilMs < this.#now() + ms);
    this.air = this.air.filter((one) => !due.includes(one));
    for (const request of due) if (this.#random() < 0.5) this.create(request);
  }

  find(reference: string, input: string, fault: number): JobSearch {
    if (this.habits.murky.includes(input)) return { unknown: 'a job without metadata' };
    if (this.hasFaults && fault >= 90)
      return { failure: fault % 2 === 0 ? answer(503) : { networkError: 'no answer' } };
    if (this.hasFaults && fault >= 80) return { unknown: 'a job without metadata' };
    const job = this.jobs.find((one) => one.reference === reference && one.listedMs <= this.#now());
    return { found: job && reportOf(job, false) };
  }

  get(id: string, fault: number): Awaited<ReturnType<JobsApi['get']>> {
    if (this.hasFaults && fault >= 85) return { failure: answer(fault % 2 === 0 ? 503 : 404) };
    const job = this.jobs.find((one) => one.id === id);
    return job ? { found: reportOf(job, this.habits.isBare), job: { id } } : { failure: answer(404) };
  }

  #unheard(request: Request, heard: PostOutcome): PostOutcome {
    this.create(request);
    return heard;
  }

  #newId(): string {
    this.#ids += 1;
    return `job_${this.#ids}`;
  }
}

/** @returns a job as Ittybit describes it */
export function payloadOf({ id, status, body }: Job, isBare: boolean): Record<string, unknown> {
  return {
    ...{ id, object: 'job', kind: body['kind'], status },
    output: status === 'succeeded' ? { url: `https://store.example/${id}.mp4` } : null,
    error: status === 'failed' ? { message: 'the job failed' } : null,
    ...(!isBare && { metadata: body['metadata'] }),
  };
}

function reportOf(job: Job, isBare: boolean): JobReport {
  return parseJobReport(payloadOf(job, isBare));
}

function created(id: string): PostOutcome {
  return answer(201, JSON.stringify({ id }));
}

function answer(status: number, body = ''): PostOutcome {
  return { status, retryAfter: undefined, body };
}

import { ANSWER_MS } from '../../src/aws/pace-store.ts';
import { dispatchFile } from '../../src/app/batch/dispatch-file.ts';
import type { Delivery, DispatchServices } from '../../src/app/batch/dispatch-services.ts';
import { encodeQueueMessage } from '../../src/core/batch/queue-message.ts';
import type { JobsApi } from '../../src/core/ittybit/jobs-api.ts';
import type { PostOutcome } from '../../src/core/ittybit/dispatch-rules.ts';
import { isHeld, isLong, stopped, waitEnded } from '../../src/core/stack/dispatch-rules.ts';
import { ApiError } from '../../src/local/ittybit/api-error.ts';
import { RateLimit, type RateLimits } from '../../src/local/ittybit/rate-limit.ts';
import { DispatchFixture, FUNCTION_MS } from './dispatch-fixture.ts';
import { VirtualTime } from './virtual-time.ts';

export const MINUTE = 60_000;
/** Between two invocations of one place, in ms. */
const POLL_MS = 30;
const IDLE_MS = 10_000;
/** A request's way to Ittybit, and a call's whole time, in ms: from and to. */
const TABLE_MS = [5, 20] as const;
const CALL_MS = [100, 300] as const;

/** What a pipeline meets: limits that follow one another, each from a moment on. */
export interface Plan {
  readonly limits: readonly { readonly fromMs: number; readonly limits: RateLimits }[];
  readonly concurrency: number;
  readonly batchSize: number;
  readonly untilMs: number;
  /** MaxRequestsPerSecond; absent: 0, finds it */
  readonly most?: number;
  /** Until then every call is refused, with this header, or none. */
  readonly quota?: { readonly untilMs: number; readonly retryAfter: string | undefined };
  /** files in the queue; absent: as many as can be taken */
  readonly files?: number;
  readonly seed?: number;
}

/** One call as Ittybit sees it. */
export interface Call {
  readonly atMs: number;
  readonly isAccepted: boolean;
}

interface Message {
  readonly delivery: Omit<Delivery, 'receiveCount'>;
  receives: number;
  visibleMs: number;
}

/**
 * The consumer's rules, with all that they call, in as many invocations at once as the mapping allows, against the
 * stand-in's rate limit under a clock that jumps. One seed, one run.
 */
export class PaceWorld {
  readonly calls: Call[] = [];
  readonly fixture = new DispatchFixture();
  readonly #time = new VirtualTime();
  readonly #plan: Plan;
  readonly #startMs = this.fixture.now;
  readonly #limit: RateLimit;
  readonly #hidden: Message[] = [];
  #made = 0;
  #done = 0;
  #drawn: number;
  /** the most receives of one message */
  mostReceives = 0;
  /** receives in all */
  receives = 0;

  constructor(plan: Plan) {
    this.#plan = plan;
    this.#drawn = plan.seed ?? 1;
    Object.defineProperty(this.fixture, 'now', { get: () => this.#startMs + this.#time.now });
    this.fixture.most = plan.most ?? 0;
    this.#limit = new RateLimit(plan.limits[0]?.limits ?? {}, () => this.fixture.now);
    this.fixture.pace.before = () => this.#time.wait(this.#between(TABLE_MS));
  }

  /** @returns what came of it; files are left where the queue was not drained in time */
  async run(): Promise<this> {
    this.#time.install(() => this.#random());
    try {
      for (const { fromMs, limits } of this.#plan.limits.slice(1)) {
        void this.#time.wait(fromMs).then(() => {
          this.#limit.set(limits);
        });
      }
      void this.#reconcile();
      for (let i = 0; i < this.#plan.concurrency; i++) void this.#poll();
      await this.#time.pass();
    } finally {
      this.#time.restore();
    }
    return this;
  }

  get left(): number {
    return (this.#plan.files ?? Infinity) - this.#done;
  }

  get endedMs(): number {
    return this.#time.now;
  }

  #random(): number {
    // A linear congruential generator (Numerical Recipes, "Quick and dirty generators"): hashes would take most of the time.
    this.#drawn = (Math.imul(this.#drawn, 1664525) + 1013904223) >>> 0;
    return this.#drawn / 2 ** 32;
  }

  #between([from, to]: readonly [number, number]): number {
    return from + this.#random() * (to - from);
  }

  get #isOver(): boolean {
    return this.#time.now >= this.#plan.untilMs || this.left <= 0;
  }

  /** One place of the mapping. */
  async #poll(): Promise<void> {
    while (!this.#isOver) {
      const { state, now } = this.fixture;
      const messages = isHeld(state, now) && isLong(state) ? [] : this.#receive();
      if (messages.length > 0) await this.#invoke(messages);
      // While the mapping is off, or nothing is visible.
      await this.#time.wait(messages.length > 0 ? POLL_MS : IDLE_MS);
    }
  }

  #receive(): Message[] {
    const { batchSize, files = Infinity } = this.#plan;
    const { now } = this.fixture;
    const messages: Message[] = [];
    for (let i = 0; i < this.#hidden.length && messages.length < batchSize;) {
      if (this.#hidden[i]!.visibleMs > now) i += 1;
      else messages.push(...this.#hidden.splice(i, 1));
    }
    while (messages.length < batchSize && this.#made < files) {
      const id = String((this.#made += 1));
      const body = encodeQueueMessage({ batch: 'b1', bucket: 'media', key: `${id}.mp4` });
      messages.push({ delivery: { id, body, group: 'b1', attributes: {} }, receives: 0, visibleMs: now });
    }
    return messages;
  }

  async #invoke(messages: readonly Message[]): Promise<void> {
    const { now, pace } = this.fixture;
    const deadlineMs = now + FUNCTION_MS;
    const invocation = { id: String(this.receives), deadlineMs, visibleAgainMs: now + 120_000 };
    const services: DispatchServices = {
      ...this.fixture.services,
      slots: pace.slots(() => this.fixture.now, deadlineMs, this.fixture.most, ANSWER_MS),
      api: this.#api,
      random: () => this.#random(),
      stop: async (reason, waitMs) => {
        this.fixture.state =
          stopped(this.fixture.state, { reason, waitMs }, 'consumer', this.fixture.now) ?? this.fixture.state;
      },
    };
    await Promise.all(
      messages.map(async (message) => {
        message.receives += 1;
        this.receives += 1;
        this.mostReceives = Math.max(this.mostReceives, message.receives);
        await this.#time.wait(this.#between(TABLE_MS));
        const delivery = { ...message.delivery, receiveCount: message.receives };
        const disposal = await dispatchFile(delivery, invocation, services);
        if (disposal.done) {
          this.#done += 1;
          return;
        }
        message.visibleMs = this.fixture.now + Math.max(1000, disposal.hideMs);
        this.#hidden.push(message);
      }),
    );
  }

  /** Ends a wait in the minute after it. */
  async #reconcile(): Promise<void> {
    while (!this.#isOver) {
      await this.#time.wait(MINUTE);
      const { state, now } = this.fixture;
      this.fixture.state = waitEnded(state, 'reconciler', now) ?? state;
    }
  }

  readonly #api: JobsApi = {
    post: async () => {
      const outcome = this.#answer();
      this.calls.push({ atMs: this.#time.now, isAccepted: outcome.status === 201 });
      await this.#time.wait(this.#between(CALL_MS));
      return outcome;
    },
    find: () => Promise.reject(new Error('the consumer looks nothing up')),
    get: () => Promise.reject(new Error('the consumer asks for no job')),
    witness: () => Promise.reject(new Error('no call is refused for one file')),
  };

  #answer(): Extract<PostOutcome, { status: number }> {
    const { quota } = this.#plan;
    if (quota && this.#time.now < quota.untilMs) {
      return { status: 429, retryAfter: quota.retryAfter, body: 'quota' };
    }
    try {
      this.#limit.admit(1);
      return { status: 201, retryAfter: undefined, body: `{"id":"job_${this.calls.length}"}` };
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return { status: 429, retryAfter: error.headers['Retry-After'], body: 'slow down' };
    }
  }
}

/** What calls between two moments came to. */
export interface Share {
  /** accepted calls, as a share of what the limit allows */
  readonly used: number;
  /** refused calls, as a share of all */
  readonly refused: number;
}

/** @param limit calls/s that are allowed */
export function shareOf(
  calls: readonly Call[],
  [fromMs, toMs]: readonly [number, number],
  limit: number,
): Share {
  const those = calls.filter(({ atMs }) => atMs >= fromMs && atMs < toMs);
  const accepted = those.filter(({ isAccepted }) => isAccepted).length;
  return {
    used: accepted / (((toMs - fromMs) / 1000) * limit),
    refused: those.length === 0 ? 0 : 1 - accepted / those.length,
  };
}

/** @returns s from a change until calls use 90 % of a limit over half a minute; undefined: never */
export function secondsUntilUsed(
  calls: readonly Call[],
  [fromMs, toMs]: readonly [number, number],
  limit: number,
): number | undefined {
  for (let ms = fromMs; ms + MINUTE / 2 <= toMs; ms += 5_000) {
    if (shareOf(calls, [ms, ms + MINUTE / 2], limit).used >= 0.9) return (ms - fromMs) / 1000;
  }
  return undefined;
}

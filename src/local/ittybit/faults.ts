/** What a fault can match: the request; for faults of jobs and webhooks, the request that created the job. */
export interface FaultSubject {
  readonly method: string;
  /** The path without the query, e.g. `/jobs`. */
  readonly path: string;
  /** The parsed JSON body; undefined when there is none or it is not JSON. */
  readonly body: unknown;
  /** `body.input` when that is a string. */
  readonly input: string | undefined;
  readonly idempotencyKey: string | undefined;
}

/** What goes wrong with a request. Every `latency` applies; of the other effects only the first one added. */
export type RequestFaultEffect =
  | {
      readonly type: 'status';
      readonly status: number;
      readonly kind?: string;
      readonly message?: string;
      readonly headers?: Readonly<Record<string, string>>;
      /** Sent as it is instead of `{kind, message}`: a gateway's error page, for instance. */
      readonly rawBody?: string;
    }
  /** The request is read and never answered; no job is created. */
  | { readonly type: 'hang' }
  /** The request has its full effect, then the connection drops before the answer. */
  | { readonly type: 'response_lost' }
  | { readonly type: 'latency'; readonly ms: number };

/** How a job ends when it does not succeed, decided at its end. A cancelled job sends no webhook: there is no topic for it. */
export type JobFaultEffect =
  | { readonly type: 'job_fails'; readonly error?: { readonly kind: string; readonly message: string } }
  | { readonly type: 'job_cancelled' };

/** What goes wrong with all webhooks of a job, decided at its first one. */
export type WebhookFaultEffect =
  | { readonly type: 'webhook_lost' }
  | { readonly type: 'webhook_duplicated' }
  /** The `processing` webhook comes after the final one. */
  | { readonly type: 'webhook_out_of_order' }
  | { readonly type: 'webhook_delayed'; readonly ms: number };

export type FaultEffect = RequestFaultEffect | JobFaultEffect | WebhookFaultEffect;

export interface Fault {
  readonly effect: FaultEffect;
  /** A part of `input`, or a predicate; absent: matches everything, on every route. */
  readonly match?: string | ((subject: FaultSubject) => boolean);
  /** How often the fault applies; absent: until it is removed. */
  readonly times?: number;
  /** The share of matching subjects that it applies to, 0 to 1; absent: all. */
  readonly rate?: number;
}

/** A fault that was added: how often it has applied, and how to remove it. */
export interface ActiveFault {
  readonly hits: number;
  remove(): void;
}

const jobEffects = ['job_fails', 'job_cancelled'] as const satisfies JobFaultEffect['type'][];
const requestEffects = [
  'status',
  'hang',
  'response_lost',
  'latency',
] as const satisfies RequestFaultEffect['type'][];
const webhookEffects = [
  'webhook_lost',
  'webhook_duplicated',
  'webhook_out_of_order',
  'webhook_delayed',
] as const satisfies WebhookFaultEffect['type'][];

/** The faults that are active. */
export class Faults {
  readonly #faults = new Set<{ readonly fault: Fault; hits: number }>();
  readonly #random: () => number;

  /** @param random a number from 0 to below 1, for faults with a rate */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** Adds a fault, also while requests are being served. */
  add(fault: Fault): ActiveFault {
    const entry = { fault, hits: 0 };
    this.#faults.add(entry);
    return {
      get hits() {
        return entry.hits;
      },
      remove: () => {
        this.#faults.delete(entry);
      },
    };
  }

  /** Removes every fault. */
  clear(): void {
    this.#faults.clear();
  }

  /** The effects on this request; at most one is not latency, and it comes last. */
  forRequest(subject: FaultSubject): RequestFaultEffect[] {
    const effects: RequestFaultEffect[] = [];
    for (const effect of this.#applying(requestEffects, subject)) {
      effects.push(effect);
      if (effect.type !== 'latency') break;
    }
    return effects.sort((a, b) => Number(b.type === 'latency') - Number(a.type === 'latency'));
  }

  /** How the job that `subject` created ends; undefined when it succeeds. */
  forJob(subject: FaultSubject): JobFaultEffect | undefined {
    for (const effect of this.#applying(jobEffects, subject)) return effect;
    return undefined;
  }

  /** The effects on the webhooks of the job that `subject` created. */
  forWebhooks(subject: FaultSubject): WebhookFaultEffect[] {
    return [...this.#applying(webhookEffects, subject)];
  }

  /** Yields the effects that apply, and counts a hit for each one when it is taken. */
  *#applying<T extends FaultEffect['type']>(
    types: readonly T[],
    subject: FaultSubject,
  ): Generator<Extract<FaultEffect, { type: T }>> {
    const isWanted = (effect: FaultEffect): effect is Extract<FaultEffect, { type: T }> =>
      (types as readonly string[]).includes(effect.type);
    for (const entry of this.#faults) {
      const { effect, times, rate } = entry.fault;
      if (!isWanted(effect) || !matches(entry.fault, subject)) continue;
      if (entry.hits >= (times ?? Infinity)) continue;
      if (rate !== undefined && this.#random() >= rate) continue;
      entry.hits += 1;
      yield effect;
    }
  }
}

function matches({ match }: Fault, subject: FaultSubject): boolean {
  if (match === undefined) return true;
  if (typeof match === 'string') return subject.input?.includes(match) ?? false;
  return match(subject);
}

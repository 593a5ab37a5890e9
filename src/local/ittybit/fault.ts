/** What a fault can match: the request; for faults of jobs, lists and webhooks, the request that created the job. */
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

/** An answer that a fault gives. */
export interface FaultAnswer {
  readonly status: number;
  readonly kind?: string;
  readonly message?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as it is instead of `{kind, message}`: a gateway's error page, for instance. */
  readonly rawBody?: string;
}

/** What goes wrong with a request. Every `latency` applies; of the other effects only the first one added. */
export type RequestFaultEffect =
  /** Something in front of the API answers: the request has no effect, and the idempotency memory is not asked. */
  | ({ readonly type: 'status' } & FaultAnswer)
  /**
   * The API itself refuses the create, after a look into its idempotency memory: a known key gets its first answer, and
   * under the reading `replay` the refusal is remembered. Applies to `POST /jobs` only.
   */
  | ({ readonly type: 'refused' } & FaultAnswer)
  /** The request has its full effect, then the caller gets this answer instead of the true one. */
  | ({ readonly type: 'answer_replaced' } & FaultAnswer)
  /** The request is read and never answered; no job is created. */
  | { readonly type: 'hang' }
  /**
   * The request has its full effect, then the connection drops before the answer. With `afterMs` the connection drops at
   * once, and the effect comes so much later: perhaps after a repeat.
   */
  | { readonly type: 'response_lost'; readonly afterMs?: number }
  /** The answer, and the request's effect with it, come later: also after a caller that gave up. */
  | { readonly type: 'latency'; readonly ms: number };

/** How a job ends when it does not simply succeed, decided at its end. */
export type JobFaultEffect =
  | {
      readonly type: 'job_fails';
      readonly error?: { readonly kind: string; readonly message: string };
      /** True: the job's own `error` stays null, and only the task that failed says why. */
      readonly onlyInTask?: boolean;
    }
  /** A cancelled job sends no webhook: there is no topic for it. */
  | { readonly type: 'job_cancelled' }
  /** The job stays in `processing` for ever, and `settled` does not wait for it. */
  | { readonly type: 'job_hangs' }
  /** The job succeeds, and the address of its result has this many characters more. */
  | { readonly type: 'output_long'; readonly characters: number }
  /** The job succeeds without an output, and has it this much later; then a second webhook tells success once more. */
  | { readonly type: 'output_late'; readonly ms: number };

/** What goes wrong with all webhooks of a job, decided at its first one. */
export type WebhookFaultEffect =
  /** With `finalOnly`, what is reported before the job's end still comes. */
  | { readonly type: 'webhook_lost'; readonly finalOnly?: boolean }
  | { readonly type: 'webhook_duplicated' }
  /** The `processing` webhook and the reports about tasks come after the final one. */
  | { readonly type: 'webhook_out_of_order' }
  /** Each webhook comes later: by `ms`, or with `maxMs` by a time drawn from `ms` to `maxMs`. */
  | { readonly type: 'webhook_delayed'; readonly ms: number; readonly maxMs?: number }
  /** The body is sent with `Content-Encoding: gzip`. */
  | { readonly type: 'webhook_gzipped' }
  /** The body starts with a byte order mark. */
  | { readonly type: 'webhook_bom' }
  /** Before the job's own webhooks, somebody else reports its success, to its address with another signature. */
  | { readonly type: 'webhook_forged' };

/** What is wrong with a job in the answers of `GET /jobs`; `GET /jobs/{id}` is not touched. */
export type ListFaultEffect =
  /** The job is missing until it is this old. */
  | { readonly type: 'unlisted'; readonly ms: number }
  /** The job is there without its `metadata`. */
  | { readonly type: 'metadata_unlisted' };

export type FaultEffect = RequestFaultEffect | JobFaultEffect | WebhookFaultEffect | ListFaultEffect;

/** When a fault applies. Without any field: always, on every route. */
export interface FaultScope {
  /** A part of `input`, which only a create has, or a predicate. */
  readonly match?: string | ((subject: FaultSubject) => boolean);
  /** How often it applies. */
  readonly times?: number;
  /** How often it applies to one input; requests without an input count as one. */
  readonly timesEach?: number;
  /** The share of matching subjects that it applies to, 0 to 1. */
  readonly rate?: number;
  /** It applies before this moment of the stand-in's clock, in Unix ms. */
  readonly until?: number;
}

export interface Fault extends FaultScope {
  readonly effect: FaultEffect;
}

export const requestEffects = [
  'status',
  'refused',
  'answer_replaced',
  'hang',
  'response_lost',
  'latency',
] as const satisfies RequestFaultEffect['type'][];
export const jobEffects = [
  'job_fails',
  'job_cancelled',
  'job_hangs',
  'output_long',
  'output_late',
] as const satisfies JobFaultEffect['type'][];
export const webhookEffects = [
  'webhook_lost',
  'webhook_duplicated',
  'webhook_out_of_order',
  'webhook_delayed',
  'webhook_gzipped',
  'webhook_bom',
  'webhook_forged',
] as const satisfies WebhookFaultEffect['type'][];
export const listEffects = ['unlisted', 'metadata_unlisted'] as const satisfies ListFaultEffect['type'][];

/** True when a scope's `match` holds for `subject`. */
export function matches({ match }: FaultScope, subject: FaultSubject): boolean {
  if (match === undefined) return true;
  if (typeof match === 'string') return subject.input?.includes(match) ?? false;
  return match(subject);
}

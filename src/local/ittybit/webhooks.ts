import type { Faults, WebhookFaultEffect } from './faults.ts';
import type { Job } from './job.ts';
import type { JobBookWriter, WebhookDelivery } from './job-book.ts';
import type { OutstandingWork } from './outstanding-work.ts';
import { payloadShapes, webhookPayload, type PayloadShape, type WebhookEvent } from './payload-shapes.ts';
import { postWebhook } from './webhook-post.ts';

/** How webhooks are sent. Ittybit publishes only the 5 s; the number of attempts and the pace are our choice. */
export interface WebhookSettings {
  /** One shape for all jobs, or the five in turn, a job each. */
  readonly shape: PayloadShape | 'rotate';
  /** The key that signs each webhook; undefined: no signature header. */
  readonly secret: string | undefined;
  /** True: a job that starts processing sends a webhook, too. */
  readonly onProcessing: boolean;
  readonly maxAttempts: number;
  /** The wait before the second attempt, in ms; it doubles with each further attempt. */
  readonly retryBaseMs: number;
  readonly timeoutMs: number;
  readonly maxConcurrent: number;
}

interface Collaborators {
  readonly book: JobBookWriter;
  readonly faults: Faults;
  readonly work: OutstandingWork;
  /** The time in Unix ms. */
  readonly now: () => number;
}

interface Plan {
  readonly effects: readonly WebhookFaultEffect[];
  /** The `processing` webhook, when it has to come after the final one. */
  readonly held: WebhookDelivery | undefined;
}

/** Sends each job's webhooks, with retries, and records how they ended. */
export class Webhooks {
  readonly #settings: WebhookSettings;
  readonly #with: Collaborators;
  readonly #plans = new Map<string, Plan>();
  readonly #closing = new AbortController();
  readonly #waiting: (() => void)[] = [];
  #active = 0;

  constructor(settings: WebhookSettings, collaborators: Collaborators) {
    this.#settings = settings;
    this.#with = collaborators;
  }

  /** Decides which faults apply to the job's webhooks, and sends the `processing` webhook when the settings say so. */
  jobStarted(job: Job): void {
    if (job.request.webhookUrl === undefined) return;
    const effects = this.#with.faults.forWebhooks(job.subject);
    const outOfOrder = effects.some(({ type }) => type === 'webhook_out_of_order');
    const isTold = outOfOrder || this.#settings.onProcessing;
    const delivery = isTold ? this.#compose(job, 'processing', job.request.webhookUrl) : undefined;
    this.#plans.set(job.id, { effects, held: outOfOrder ? delivery : undefined });
    if (delivery !== undefined && !outOfOrder) void this.#send([delivery], effects);
  }

  /** Sends the webhook that the job has succeeded or failed. */
  jobEnded(job: Job): void {
    const plan = this.#plans.get(job.id);
    const url = job.request.webhookUrl;
    if (plan === undefined || url === undefined) return;
    this.#plans.delete(job.id);
    const { status } = job;
    const final = status === 'succeeded' || status === 'failed' ? [this.#compose(job, status, url)] : [];
    void this.#send([...final, ...(plan.held === undefined ? [] : [plan.held])], plan.effects);
  }

  /** Stops the webhooks that are being sent. */
  close(): void {
    this.#closing.abort();
  }

  #compose(job: Job, event: WebhookEvent, url: string): WebhookDelivery {
    const { shape: wanted } = this.#settings;
    const turn = payloadShapes[(job.number - 1) % payloadShapes.length];
    const shape = wanted === 'rotate' ? (turn ?? 'flat') : wanted;
    const body = JSON.stringify(webhookPayload(shape, job, event, this.#with.now()));
    return { jobId: job.id, event, shape, url, body, duplicate: false, attempts: [], outcome: 'pending' };
  }

  /** Sends webhooks one after the other. It never rejects; after `close` it may never resolve. */
  async #send(deliveries: readonly WebhookDelivery[], effects: readonly WebhookFaultEffect[]): Promise<void> {
    const isLost = effects.some(({ type }) => type === 'webhook_lost');
    const copies = effects.some(({ type }) => type === 'webhook_duplicated') ? [false, true] : [false];
    const end = this.#with.work.begin();
    for (const delivery of deliveries) {
      for (const duplicate of copies) {
        const record: WebhookDelivery = { ...delivery, duplicate, attempts: [] };
        if (isLost) record.outcome = 'lost';
        this.#with.book.webhooks.push(record);
        if (isLost) break;
        for (const effect of effects) if (effect.type === 'webhook_delayed') await this.#pause(effect.ms);
        await this.#deliver(record);
      }
    }
    end();
  }

  async #deliver(record: WebhookDelivery): Promise<void> {
    const { maxAttempts, retryBaseMs } = this.#settings;
    for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
      if (attempt > 1) await this.#pause(retryBaseMs * 2 ** (attempt - 2));
      await this.#freeSlot();
      const at = this.#with.now();
      const result = await this.#post(record);
      this.#releaseSlot();
      record.attempts.push({ at, ...result });
      if (result.status !== undefined && result.status >= 200 && result.status < 300) {
        record.outcome = 'delivered';
        return;
      }
    }
    record.outcome = 'given_up';
  }

  async #post({
    url,
    body,
  }: WebhookDelivery): Promise<{ status: number } | { status?: never; error: string }> {
    const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(this.#settings.timeoutMs)]);
    try {
      return { status: await postWebhook(url, body, this.#settings.secret, signal) };
    } catch (error) {
      const reason: unknown = signal.aborted ? signal.reason : error;
      return { error: reason instanceof Error ? reason.message : String(reason) };
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#with.work.after(ms, resolve);
    });
  }

  async #freeSlot(): Promise<void> {
    if (this.#active < this.#settings.maxConcurrent) {
      this.#active += 1;
      return;
    }
    await new Promise<void>((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  #releaseSlot(): void {
    const next = this.#waiting.shift();
    // A waiting delivery takes the slot, so the count stays the same.
    if (next === undefined) this.#active -= 1;
    else next();
  }
}

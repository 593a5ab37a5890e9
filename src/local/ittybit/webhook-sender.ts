import type { WebhookDelivery } from './job-book.ts';
import type { OutstandingWork } from './outstanding-work.ts';
import { postWebhook } from './webhook-post.ts';

/** How one webhook is sent. Ittybit publishes only the 5 s; the number of attempts and the pace are our choice. */
export interface SenderSettings {
  /** The key that signs each webhook; undefined: no signature header. */
  readonly secret: string | undefined;
  readonly maxAttempts: number;
  /** The wait before the second attempt, in ms; it doubles with each further attempt. */
  readonly retryBaseMs: number;
  readonly timeoutMs: number;
  readonly maxConcurrent: number;
}

interface Collaborators {
  readonly work: OutstandingWork;
  /** The time in Unix ms. */
  readonly now: () => number;
}

/** Sends webhooks, a limited number at once, each with retries, and records their attempts. */
export class WebhookSender {
  readonly #settings: SenderSettings;
  readonly #with: Collaborators;
  readonly #closing = new AbortController();
  readonly #waiting: (() => void)[] = [];
  #active = 0;

  constructor(settings: SenderSettings, collaborators: Collaborators) {
    this.#settings = settings;
    this.#with = collaborators;
  }

  /** Sends a webhook until it gets a 2xx or its attempts end; a forged one has one attempt. It never rejects. */
  async deliver(record: WebhookDelivery): Promise<void> {
    const { maxAttempts, retryBaseMs } = this.#settings;
    for (let attempt = 1; attempt <= (record.forged ? 1 : maxAttempts); attempt += 1) {
      if (attempt > 1) await this.pause(retryBaseMs * 2 ** (attempt - 2));
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

  /** Waits; after `close` it never resolves. */
  pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#with.work.after(ms, resolve);
    });
  }

  /** Stops the webhooks that are being sent. */
  close(): void {
    this.#closing.abort();
  }

  async #post({
    url,
    body,
    encodings,
    forged,
  }: WebhookDelivery): Promise<{ status: number } | { status?: never; error: string }> {
    const { timeoutMs, secret: own } = this.#settings;
    const closing = this.#closing.signal;
    // A timer of its own frees the slot, whatever becomes of the request: six that never ended stopped all callbacks.
    const end = new AbortController();
    const timer = setTimeout(() => {
      end.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'));
    }, timeoutMs);
    const close = () => {
      end.abort(closing.reason);
    };
    closing.addEventListener('abort', close);
    if (closing.aborted) close();
    const secret = forged && own !== undefined ? `not ${own}` : own;
    try {
      return { status: await postWebhook(url, { body, encodings, secret }, end.signal) };
    } catch (error) {
      const reason: unknown = end.signal.aborted ? end.signal.reason : error;
      return { error: reason instanceof Error ? reason.message : String(reason) };
    } finally {
      clearTimeout(timer);
      closing.removeEventListener('abort', close);
    }
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

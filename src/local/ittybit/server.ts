import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serve } from './api.ts';
import { ApiKeys } from './api-keys.ts';
import type { Draw } from './draws.ts';
import { Faults } from './faults.ts';
import { IdempotencyMemory, type IdempotencyRules } from './idempotency.ts';
import type { ListBody } from './job-list.ts';
import { Jobs, type JobDurations } from './jobs.ts';
import { JobBookWriter, type JobBook } from './job-book.ts';
import { OutstandingWork } from './outstanding-work.ts';
import { RateLimit, type RateLimits } from './rate-limit.ts';
import { Webhooks, type WebhookSettings } from './webhooks.ts';

/** How the stand-in behaves. Everything except the keys has a default. Times are in ms. */
export interface IttybitOptions {
  /** Keys accepted from the start; `keys` can change them later. */
  readonly apiKeys: readonly string[];
  /** Absent: queued for 20 ms and processing for 50 ms. */
  readonly durations?: Partial<JobDurations>;
  /** Absent: unlimited. `rateLimit` can change it later. */
  readonly rateLimits?: RateLimits;
  /** Absent: shape `rotate`, unsigned, only the webhook of the job's end, 6 attempts from 500 ms on, 5 s time-out, 6 at once. */
  readonly webhooks?: Partial<WebhookSettings>;
  /** Absent: `array`. */
  readonly listBody?: ListBody;
  /** Added to every answer; absent: 0. */
  readonly latencyMs?: number;
  /** The clock of all records, limits and expiries, in Unix ms; absent: `Date.now`. Timers run in real time. */
  readonly now?: () => number;
  /** For faults with a rate or a time between two bounds; absent: `Math.random`. `seededDraws` makes a run repeatable. */
  readonly random?: Draw;
  /** Absent: a refused create is forgotten, and the same key with another body gets 400. `idempotency` can change it later. */
  readonly idempotency?: Partial<IdempotencyRules>;
}

/** A running stand-in for the Ittybit API. */
export interface IttybitStandIn {
  /** To use instead of https://api.ittybit.com; it has no slash at the end. */
  readonly url: string;
  readonly book: JobBook;
  readonly faults: Faults;
  readonly keys: ApiKeys;
  readonly rateLimit: RateLimit;
  readonly idempotency: IdempotencyMemory;
  /**
   * Resolves when every job has ended and every webhook has been delivered or given up. Rejects with the signal's reason
   * on abort, and with an Error when the stand-in is closed first.
   */
  settled(signal?: AbortSignal): Promise<void>;
  /** Ends all connections and timers, so that the process can exit. */
  close(): Promise<void>;
}

const defaultDurations: JobDurations = { queuedMs: 20, processingMs: 50 };

const defaultWebhooks: WebhookSettings = {
  shape: 'rotate',
  secret: undefined,
  onProcessing: false,
  taskEvents: false,
  maxAttempts: 6,
  retryBaseMs: 500,
  timeoutMs: 5000,
  maxConcurrent: 6,
};

/**
 * Starts a stand-in for the Ittybit API on a free port of 127.0.0.1: `POST /jobs`, `GET /jobs`, `GET /jobs/{id}` and
 * webhooks, as published. Rejects when it cannot listen.
 */
export async function startIttybit(options: IttybitOptions): Promise<IttybitStandIn> {
  const now = options.now ?? Date.now;
  const keys = new ApiKeys();
  for (const key of options.apiKeys) keys.accept(key);
  const book = new JobBookWriter();
  const work = new OutstandingWork();
  const faults = new Faults(options.random ?? Math.random, now);
  const rateLimit = new RateLimit(options.rateLimits ?? {}, now);
  const webhooks = new Webhooks({ ...defaultWebhooks, ...options.webhooks }, { book, faults, work, now });
  const durations = { ...defaultDurations, ...options.durations };
  const jobs = new Jobs(durations, { book, faults, webhooks, work, now });
  const idempotency = new IdempotencyMemory(options.idempotency ?? {}, { book, now });
  const { latencyMs = 0, listBody = 'array' } = options;
  const parts = { keys, rateLimit, faults, jobs, idempotency, book, work, now, listBody, latencyMs };

  const server = createServer((request, response) => void serve(parts, request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    book,
    faults,
    keys,
    rateLimit,
    idempotency,
    settled: (signal) => work.settled(signal),
    close: async () => {
      if (!server.listening) return;
      work.close();
      webhooks.close();
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

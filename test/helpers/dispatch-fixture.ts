import { DEFAULT_JOB_OPTIONS, type JobOptions } from '../../src/core/ittybit/job-options.ts';
import { encodeQueueMessage } from '../../src/core/batch/queue-message.ts';
import {
  dispatchFile,
  type Delivery,
  type DispatchServices,
  type Disposal,
} from '../../src/app/batch/dispatch-file.ts';
import { FakeIttybit } from './fake-ittybit.ts';
import { MemoryLedger } from './memory-ledger.ts';

export const FILE = { batch: 'b1', bucket: 'media', key: 'dir/a b.mp4' };
export const FUNCTION_MS = 20_000;

/** The consumer's rules with services in memory and a clock that only the test moves. */
export class DispatchFixture {
  now = Date.parse('2026-11-23T10:00:00Z');
  readonly ledger = new MemoryLedger(() => this.now);
  readonly ittybit = new FakeIttybit(() => this.now);
  readonly buried: { body: string; group: string | undefined; attributes: Record<string, string> }[] = [];
  readonly pauses: string[] = [];
  /** how often the API key was read from the cache, and how often fresh */
  readonly keyReads = { cached: 0, fresh: 0 };
  job: JobOptions | undefined = DEFAULT_JOB_OPTIONS;
  keys = { cached: 'key-1', fresh: 'key-1' };
  beforeBury: () => void = () => undefined;
  #invocations = 0;

  readonly services: DispatchServices = {
    ledger: this.ledger,
    api: this.ittybit,
    connectionId: '',
    webhookUrl: 'https://hook.example/webhook',
    maxAttempts: 3,
    jobOptions: async () => this.job,
    apiKey: async (fresh) => {
      this.keyReads[fresh ? 'fresh' : 'cached'] += 1;
      return this.keys[fresh ? 'fresh' : 'cached'];
    },
    signingKey: async () => 'signing-key',
    bury: async ({ body, group }, attributes) => {
      this.beforeBury();
      this.buried.push({ body, group, attributes });
    },
    pause: async (reason) => void this.pauses.push(reason),
    now: () => this.now,
    random: () => 0,
  };

  /** Delivers a message to a new invocation, as SQS does each time. */
  deliver(body = encodeQueueMessage(FILE), change: Partial<DispatchServices> = {}): Promise<Disposal> {
    this.#invocations += 1;
    const delivery: Delivery = { id: 'message', body, group: 'b1' };
    const invocation = { id: `invocation-${this.#invocations}`, deadlineMs: this.now + FUNCTION_MS };
    return dispatchFile(delivery, invocation, { ...this.services, ...change });
  }

  /** Answers every POST with this status. */
  always(status: number, body = '', retryAfter?: string): void {
    this.ittybit.answer = () => ({ status, retryAfter, body });
  }
}

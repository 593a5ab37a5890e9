import { DEFAULT_JOB_OPTIONS, type JobOptions } from '../../src/core/ittybit/job-options.ts';
import { encodeQueueMessage } from '../../src/core/batch/queue-message.ts';
import { dispatchFile } from '../../src/app/batch/dispatch-file.ts';
import type { Delivery, DispatchServices, Disposal } from '../../src/app/batch/dispatch-services.ts';
import type { StoredOrder } from '../../src/core/batch/batch-codec.ts';
import type { Sender } from '../../src/core/batch/sent-request.ts';
import type { DispatchState } from '../../src/core/stack/dispatch-control.ts';
import { FakeIttybit } from './fake-ittybit.ts';
import { MemoryBrakes } from './memory-brakes.ts';
import { MemoryLedger } from './memory-ledger.ts';
import { MemoryPace } from './memory-pace.ts';

export const FILE = { batch: 'b1', bucket: 'media', key: 'dir/a b.mp4' };
export const FUNCTION_MS = 20_000;
export const MINUTE = 60_000;
export const SIGNING_KEY = 'signing-key-of-at-least-32-characters';
/** No call of a test waits for another one, unless Ittybit has refused one. */
const MOST = 1000;
const RUNNING: DispatchState = { state: 'running', reason: undefined, at: undefined, epoch: 0 };

/** The consumer's rules with services in memory and a clock that only the test moves. */
export class DispatchFixture {
  now = Date.parse('2026-11-23T10:00:00Z');
  readonly ledger = new MemoryLedger();
  readonly ittybit = new FakeIttybit(() => this.now);
  readonly brakes = new MemoryBrakes(() => this.now);
  readonly buried: { body: string; group: string | undefined; attributes: Record<string, string> }[] = [];
  readonly stops: { reason: string; ms: number | undefined }[] = [];
  /** how often the API key was read from the cache, and how often fresh */
  readonly keyReads = { cached: 0, fresh: 0 };
  /** the job of every batch without an order of its own; undefined: there is no such batch */
  job: JobOptions | undefined = DEFAULT_JOB_OPTIONS;
  readonly orders = new Map<string, Omit<StoredOrder, 'brake'>>();
  sender: Sender = {
    apiUrl: 'https://api.example',
    connectionId: '',
    webhookUrl: 'https://hook.example/webhook',
    signingKeys: [SIGNING_KEY],
  };
  state = RUNNING;
  keys = { cached: 'key-1', fresh: 'key-1' };
  beforeBury: () => void = () => undefined;
  readonly pace = new MemoryPace(
    () => this.now,
    () => this.state,
  );
  /** MaxRequestsPerSecond */
  most = MOST;
  #invocations = 0;
  #references = 0;

  readonly services: Omit<DispatchServices, 'slots'> = {
    ledger: this.ledger,
    api: this.ittybit,
    maxAttempts: 3,
    patience: { reconcileAfterMs: 15 * MINUTE, settleMs: 15 * MINUTE },
    brakes: this.brakes,
    order: async (batch) => {
      const order = this.orders.get(batch) ?? (this.job && { job: this.job, again: false });
      return order && { ...order, brake: this.brakes.of(batch) };
    },
    apiKey: async (fresh) => {
      this.keyReads[fresh ? 'fresh' : 'cached'] += 1;
      return this.keys[fresh ? 'fresh' : 'cached'];
    },
    sender: async () => this.sender,
    bury: async ({ body, group }, attributes) => {
      this.beforeBury();
      this.buried.push({ body, group, attributes });
    },
    stop: async (reason, ms) => void this.stops.push({ reason, ms }),
    now: () => this.now,
    random: () => 0,
    newReference: () => String((this.#references += 1)).padStart(32, '0'),
  };

  /** Delivers a message to a new invocation, as SQS does each time. */
  deliver(
    body = encodeQueueMessage(FILE),
    change: Partial<DispatchServices> = {},
    received: Partial<Delivery> = {},
  ): Promise<Disposal> {
    this.#invocations += 1;
    const delivery: Delivery = {
      id: 'message',
      body,
      group: 'b1',
      receiveCount: 1,
      attributes: {},
      ...received,
    };
    const invocation = {
      id: `invocation-${this.#invocations}`,
      deadlineMs: this.now + FUNCTION_MS,
      visibleAgainMs: this.now + 120_000,
    };
    const slots = this.slots(invocation.deadlineMs);
    return dispatchFile(delivery, invocation, { ...this.services, slots, ...change });
  }

  /** The slots of one invocation. */
  slots(deadlineMs: number): DispatchServices['slots'] {
    return this.pace.slots(() => this.now, deadlineMs, this.most);
  }

  /** Answers every POST with this status. */
  always(status: number, body = '', retryAfter?: string): void {
    this.ittybit.answer = () => ({ status, retryAfter, body });
  }
}

import { DEFAULT_BATCH, encodeQueueMessage, type QueueMessage } from '../../src/core/batch/queue-message.ts';
import type { LedgerWrite } from '../../src/core/batch/ledger.ts';
import type { ResultItem } from '../../src/core/batch/result-item.ts';
import type { Sender } from '../../src/core/batch/sent-request.ts';
import type { StoredOrder } from '../../src/core/batch/batch-codec.ts';
import { InvalidInputError } from '../../src/core/errors.ts';
import { signingKeysOf, validKeys } from '../../src/core/ittybit/signing-keys.ts';
import { dispatchCondition } from '../../src/core/stack/dispatch-codec.ts';
import type { DispatchState } from '../../src/core/stack/dispatch-control.ts';
import { MemoryBrakes } from '../helpers/memory-brakes.ts';
import { MemoryLedger } from '../helpers/memory-ledger.ts';
import { ModelIttybit, payloadOf, type Job, type JobStatus } from './model-ittybit.ts';
import { ModelQueue } from './model-queue.ts';
import { ModelStack } from './model-stack.ts';
import type { Process } from './process.ts';
import { BrokenPromise, checkCounts, checkJob, checkReplay, checkWrite } from './promises.ts';
import { BUCKET, jobOf, KEYS, type Setup } from './setup.ts';

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
const START = Date.parse('2026-11-26T00:00:00Z');

/** What a batch asks for. */
type BatchOrder = Omit<StoredOrder, 'brake'>;

/** A callback on its way. */
export interface Call {
  /** the address's last three parts */
  readonly path: { readonly batch: string; readonly source: string; readonly signature: string };
  readonly stack: number;
  readonly payload: Record<string, unknown>;
}

/** The AWS account, Ittybit, the people, and what has been promised to them. */
export class World {
  readonly setup: Setup;
  now = START;
  /** a number for each event, to tell what came first */
  sequence = 0;
  readonly ledger = new MemoryLedger();
  readonly queue: ModelQueue;
  readonly ittybit: ModelIttybit;
  readonly batches = new Map<string, { readonly files: readonly string[]; order(): BatchOrder }>();
  readonly brakes = new MemoryBrakes(() => this.now);
  /** when each batch was held or cancelled, as a number of an event */
  readonly heldAt = new Map<string, number>();
  readonly cancelledAt = new Map<string, number>();
  /** batches whose records were deleted */
  readonly deleted = new Set<string>();
  readonly etags = new Map<string, number>(KEYS.map((key) => [key, 1]));
  stack: ModelStack;
  connectionId = 'c1';
  apiUrl = 'https://api.example';
  options = 1;
  callbacks: Call[] = [];
  processes: Process[] = [];
  /** who is at work now */
  running: Process | undefined;
  /** references whose jobs are the user's to bear: paid again, or given up */
  readonly writtenOff = new Set<string>();
  /** the message of each file that was enqueued */
  readonly planned = new Map<string, QueueMessage>();
  /** the state before the last write, for a read that is a second old */
  readonly older = new Map<string, { item: ResultItem | undefined; untilMs: number }>();
  readonly log: string[] = [];
  /** batches whose job cannot be read */
  readonly broken = new Set<string>();
  /** the causes of refusals are gone */
  isMended = false;
  /** Does the index list an open file? A world in which it does not shows what the reconciler is for. */
  isListed: (item: ResultItem) => boolean = () => true;
  #random: number;
  #names = 0;

  constructor(setup: Setup) {
    this.setup = setup;
    this.#random = setup.seed | 0;
    this.queue = new ModelQueue(() => this.now);
    const murky = setup.isMurky ? [`s3://${BUCKET}/${KEYS[0]}`] : [];
    const { remembersRefusals, mismatch, isBare } = setup;
    this.ittybit = new ModelIttybit(
      { remembersRefusals, mismatch, isBare, murky },
      () => this.now,
      () => this.random(),
      {
        made: (job) => {
          checkJob(this, job);
        },
        replayed: (known) => {
          checkReplay(this, known);
        },
      },
    );
    this.ledger.afterWrite = (change) => {
      this.#written(change);
    };
    this.brakes.held = (batch) => {
      this.heldAt.set(batch, (this.sequence += 1));
      this.say(`${batch} is held`);
    };
    this.stack = new ModelStack(1, this.#newKey(), () => this.now);
    for (const [index, { wish, files }] of setup.batches.entries()) {
      const id = wish === 'bare' ? DEFAULT_BATCH : 'ABCDE'.charAt(index);
      const order = (): BatchOrder => ({ job: jobOf(wish, this.options), again: wish === 'again' });
      this.batches.set(id, { files: KEYS.slice(0, files), order });
    }
  }

  say(text: string): void {
    const seconds = Math.round((this.now - START) / SECOND);
    this.log.push(`${String(seconds).padStart(8)} s  ${text}`);
  }

  /** mulberry32 */
  random(): number {
    this.#random = (this.#random + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#random ^ (this.#random >>> 15), 1 | this.#random);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  /** @returns a name that nobody has used, of 32 characters */
  newName(): string {
    this.#names += 1;
    return `r${String(this.#names)}`.padStart(32, '0');
  }

  get items(): ResultItem[] {
    return [...this.ledger.items.values()];
  }

  item(batch: string, key: string): ResultItem | undefined {
    return this.items.find((item) => item.batch === batch && item.key === key);
  }

  /** The dispatch item of the stack that the table belongs to. */
  get dispatch(): DispatchState {
    return this.stack.dispatch;
  }

  sender(stack = this.stack): Sender {
    const [present = '', ...previous] = validKeys(signingKeysOf(stack.secret));
    return {
      apiUrl: this.apiUrl,
      connectionId: this.connectionId,
      webhookUrl: `https://hook-${stack.id}.example/webhook`,
      signingKeys: [present, ...previous],
    };
  }

  /** @throws InvalidInputError where the batch's job cannot be read */
  order(batch: string): StoredOrder | undefined {
    if (this.broken.has(batch)) throw new InvalidInputError('job', 'The batch holds no readable job.');
    const order = this.batches.get(batch)?.order();
    return order && { ...order, brake: this.brakes.of(batch) };
  }

  cancel(batch: string): void {
    this.brakes.cancel(batch);
    this.cancelledAt.set(batch, (this.sequence += 1));
    this.say(`cancel ${batch}`);
  }

  /** The records of a batch are gone, but for the items that stay. */
  forget(batch: string): void {
    this.batches.delete(batch);
    this.ledger.counts.delete(batch);
    this.heldAt.delete(batch);
    this.deleted.add(batch);
    this.say(`the records of ${batch} are deleted`);
  }

  free(batch: string): void {
    this.brakes.free(batch);
    this.heldAt.delete(batch);
    this.say(`resume ${batch}`);
  }

  rotate(): void {
    this.stack.rotate(this.#newKey());
  }

  /**
   * Another stack takes the table over: its dispatch item is fresh, its queues are empty, and its signing key is another
   * one. What the functions of the deleted one have begun goes on, up to their next message.
   */
  replaceStack(): void {
    this.stack = new ModelStack(this.stack.id + 1, this.#newKey(), () => this.now);
    this.queue.clear();
  }

  enqueue(batch: string): void {
    for (const key of this.batches.get(batch)?.files ?? []) {
      const file = { batch, bucket: BUCKET, key };
      const etag = batch === DEFAULT_BATCH ? {} : { etag: `e${String(this.etags.get(key))}`, size: 100 };
      const message = { ...file, ...etag };
      this.planned.set(`${batch}/${key}`, message);
      this.send(message, this.setup.receives);
    }
  }

  send(message: QueueMessage, receives = 0): void {
    const { batch, bucket, key, etag } = message;
    const isBare = batch === DEFAULT_BATCH && etag === undefined;
    const body = isBare ? JSON.stringify({ bucket, key }) : encodeQueueMessage(message);
    this.queue.send({ body, group: batch, attributes: {} }, receives);
  }

  /** @returns false where somebody has written since the state before was read */
  writeDispatch(next: DispatchState, writer: Process): boolean {
    const { stack } = writer;
    const { ConditionExpression, ExpressionAttributeValues } = dispatchCondition(next);
    const wanted = ExpressionAttributeValues[':epoch'];
    const present = stack.dispatch.epoch;
    const holds = ConditionExpression === 'epoch = :epoch' ? present === wanted : !(present >= wanted);
    if (!holds) return false;
    this.sequence += 1;
    const isPausedByUser = stack.dispatch.by === 'operator' && stack.dispatch.state === 'paused';
    if (next.by === 'operator') stack.operatorWroteAt = this.sequence;
    else if (writer.readAt < stack.operatorWroteAt || isPausedByUser) {
      throw new BrokenPromise('OPERATOR UNDONE', `the ${writer.what} writes ${next.state}`);
    }
    stack.dispatch = next;
    stack.dispatchWrittenAt = this.sequence;
    this.say(`dispatch ${next.state} by ${String(next.by)}: ${String(next.reason)}`);
    return true;
  }

  endJob(job: Job, status: JobStatus): void {
    if (job.status !== 'queued' && job.status !== 'processing') return;
    job.status = status;
    this.say(`${job.id} ${status}`);
    this.callbacks.push(this.callOf(job));
  }

  callOf(job: Job): Call {
    const address = String(job.body['webhook_url']);
    const [signature = '', source = '', batch = ''] = address.split('/').reverse();
    const stack = Number(/hook-(\d+)/.exec(address)?.[1]);
    return { path: { batch, source, signature }, stack, payload: payloadOf(job, this.setup.isBare) };
  }

  /** A report about one of the job's tasks, which says nothing about its end. */
  taskCallOf(job: Job, kind: string, status: 'succeeded' | 'failed'): Call {
    const task = { id: `task_${job.id}`, object: 'task', kind, status, outputs: [{ url: 's3://source' }] };
    return { ...this.callOf(job), payload: { object: 'event', kind: `task.${status}`, data: task } };
  }

  tick(ms: number): void {
    this.ittybit.settleAir(ms);
    this.now += ms;
    this.queue.expire();
  }

  /** Lets a process begin, up to its first call. */
  async start(process: Process, body: (self: Process) => Promise<void>): Promise<void> {
    this.processes.push(process);
    this.running = process;
    await process.begin(body);
    this.#after(process);
  }

  /** Lets a process go on over so many calls; a function that is past its deadline is ended instead. */
  async step(process: Process, calls: number, fault: number): Promise<void> {
    if (this.now > process.deadlineMs) {
      this.end(process);
      return;
    }
    this.running = process;
    await process.go(calls, fault);
    this.#after(process);
  }

  /** The process never goes on. */
  end(process: Process): void {
    this.processes = this.processes.filter((one) => one !== process);
  }

  #newKey(): string {
    return `signing key ${this.newName()}`;
  }

  #after(process: Process): void {
    if (process.failure !== undefined) throw process.failure;
    if (process.isOver) this.end(process);
    checkCounts(this);
  }

  #written(change: LedgerWrite): void {
    const { before, next } = change;
    this.older.set(`${next.batch}/${next.key}`, { item: before, untilMs: this.now + SECOND });
    if (before?.status !== next.status) {
      const why = next.error === undefined ? '' : ` "${next.error}"`;
      const unclear = next.unclear === true ? ' (unclear)' : '';
      const name = `${next.batch}/${next.key}#${next.run}`;
      this.say(`${name} ${before?.status ?? 'new'} -> ${next.status}${unclear}${why}`);
    }
    checkWrite(this, change);
  }
}

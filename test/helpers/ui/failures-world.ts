import assert from 'node:assert/strict';
import { zeroCounts, type BatchMeta } from '../../../src/core/batch/batch.ts';
import type { BatchStore } from '../../../src/core/batch/batch-store.ts';
import { encodeQueueMessage } from '../../../src/core/batch/queue-message.ts';
import type {
  OutgoingMessage,
  QueueService,
  ReceivedMessage,
} from '../../../src/core/batch/queue-service.ts';
import type { ResultItem } from '../../../src/core/batch/result-item.ts';
import { DEFAULT_JOB_OPTIONS } from '../../../src/core/ittybit/job-options.ts';
import { FailuresView } from '../../../src/ui/failures/failures-view.ts';
import { stackOf } from '../fake-stacks.ts';
import { FakeBatches } from '../fakes.ts';
import { MemoryLedger } from '../memory-ledger.ts';
import type { Answer } from './vscode-stub.ts';
import { fixture } from './ui-fixture.ts';

/** One moment for all files of a test: their order must not hang on the clock. */
let now = Date.now();

/** Call it before each test that looks at ages. */
export function setNow(): void {
  now = Date.now();
}

export function letter(
  key: string,
  reason = 'invalid_input: cannot read input',
  change: Partial<ReceivedMessage> = {},
) {
  return {
    id: `id ${key}`,
    receipt: `receipt ${key}`,
    body: encodeQueueMessage({ batch: 'b1', bucket: 'film-archive', key, etag: 'e', size: 1 }),
    attributes: {
      failure_class: 'rejected',
      failure_reason: reason,
      attempts: '1',
      failed_at: new Date(now - 240_000).toISOString(),
    },
    group: 'b1',
    receiveCount: 2,
    sentAt: new Date(now - 3_600_000),
    ...change,
  } satisfies ReceivedMessage;
}

/** @returns a file of the batch `b1` that failed four minutes ago */
export function failed(key: string, change: Partial<ResultItem> = {}): ResultItem {
  const at = new Date(now - 240_000).toISOString();
  return {
    ...{ batch: 'b1', bucket: 'film-archive', key, etag: 'e', size: 5e6, kind: 'video', attempts: 1, run: 1 },
    ...{ status: 'failed', error: 'the file has no video stream', created_at: at, updated_at: at, rev: 3 },
    ...{ reference: 'r1', job_id: `job ${key}` },
    ...change,
  };
}

/** @returns a dead file of the batch `b1` */
export function dead(key: string, change: Partial<ResultItem> = {}): ResultItem {
  const { job_id: _, ...item } = failed(key);
  const error = 'cannot read input (HTTP 422)';
  return { ...item, status: 'dead', error, failure_class: 'rejected', unclear: false, ...change };
}

export function metaOf(batch: string, change: Partial<BatchMeta> = {}): BatchMeta {
  const created_at = new Date(now - 3_600_000).toISOString();
  const place = { bucket: 'film-archive', prefix: '', extensions: [], job: DEFAULT_JOB_OPTIONS };
  return { batch, ...place, created_at, ...change };
}

/** Batches whose files and counts are those of a ledger. */
class LedgerBatches extends FakeBatches {
  readonly #ledger: MemoryLedger;
  /** the statuses that were listed */
  readonly listed: string[] = [];
  failure: Error | undefined;

  constructor(ledger: MemoryLedger) {
    super();
    this.#ledger = ledger;
  }

  override async read(table: string, batch: string): ReturnType<BatchStore['read']> {
    const counts = zeroCounts();
    for (const item of this.#ledger.items.values()) if (item.batch === batch) counts[item.status] += 1;
    return { ...(await super.read(table, batch)), counts };
  }

  override results(...args: Parameters<BatchStore['results']>): ReturnType<BatchStore['results']> {
    const [table, { batch, status }, page] = args;
    this.listed.push(`${batch} ${status}`);
    if (this.failure) return Promise.reject(this.failure);
    this.#show();
    return super.results(table, { batch, status }, page);
  }

  override resultsOf(...args: Parameters<FakeBatches['resultsOf']>): ReturnType<FakeBatches['resultsOf']> {
    this.#show();
    return super.resultsOf(...args);
  }

  #show(): void {
    this.items = [...this.#ledger.items.values()].sort((a, b) => b.updated_at.localeCompare(a.updated_at));
  }
}

/** A dead-letter queue that hands out each message once until it is released, and a work queue that keeps what is sent. */
function queue(messages: ReceivedMessage[]) {
  const hidden = new Set<string>();
  const calls: string[] = [];
  const sent: OutgoingMessage[] = [];
  const services = {
    calls,
    sent,
    failure: undefined as Error | undefined,
    moves: async () =>
      calls.some((call) => call.startsWith('startMove'))
        ? [{ startedAt: 1, status: 'COMPLETED', moved: messages.length, toMove: undefined }]
        : [],
    startMove: async ({ perSecond }: { perSecond?: number | undefined }) => {
      calls.push(`startMove ${perSecond ?? ''}`);
      if (services.failure) throw services.failure;
      return 'handle';
    },
    depth: async () => ({ waiting: messages.length, inFlight: 0, delayed: 0 }),
    receive: async (_url: string, { max }: { max: number }) => {
      calls.push('receive');
      if (services.failure) throw services.failure;
      const page = messages.filter(({ id }) => !hidden.has(id)).slice(0, max);
      for (const { id } of page) hidden.add(id);
      return page;
    },
    release: async (_url: string, receipts: readonly string[]) => {
      for (const { id, receipt } of messages) if (receipts.includes(receipt)) hidden.delete(id);
    },
    send: async (_url: string, outgoing: readonly OutgoingMessage[]) => {
      if (services.failure) throw services.failure;
      sent.push(...outgoing);
      return [];
    },
  };
  return { services, hidden };
}

/** The Failures view over a table and a dead-letter queue in memory. */
export function failuresWorld(
  given: { readonly letters?: ReceivedMessage[]; readonly items?: readonly ResultItem[] },
  answer?: Answer,
) {
  const { letters = [], items = [] } = given;
  const { services: queues, hidden } = queue(letters);
  const ledger = new MemoryLedger();
  for (const item of items) ledger.items.set(`${item.batch} s3://${item.bucket}/${item.key}`, item);
  const store = new LedgerBatches(ledger);
  for (const batch of new Set(items.map((item) => item.batch))) store.metas.set(batch, metaOf(batch));
  const services = {
    queues: queues as unknown as QueueService,
    batches: store,
    ledgers: { of: () => ledger },
  };
  const made = fixture(answer, { existing: stackOf('UPDATE_COMPLETE'), services });
  const failures = new FailuresView(made.ui);
  const tree = made.stub.treeViews.get('mediaBatch.deadLetters');
  assert.ok(tree);
  return { ...made, queues, hidden, failures, tree, ledger, store };
}

/** @returns a reading of the poll with these counts */
export function counted(deadLetters: number, counts: { failed?: number; dead?: number } = {}) {
  const record = { meta: undefined, checkpoints: [], counts: { ...zeroCounts(), ...counts } };
  const batches = new Map([['b1', record]]);
  return { reading: { deadLetters, batches, problems: {}, busy: false }, error: undefined };
}

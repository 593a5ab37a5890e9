import { zeroCounts, type BatchMeta, type Checkpoint } from '../../src/core/batch/batch.ts';
import type { BatchBrake, Cancelled, Hold } from '../../src/core/batch/brake.ts';
import type { BatchFile } from '../../src/core/files/batch-file.ts';
import { AwsError, type AwsErrorCode } from '../../src/core/errors.ts';
import type { SourceRecord } from '../../src/core/batch/ledger.ts';
import type { BatchStore, IndexedWork } from '../../src/core/batch/batch-store.ts';
import type { Bucket, BucketStore, Level, S3Object } from '../../src/core/files/bucket-store.ts';
import type {
  OutgoingMessage,
  QueueService,
  ReceivedMessage,
  SendFailure,
} from '../../src/core/batch/queue-service.ts';
import type { Page, PageRequest } from '../../src/core/page.ts';
import type { ResultItem } from '../../src/core/batch/result-item.ts';
import type { S3Location } from '../../src/core/files/s3-location.ts';
import { OUTPUTS, RECONCILER_OUTPUTS, type StackOutputs } from '../../src/core/stack/stack-contract.ts';

/** A pipeline with made-up outputs; the two queues have the URLs `work` and `dead`. */
export const PIPELINE = {
  ...Object.fromEntries(
    Object.keys({ ...OUTPUTS, ...RECONCILER_OUTPUTS }).map((name) => [name, `value-of-${name}`]),
  ),
  workQueueUrl: 'work',
  deadLetterQueueUrl: 'dead',
  stackId: 'arn:stack/1',
  connectionId: '',
  apiUrl: 'https://api.ittybit.com',
} as StackOutputs;

/** @returns an error like those of the gateways */
export function awsError(code: AwsErrorCode, operation = 'sqs:Test'): AwsError {
  return new AwsError(code, `AWS said ${code}.`, { operation, awsCode: code });
}

/** @returns a listed object; a key that ends in `.mp4` is media */
export function s3Object(key: string, change: Partial<S3Object> = {}): S3Object {
  return {
    key,
    size: 10,
    etag: '"e"',
    lastModified: undefined,
    storageClass: undefined,
    restoring: false,
    restoredUntil: undefined,
    ...change,
  };
}

/** A bucket in memory that counts how many pages have been listed. */
export class FakeBuckets implements BucketStore {
  pagesListed = 0;
  /** the levels that were read by `pages` */
  readonly foldersRead: string[] = [];
  /** runs before a page is returned; may throw or wait */
  beforePage: (index: number) => Promise<void> | void = () => undefined;
  readonly #objects: readonly S3Object[];
  readonly #pageSize: number;

  constructor(objects: readonly S3Object[], pageSize = 1000) {
    this.#objects = objects;
    this.#pageSize = pageSize;
  }

  async region(): Promise<string> {
    return 'us-east-1';
  }

  async buckets(): Promise<Page<Bucket>> {
    return { items: [{ name: 'b', region: 'us-east-1' }], next: undefined };
  }

  async level({ prefix }: { prefix: string }): Promise<Level> {
    const found = this.#objects.filter(({ key }) => key.startsWith(prefix));
    const isBelow = ({ key }: S3Object): boolean => key.indexOf('/', prefix.length) >= 0;
    const prefixes = found
      .filter(isBelow)
      .map(({ key }) => key.slice(0, key.indexOf('/', prefix.length) + 1));
    const isFolder = ({ key }: S3Object): boolean => key === prefix && key.endsWith('/');
    const objects = found.filter((object) => !isBelow(object) && !isFolder(object));
    return { prefixes: [...new Set(prefixes)], objects, next: undefined };
  }

  async *pages(query: {
    prefix: string;
    startAfter?: string | undefined;
    level?: boolean | undefined;
  }): AsyncGenerator<readonly S3Object[]> {
    const { prefix, startAfter = '' } = query;
    if (query.level === true) {
      this.foldersRead.push(prefix);
      yield (await this.level({ prefix })).objects;
      return;
    }
    const found = this.#objects.filter(({ key }) => key.startsWith(prefix) && key > startAfter);
    for (let i = 0; i < found.length; i += this.#pageSize) {
      await this.beforePage(i / this.#pageSize);
      this.pagesListed += 1;
      yield found.slice(i, i + this.#pageSize);
    }
  }
}

interface Stored extends ReceivedMessage {
  hidden: boolean;
}

/**
 * Queues in memory. A received message stays hidden until it is released or deleted; the tests script the moves.
 */
export class FakeQueues implements QueueService {
  readonly queues = new Map<string, Stored[]>();
  /** every call of `send`, with its messages */
  readonly sends: { queueUrl: string; bodies: string[] }[] = [];
  readonly calls: string[] = [];
  readonly startedMoves: { sourceArn: string; destinationArn: string; perSecond?: number | undefined }[] = [];
  /** says which messages of a call SQS refuses */
  refuse: (messages: readonly OutgoingMessage[], call: number) => readonly SendFailure[] = () => [];
  failures: Partial<Record<'send' | 'receive' | 'delete' | 'release' | 'startMove' | 'cancelMove', Error>> =
    {};
  listMoves: QueueService['moves'] = async () => [];
  sentAt = () => new Date(0);
  #serial = 0;

  #queue(queueUrl: string): Stored[] {
    const queue = this.queues.get(queueUrl) ?? [];
    this.queues.set(queueUrl, queue);
    return queue;
  }

  #called(name: string, queueUrl: string): void {
    this.calls.push(`${name} ${queueUrl}`);
    const failure = this.failures[name as keyof typeof this.failures];
    if (failure) throw failure;
  }

  /** Adds a message without a call. */
  add(queueUrl: string, message: OutgoingMessage): void {
    this.#serial += 1;
    const id = `m${this.#serial}`;
    const { body, attributes = {}, group } = message;
    const stored = { id, receipt: `r-${id}`, body, attributes, group, receiveCount: 0, hidden: false };
    this.#queue(queueUrl).push({ ...stored, sentAt: this.sentAt() });
  }

  bodies(queueUrl: string): string[] {
    return this.#queue(queueUrl).map(({ body }) => body);
  }

  visible(queueUrl: string): number {
    return this.#queue(queueUrl).filter(({ hidden }) => !hidden).length;
  }

  async send(
    queueUrl: string,
    messages: readonly OutgoingMessage[],
    signal?: AbortSignal,
  ): Promise<readonly SendFailure[]> {
    signal?.throwIfAborted();
    if (messages.length > 10) throw awsError('aws', 'sqs:SendMessageBatch');
    this.sends.push({ queueUrl, bodies: messages.map(({ body }) => body) });
    this.#called('send', queueUrl);
    const refused = this.refuse(messages, this.sends.length);
    for (const [index, message] of messages.entries()) {
      if (refused.every((failure) => failure.index !== index)) this.add(queueUrl, message);
    }
    return refused;
  }

  async receive(queueUrl: string, options: { max: number }): Promise<readonly ReceivedMessage[]> {
    this.#called('receive', queueUrl);
    const page = this.#queue(queueUrl)
      .filter(({ hidden }) => !hidden)
      .slice(0, options.max);
    for (const message of page) message.hidden = true;
    return page.map((message) => ({ ...message, receiveCount: message.receiveCount + 1 }));
  }

  async delete(queueUrl: string, receipts: readonly string[]): Promise<void> {
    this.#called('delete', queueUrl);
    const kept = this.#queue(queueUrl).filter(({ receipt }) => !receipts.includes(receipt));
    this.queues.set(queueUrl, kept);
  }

  async release(queueUrl: string, receipts: readonly string[]): Promise<void> {
    if (receipts.length > 10) throw new Error('more than 10 receipts in a call');
    this.#called('release', queueUrl);
    for (const message of this.#queue(queueUrl)) {
      if (receipts.includes(message.receipt)) message.hidden = false;
    }
  }

  async depth(queueUrl: string): Promise<{ waiting: number; inFlight: number; delayed: number }> {
    const queue = this.#queue(queueUrl);
    return { waiting: this.visible(queueUrl), inFlight: queue.length - this.visible(queueUrl), delayed: 0 };
  }

  async startMove(move: (typeof this.startedMoves)[number]): Promise<string> {
    this.startedMoves.push(move);
    this.#called('startMove', move.sourceArn);
    return 'handle';
  }

  moves(sourceArn: string): ReturnType<QueueService['moves']> {
    return this.listMoves(sourceArn);
  }

  async cancelMove(handle: string): Promise<void> {
    this.#called('cancelMove', handle);
  }
}

/** Batches in memory; `saved` has every checkpoint in the order in which they were written. */
export class FakeBatches implements BatchStore {
  readonly metas = new Map<string, BatchMeta>();
  readonly saved: Checkpoint[] = [];
  /** how many reads were made of a batch, a file or the index */
  queries = 0;
  /** items of the results table, newest first */
  items: readonly ResultItem[] = [];
  /** the owning batch by work, of each key */
  readonly owners = new Map<string, ReadonlyMap<string, string>>();
  beforeSave: (checkpoint: Checkpoint) => void = () => undefined;
  readonly #checkpoints = new Map<string, Checkpoint>();

  async create(_table: string, meta: BatchMeta): Promise<void> {
    if (this.metas.has(meta.batch)) throw awsError('conflict');
    this.metas.set(meta.batch, meta);
  }

  async cancel(_table: string, batch: string, mark: Cancelled): Promise<void> {
    this.#stop(batch, ({ cancelled = mark, ...brake }) => ({ ...brake, cancelled }));
  }

  async rename(_table: string, batch: string, name: string): Promise<void> {
    const meta = this.metas.get(batch);
    if (meta) this.metas.set(batch, { ...meta, name });
  }

  async hold(_table: string, batch: string, asked: Hold): Promise<void> {
    this.#stop(batch, ({ hold = asked, ...brake }) => ({ ...brake, hold }));
  }

  async endHold(_table: string, batch: string, disarm: string | undefined): Promise<void> {
    this.#stop(batch, ({ cancelled, disarmed }) => ({
      cancelled,
      disarmed: disarm === undefined ? disarmed : [...disarmed, disarm],
    }));
  }

  #stop(batch: string, change: (brake: BatchBrake) => BatchBrake): void {
    const meta = this.metas.get(batch);
    if (meta) this.metas.set(batch, { ...meta, brake: change(meta.brake ?? { disarmed: [] }) });
  }

  async saveCheckpoint(
    _table: string,
    batch: string,
    checkpoint: Checkpoint,
    after: Checkpoint | undefined,
  ): Promise<void> {
    this.beforeSave(checkpoint);
    if (this.#checkpoints.get(batch)?.lastKey !== after?.lastKey) throw awsError('conflict');
    this.#checkpoints.set(batch, checkpoint);
    this.saved.push(checkpoint);
  }

  async read(_table: string, batch: string): ReturnType<BatchStore['read']> {
    this.queries += 1;
    const last = this.#checkpoints.get(batch);
    const counts = zeroCounts();
    for (const item of this.items) if (item.batch === batch) counts[item.status] += 1;
    return { meta: this.metas.get(batch), checkpoints: last ? [last] : [], counts };
  }

  async list(_table: string, { limit, next }: PageRequest): Promise<Page<BatchMeta>> {
    const newest = [...this.metas.values()].sort((a, b) => b.created_at.localeCompare(a.created_at));
    return pageOf(newest, limit, next);
  }

  async results(
    _table: string,
    { batch, status, from = 'newest' }: Parameters<BatchStore['results']>[1],
    { limit, next }: PageRequest,
  ): Promise<Page<ResultItem>> {
    const found = this.items.filter((item) => item.batch === batch && item.status === status);
    return pageOf(from === 'newest' ? found : found.toReversed(), limit, next);
  }

  async works(
    _table: string,
    { batch, status, from = 'newest' }: Parameters<BatchStore['works']>[1],
    { limit, next }: PageRequest,
  ): Promise<Page<IndexedWork>> {
    this.queries += 1;
    const found = this.items.filter((item) => item.batch === batch && item.status === status);
    return pageOf(from === 'newest' ? found : found.toReversed(), limit, next);
  }

  async result(_table: string, file: BatchFile): Promise<ResultItem | undefined> {
    return (await this.resultsOf(_table, file)).find((item) => item.batch === file.batch);
  }

  async source(_table: string, file: S3Location): Promise<SourceRecord> {
    return { items: await this.resultsOf(_table, file), owners: this.owners.get(file.key) ?? new Map() };
  }

  async resultsIn(
    _table: string,
    batch: string,
    files: readonly S3Location[],
  ): Promise<readonly ResultItem[]> {
    this.queries += Math.ceil(files.length / 100);
    const keys = new Set(files.map(({ key }) => key));
    const bucket = files[0]?.bucket;
    return this.items.filter((item) => item.batch === batch && item.bucket === bucket && keys.has(item.key));
  }

  async resultsOf(_table: string, { bucket, key }: S3Location): Promise<readonly ResultItem[]> {
    this.queries += 1;
    return this.items.filter((item) => item.bucket === bucket && item.key === key);
  }
}

function pageOf<Item>(items: readonly Item[], limit: number, next = '0'): Page<Item> {
  const end = Number(next) + limit;
  return { items: items.slice(Number(next), end), next: end < items.length ? String(end) : undefined };
}

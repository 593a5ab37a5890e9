import type { BatchMeta, BatchRecord, Checkpoint } from './batch.ts';
import type { BatchFile } from './batch-file.ts';
import type { ResultItem, Status } from './result-item.ts';
import type { S3Location, S3Prefix } from './s3-location.ts';
import type { Tuning } from './stack-contract.ts';

/** The seams between the use cases and AWS. Every method takes the caller's AbortSignal last and raises AwsError. */

export interface S3Object {
  readonly key: string;
  /** bytes */
  readonly size: number;
  readonly etag: string;
  readonly lastModified: Date | undefined;
  /** as S3 names it; undefined means STANDARD */
  readonly storageClass: string | undefined;
  /** true when an archived object has a restored copy that can be read now */
  readonly restored: boolean;
}

/** A page of anything that is listed; `next` asks for the page behind it, undefined where this is the last. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: string | undefined;
}

export interface Bucket {
  readonly name: string;
  /** undefined where the service does not say it in the list */
  readonly region: string | undefined;
}

/** One level of a bucket's keys, cut at `/`: what a folder holds in a file browser. */
export interface Level {
  /** whole keys, each ending with `/` */
  readonly prefixes: readonly string[];
  readonly objects: readonly S3Object[];
  readonly next: string | undefined;
}

export interface BucketStore {
  /** A page of the account's buckets in all regions (ListBuckets), at most 1,000, by name. */
  buckets(next?: string, signal?: AbortSignal): Promise<Page<Bucket>>;
  /**
   * A page of what lies directly under a prefix, asked of S3 itself: at most `max` (1,000) prefixes and objects
   * together. The prefix need not end with `/`: `1999/re` gives what begins so.
   */
  level(query: S3Prefix & { max: number; next?: string | undefined }, signal?: AbortSignal): Promise<Level>;
  /** @returns the bucket's region; raises `no-such-bucket` or `missing-permission` */
  region(bucket: string, signal?: AbortSignal): Promise<string>;
  /** Walks a prefix in key order, a page (at most 1,000 objects) at a time; `startAfter` resumes behind a key. */
  pages(
    query: S3Prefix & { startAfter?: string | undefined },
    signal?: AbortSignal,
  ): AsyncIterable<readonly S3Object[]>;
}

export interface OutgoingMessage {
  readonly body: string;
  /** fair-queue group: the batch */
  readonly group?: string | undefined;
  readonly attributes?: Readonly<Record<string, string>> | undefined;
}

/** One entry that SQS did not take; `index` is its place in the list that was sent. */
export interface SendFailure {
  readonly index: number;
  readonly code: string;
  readonly message: string;
  /** true: sending it again cannot help */
  readonly senderFault: boolean;
}

export interface ReceivedMessage {
  readonly id: string;
  readonly receipt: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly group: string | undefined;
  readonly receiveCount: number;
  /** when the message was first sent; retention counts from here */
  readonly sentAt: Date;
}

/** Three numbers that AWS only estimates; they may lag by a minute. */
export interface QueueDepth {
  readonly waiting: number;
  readonly inFlight: number;
  readonly delayed: number;
}

export type MoveStatus = 'RUNNING' | 'COMPLETED' | 'CANCELLING' | 'CANCELLED' | 'FAILED';

export interface MoveTask {
  /** epoch ms by the service's clock */
  readonly startedAt: number;
  readonly status: MoveStatus;
  /** about how many have moved */
  readonly moved: number;
  /** about how many there were to move, undefined where the service does not say */
  readonly toMove: number | undefined;
  /** only while RUNNING */
  readonly handle: string | undefined;
  readonly failure: string | undefined;
}

export interface QueueService {
  /** Sends at most 10 messages; the answer lists those that were not taken. */
  send(
    queueUrl: string,
    messages: readonly OutgoingMessage[],
    signal?: AbortSignal,
  ): Promise<readonly SendFailure[]>;
  /**
   * Receives at most `max` (10) messages and hides them for `hideSeconds`; waits up to `waitSeconds` (20) for
   * the first.
   */
  receive(
    queueUrl: string,
    options: { max: number; hideSeconds: number; waitSeconds: number },
    signal?: AbortSignal,
  ): Promise<readonly ReceivedMessage[]>;
  /** Deletes at most 10 messages; raises when any of them stays. */
  delete(queueUrl: string, receipts: readonly string[], signal?: AbortSignal): Promise<void>;
  /** Makes at most 10 received messages visible again now. */
  release(queueUrl: string, receipts: readonly string[], signal?: AbortSignal): Promise<void>;
  depth(queueUrl: string, signal?: AbortSignal): Promise<QueueDepth>;
  /** StartMessageMoveTask; raises `unsupported` where the service has no such operation. @returns the task's handle */
  startMove(
    move: { sourceArn: string; destinationArn: string; perSecond?: number | undefined },
    signal?: AbortSignal,
  ): Promise<string>;
  /** The move tasks of a dead-letter queue, newest first, at most 10. */
  moves(sourceArn: string, signal?: AbortSignal): Promise<readonly MoveTask[]>;
  cancelMove(handle: string, signal?: AbortSignal): Promise<void>;
}

export interface BatchStore {
  /** Writes the batch's `meta`; raises `conflict` when the batch exists. */
  create(table: string, meta: BatchMeta, signal?: AbortSignal): Promise<void>;
  /**
   * Replaces the checkpoint `after`, undefined for the first one; raises `conflict` when another one is there: somebody
   * else goes on with the batch. Saving the same checkpoint again is no conflict.
   */
  saveCheckpoint(
    table: string,
    batch: string,
    checkpoint: Checkpoint,
    after: Checkpoint | undefined,
    signal?: AbortSignal,
  ): Promise<void>;
  /** One query on the batch's key, every page of it. */
  read(table: string, batch: string, signal?: AbortSignal): Promise<BatchRecord>;
  /** Batches newest first: one query on the index. An item that cannot be read is left out. */
  list(table: string, page: PageRequest, signal?: AbortSignal): Promise<Page<BatchMeta>>;
  /** Files of a batch in one status, the last changed first: one query on the index. */
  results(
    table: string,
    query: { batch: string; status: Status },
    page: PageRequest,
    signal?: AbortSignal,
  ): Promise<Page<ResultItem>>;
  /** @returns the file's item, read consistently; undefined where no consumer has claimed it yet */
  result(table: string, file: BatchFile, signal?: AbortSignal): Promise<ResultItem | undefined>;
  /**
   * Every result of one file, over all its batches: one query on its key.
   * @returns in no particular order
   */
  resultsOf(table: string, file: S3Location, signal?: AbortSignal): Promise<readonly ResultItem[]>;
}

export interface PageRequest {
  /** at most so many items */
  readonly limit: number;
  /** `next` of the page before */
  readonly next?: string | undefined;
}

export interface DispatchState {
  readonly state: 'running' | 'paused';
  /** why, for `paused` */
  readonly reason: string | undefined;
  /** ISO 8601 */
  readonly at: string | undefined;
}

export interface DispatchControl {
  readState(table: string, signal?: AbortSignal): Promise<DispatchState>;
  writeState(table: string, state: DispatchState, signal?: AbortSignal): Promise<void>;
  mapping(id: string, signal?: AbortSignal): Promise<MappingState>;
  /** Changes the mapping and waits until it has settled. @returns what it is then */
  updateMapping(
    id: string,
    change: Partial<Tuning> & { enabled?: boolean },
    signal?: AbortSignal,
  ): Promise<MappingState>;
}

export interface MappingState extends Tuning {
  /** `Enabled`, `Disabled`, `Enabling`, `Disabling`, `Updating`, … */
  readonly state: string;
  /** what the last poll of the queue came to, in AWS's words */
  readonly lastResult: string | undefined;
}

export interface SecretStore {
  /** Stores a new value under the ARN of a Secrets Manager secret or an SSM SecureString parameter. */
  put(arn: string, value: string, signal?: AbortSignal): Promise<void>;
}

export interface Stack {
  readonly id: string;
  readonly status: string;
  readonly reason: string | undefined;
  readonly outputs: Readonly<Record<string, string>>;
  /** current values by name; a NoEcho one is AWS's row of asterisks */
  readonly parameters: Readonly<Record<string, string>>;
  /** when it was last created or updated; undefined where AWS does not say */
  readonly changedAt: Date | undefined;
}

export interface StackSummary {
  readonly name: string;
  readonly status: string;
}

export interface ChangeSetRequest {
  readonly stackName: string;
  readonly create: boolean;
  readonly templateBody: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** parameters that keep the value they have */
  readonly previous: readonly string[];
  /** names the change set, and the events that follow from it */
  readonly token: string;
}

export interface ResourceChange {
  readonly action: 'Add' | 'Modify' | 'Remove' | 'Import' | 'Dynamic';
  readonly logicalId: string;
  readonly type: string;
  /** `True` and `Conditional` mean that the resource, and what it holds, may be replaced */
  readonly replacement: 'True' | 'False' | 'Conditional' | undefined;
}

export interface ChangeSet {
  readonly id: string;
  readonly status: string;
  readonly reason: string | undefined;
  readonly changes: readonly ResourceChange[];
}

export interface StackEvent {
  readonly id: string;
  readonly at: Date;
  readonly logicalId: string;
  readonly type: string;
  readonly status: string;
  readonly reason: string | undefined;
  /** the operation that it belongs to: our ChangeSetRequest.token where AWS passes it on */
  readonly token: string | undefined;
}

export interface StackService {
  /** @returns undefined where there is no such stack */
  describe(stackName: string, signal?: AbortSignal): Promise<Stack | undefined>;
  createChangeSet(request: ChangeSetRequest, signal?: AbortSignal): Promise<string>;
  describeChangeSet(stackName: string, id: string, signal?: AbortSignal): Promise<ChangeSet>;
  executeChangeSet(stackName: string, id: string, token: string, signal?: AbortSignal): Promise<void>;
  deleteChangeSet(stackName: string, id: string, signal?: AbortSignal): Promise<void>;
  /** The stacks of this region that were made from our template, by name (ListStacks; deleted ones are left out). */
  list(signal?: AbortSignal): Promise<readonly StackSummary[]>;
  /** CancelUpdateStack: an update under way rolls back; raises `conflict` when none is. */
  cancelUpdate(stackName: string, signal?: AbortSignal): Promise<void>;
  /** ContinueUpdateRollback of a stack in UPDATE_ROLLBACK_FAILED. */
  continueRollback(stackName: string, token: string, signal?: AbortSignal): Promise<void>;
  /** Asks for the deletion and does not wait for its end. */
  deleteStack(stackName: string, signal?: AbortSignal): Promise<void>;
  /** Events newest first, as many pages as the caller takes; `stackId` also reads a deleted stack. */
  events(stackId: string, signal?: AbortSignal): AsyncIterable<readonly StackEvent[]>;
}

export interface Identity {
  /** @returns the account and caller that the credentials belong to; the cheapest proof that they work */
  caller(signal?: AbortSignal): Promise<{ account: string; arn: string }>;
}

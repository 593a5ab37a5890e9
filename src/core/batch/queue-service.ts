export interface OutgoingMessage {
  readonly body: string;
  /** fair-queue group: the batch */
  readonly group?: string | undefined;
  readonly attributes?: Readonly<Record<string, string>> | undefined;
}

/** An entry that SQS refused; `index` is its place in the sent list. */
export interface SendFailure {
  readonly index: number;
  readonly code: string;
  readonly message: string;
  /** true: the entry itself is wrong, so sending it again does not help */
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

/** @returns about how many messages a queue holds; messages that a listing hides for a moment are in flight */
export function inQueue({ waiting, inFlight, delayed }: QueueDepth): number {
  return waiting + inFlight + delayed;
}

export type MoveStatus = 'RUNNING' | 'COMPLETED' | 'CANCELLING' | 'CANCELLED' | 'FAILED';

export interface MoveTask {
  /** epoch ms by the service's clock */
  readonly startedAt: number;
  readonly status: MoveStatus;
  /** about how many have moved */
  readonly moved: number;
  /** about how many there were to move; undefined where the service does not say */
  readonly toMove: number | undefined;
  /** only while RUNNING */
  readonly handle: string | undefined;
  readonly failure: string | undefined;
}

export interface QueueService {
  /** Sends at most 10 messages; the answer lists those that SQS refused. */
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
  /** Deletes at most 10 messages; raises when one of them could not be deleted. */
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

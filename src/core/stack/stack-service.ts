import type { StackTags } from './stack-tags.ts';

export interface Stack {
  readonly id: string;
  readonly status: string;
  readonly reason: string | undefined;
  readonly outputs: Readonly<Record<string, string>>;
  /** current values by name; AWS shows a NoEcho value as asterisks */
  readonly parameters: Readonly<Record<string, string>>;
  readonly tags: StackTags;
  /** when it was last created or updated; undefined where AWS does not say */
  readonly changedAt: Date | undefined;
}

export interface StackSummary {
  readonly name: string;
  readonly status: string;
}

/** The stack that a resource belongs to. */
export interface StackOwner {
  readonly name: string;
  readonly id: string;
}

export interface ChangeSetRequest {
  readonly stackName: string;
  readonly create: boolean;
  readonly templateBody: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** parameters that keep the value they have */
  readonly previous: readonly string[];
  /** all tags that the stack will have; absent: those that it has stay */
  readonly tags?: StackTags;
  /** the name of the change set, and the token of its events */
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
  /**
   * @param resource the physical id of a resource
   * @returns the stack that it belongs to, which may be a deleted one; undefined where there is none
   */
  ownerOf(resource: string, signal?: AbortSignal): Promise<StackOwner | undefined>;
  createChangeSet(request: ChangeSetRequest, signal?: AbortSignal): Promise<string>;
  describeChangeSet(stackName: string, id: string, signal?: AbortSignal): Promise<ChangeSet>;
  executeChangeSet(stackName: string, id: string, token: string, signal?: AbortSignal): Promise<void>;
  deleteChangeSet(stackName: string, id: string, signal?: AbortSignal): Promise<void>;
  /**
   * The stacks of this region that were made from a template with this description, by name (ListStacks; deleted ones are
   * left out); absent: the description of Media Batch's pipeline.
   */
  list(signal?: AbortSignal, description?: string): Promise<readonly StackSummary[]>;
  /** CancelUpdateStack: rolls back the running update; raises `conflict` when no update is running. */
  cancelUpdate(stackName: string, signal?: AbortSignal): Promise<void>;
  /** ContinueUpdateRollback of a stack in UPDATE_ROLLBACK_FAILED. */
  continueRollback(stackName: string, token: string, signal?: AbortSignal): Promise<void>;
  /** Asks for the deletion and does not wait for its end. */
  deleteStack(stackName: string, signal?: AbortSignal): Promise<void>;
  /** Events, newest first. Each page is read when the caller asks for it. A stack's id also finds a deleted stack. */
  events(stackId: string, signal?: AbortSignal): AsyncIterable<readonly StackEvent[]>;
}

import {
  cancelUpdate,
  continueRollback,
  deletePipeline,
  watchStack,
  type OperationOptions,
  type OperationOutcome,
} from '../../app/stack/stack-operations.ts';
import { thenResume, type UpdatePhase } from '../../app/stack/update-pause.ts';
import type { Session } from '../connection/session.ts';
import type { ShownOperation } from '../watch/shown-operation.ts';

/** How a stack operation ended, as this window saw it. */
export type StackOutcome =
  | OperationOutcome
  | {
      readonly outcome:
        | 'unchanged'
        | 'declined'
        /** another operation of this window replaced it and shows its own outcome */
        | 'replaced';
    }
  /** the user stopped watching; AWS continues. `paused`: dispatch stays paused until the update has ended */
  | { readonly outcome: 'unwatched'; readonly paused: boolean };

export interface StackOperationOptions extends OperationOptions {
  /** Called when AWS has begun. */
  readonly onExecute: () => void;
  /** Asks the user something. The progress notification is closed meanwhile. */
  readonly asking: <Answer>(question: () => Promise<Answer>) => Promise<Answer>;
  /** Gets the number of resources that will change. */
  readonly onPlan: (resources: number) => void;
  /** Gets each phase of an update that pauses dispatch. */
  readonly onPhase: (phase: UpdatePhase) => void;
}

/** One operation on a stack. `runOperation` runs it with progress, events and Cancel. */
export interface StackOperation {
  readonly stackName: string;
  readonly kind: ShownOperation['kind'];
  /** the stack's id; a deleted stack can only be found by it */
  readonly stackId?: string | undefined;
  /** the table that a deletion leaves behind */
  readonly resultsTable?: string | undefined;
  /** the table of a deleted stack that a new stack goes on with */
  readonly takesOver?: string | undefined;
  /** AWS is only asked how the operation goes */
  readonly onlyWatches?: boolean;
  /** dispatch was paused for it before the window was reloaded */
  readonly paused?: boolean | undefined;
  /** the progress message before the first event */
  readonly opening?: string;
  /** Starts the operation and follows the stack to its end. */
  readonly begin: (options: StackOperationOptions) => Promise<StackOutcome>;
}

/** @returns the operation that cancels an update */
export function cancelUpdateOperation({ services }: Session, stackName: string): StackOperation {
  return {
    stackName,
    kind: 'cancel',
    begin: (options) =>
      thenResume(
        stackName,
        services,
        () => cancelUpdate(stackName, services.stacks, options),
        options.onPhase,
      ),
  };
}

/** @returns the operation that continues a failed rollback */
export function continueRollbackOperation({ services }: Session, stackName: string): StackOperation {
  return {
    stackName,
    kind: 'rollback',
    begin: (options) =>
      thenResume(
        stackName,
        services,
        () => continueRollback(stackName, services.stacks, options),
        options.onPhase,
      ),
  };
}

/** @returns the operation that deletes a stack; the caller asks the user first */
export function deleteStackOperation(
  { services }: Session,
  target: Pick<StackOperation, 'stackName' | 'stackId' | 'resultsTable'>,
): StackOperation {
  return {
    ...target,
    kind: 'delete',
    begin: (options) => deletePipeline(target.stackName, services.stacks, options),
  };
}

/** @returns the operation that only watches what CloudFormation already does with a stack */
export function watchStackOperation(
  { services }: Pick<Session, 'services'>,
  target: Pick<StackOperation, 'stackName' | 'stackId' | 'resultsTable' | 'takesOver' | 'paused' | 'kind'>,
): StackOperation {
  const { stackName, stackId, kind } = target;
  return {
    ...target,
    onlyWatches: true,
    begin: (options) => {
      options.onExecute();
      // A deleted stack can no longer be found by its name.
      if (kind === 'delete') return watchStack(stackId ?? stackName, services.stacks, options);
      const watch = (): Promise<OperationOutcome> => watchStack(stackName, services.stacks, options);
      return thenResume(stackName, services, watch, options.onPhase);
    },
  };
}

/** @returns the kind of operation that a status stands for */
export function kindOfStatus(status: string): ShownOperation['kind'] {
  if (status.startsWith('DELETE')) return 'delete';
  return status.includes('ROLLBACK') ? 'rollback' : 'deploy';
}

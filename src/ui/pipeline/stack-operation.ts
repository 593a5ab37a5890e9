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

/** How a stack operation ended, as far as this window knows. */
export type StackOutcome =
  | OperationOutcome
  | {
      readonly outcome:
        | 'unchanged'
        | 'declined'
        /** another operation of this window took its place and reports */
        | 'replaced';
    }
  /** the user stopped watching; AWS goes on. `paused`: dispatch waits for the end of the update */
  | { readonly outcome: 'unwatched'; readonly paused: boolean };

export interface StackOperationOptions extends OperationOptions {
  /** Always there: AWS has begun. */
  readonly onExecute: () => void;
  /** Asks the user something; the progress steps aside meanwhile. */
  readonly asking: <Answer>(question: () => Promise<Answer>) => Promise<Answer>;
  /** Told how many resources will change. */
  readonly onPlan: (resources: number) => void;
  /** Told how far an update is that pauses dispatch. */
  readonly onPhase: (phase: UpdatePhase) => void;
}

/** One operation on a stack, to be run with progress, events and Cancel. */
export interface StackOperation {
  readonly stackName: string;
  readonly kind: ShownOperation['kind'];
  /** the stack's id where only that still names it at the end */
  readonly stackId?: string | undefined;
  /** the table that a deletion leaves behind */
  readonly resultsTable?: string | undefined;
  /** nothing is asked of AWS but how it goes */
  readonly onlyWatches?: boolean;
  /** dispatch was paused for it in an earlier life of the window */
  readonly paused?: boolean | undefined;
  /** what the progress says before the first event */
  readonly opening?: string;
  /** Asks AWS and follows the stack to its end. */
  readonly begin: (options: StackOperationOptions) => Promise<StackOutcome>;
}

/** @returns the cancelling of an update under way */
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

/** @returns the second try of a rollback that had failed */
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

/** @returns the deletion of a stack; whoever runs it has asked the user */
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

/** @returns the watching of what a stack is in already, whoever began it */
export function watchStackOperation(
  { services }: Pick<Session, 'services'>,
  target: Pick<StackOperation, 'stackName' | 'stackId' | 'resultsTable' | 'paused' | 'kind'>,
): StackOperation {
  const { stackName, stackId, kind } = target;
  return {
    ...target,
    onlyWatches: true,
    begin: (options) => {
      options.onExecute();
      // A deleted stack has no name any more.
      if (kind === 'delete') return watchStack(stackId ?? stackName, services.stacks, options);
      const watch = (): Promise<OperationOutcome> => watchStack(stackName, services.stacks, options);
      return thenResume(stackName, services, watch, options.onPhase);
    },
  };
}

/** @returns what kind of operation a stack with such a status is in */
export function kindOfStatus(status: string): ShownOperation['kind'] {
  if (status.startsWith('DELETE')) return 'delete';
  return status.includes('ROLLBACK') ? 'rollback' : 'deploy';
}

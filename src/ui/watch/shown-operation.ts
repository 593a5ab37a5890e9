import { firstCause, isCancelled } from '../../app/stack/stack-events.ts';
import { Emitter } from '../../core/emitter.ts';
import type { Disposable } from '../../core/lifetime.ts';
import type { StackEvent } from '../../core/stack/stack-service.ts';
import type { PendingSession, Session } from '../connection/session.ts';

type StackPlace = Pick<Session, 'account' | 'region' | 'endpoint'>;

/** What CloudFormation does with the stack, or did last, as this window watched it. */
export interface ShownOperation {
  readonly stackName: string;
  /** where the stack is; another account may have one of the same name */
  readonly place?: StackPlace | undefined;
  readonly kind: 'deploy' | 'cancel' | 'rollback' | 'delete';
  readonly running: boolean;
  /** oldest first */
  readonly events: readonly StackEvent[];
  /** the first real cause of a failure, as soon as it is known */
  readonly failure: StackEvent | undefined;
}

/** Writes what one operation brings, until another one takes its place. */
export interface OperationWriter {
  add(event: StackEvent): void;
  /** The operation is over, or is watched no longer. */
  end(): void;
}

/** The stack operation that this window watches: the commands write it, the Pipeline view shows its events. */
export class ShownOperations {
  #operation: ShownOperation | undefined;
  #writer: OperationWriter | undefined;
  #replace: (() => void) | undefined;
  readonly #changed = new Emitter();

  get current(): ShownOperation | undefined {
    return this.#operation;
  }

  /**
   * Shows another operation from now on. What a running one of the same stack has brought stays: a rollback belongs to
   * the update that it takes back.
   * @param onReplaced told when another operation on the same stack takes its place while it runs: that one reports
   */
  begin(
    { stackName, kind, place }: Pick<ShownOperation, 'stackName' | 'kind' | 'place'>,
    onReplaced: () => void,
  ): OperationWriter {
    const running = this.#operation?.running ? this.#operation : undefined;
    const before = running && isOperationOn(running, { stackName, ...place }) ? running : undefined;
    const replace = before && this.#replace;
    const writer: OperationWriter = {
      add: (event) => {
        if (this.#writer !== writer || !this.#operation) return;
        const events = [...this.#operation.events, event];
        const failure = isCancelled(events) ? undefined : firstCause(events);
        this.set({ ...this.#operation, events, failure });
      },
      end: () => {
        if (this.#writer !== writer || !this.#operation) return;
        this.#writer = undefined;
        this.#replace = undefined;
        this.set({ ...this.#operation, running: false });
      },
    };
    this.#writer = writer;
    this.#replace = onReplaced;
    this.set({ stackName, place, kind, running: true, events: before?.events ?? [], failure: undefined });
    replace?.();
    return writer;
  }

  set(operation: ShownOperation | undefined): void {
    this.#operation = operation;
    this.#changed.emit();
  }

  onChange(listener: () => void): Disposable {
    return this.#changed.on(listener);
  }
}

/** @returns true where the operation is on this stack, as far as both places are known */
export function isOperationOn(
  { stackName, place }: Pick<ShownOperation, 'stackName' | 'place'>,
  stack: Pick<PendingSession, 'stackName'> & Partial<StackPlace>,
): boolean {
  if (stackName !== stack.stackName) return false;
  if (!place || stack.account === undefined) return true;
  return (
    place.account === stack.account && place.region === stack.region && place.endpoint === stack.endpoint
  );
}

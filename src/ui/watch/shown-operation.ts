import { firstCause, isCancelled } from '../../app/stack/stack-events.ts';
import { Emitter } from '../../core/emitter.ts';
import type { Disposable } from '../../core/lifetime.ts';
import type { StackEvent } from '../../core/stack/stack-service.ts';
import type { PendingSession, Session } from '../connection/session.ts';

type StackPlace = Pick<Session, 'account' | 'region' | 'endpoint'>;

/** The running or last stack operation of this window, as the Pipeline view shows it. */
export interface ShownOperation {
  readonly stackName: string;
  /** where the stack is; another account may have a stack of the same name */
  readonly place?: StackPlace | undefined;
  readonly kind: 'deploy' | 'cancel' | 'rollback' | 'delete';
  readonly running: boolean;
  /** oldest first */
  readonly events: readonly StackEvent[];
  /** the first real cause of a failure, as soon as it is known */
  readonly failure: StackEvent | undefined;
}

/** Writes the events of one operation, until another operation replaces it. */
export interface OperationWriter {
  add(event: StackEvent): void;
  /** The operation has ended, or is no longer watched. */
  end(): void;
}

/** Holds the stack operation that this window watches. The commands write it, and the Pipeline view shows its events. */
export class ShownOperations {
  #operation: ShownOperation | undefined;
  #writer: OperationWriter | undefined;
  #replace: (() => void) | undefined;
  readonly #changed = new Emitter();

  get current(): ShownOperation | undefined {
    return this.#operation;
  }

  /**
   * Shows another operation from now on. It keeps the events of a running operation on the same stack, as a rollback belongs
   * to the update that it undoes.
   * @param onReplaced called when another operation on the same stack replaces this one while it runs
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

/** @returns true where the operation is on this stack; an unknown place is taken as the same */
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

import type { StackOutputs } from '../../core/stack/stack-contract.ts';
import type { BatchesContext } from '../batches/batches-context.ts';
import type { StepFrame } from '../base/wizard.ts';
import type { Session } from '../connection/session.ts';
import type { EnqueueForm } from './enqueue-form.ts';
import type { EnqueueMemory } from './enqueue-memory.ts';

/** What the screens of one enqueue share. */
export interface EnqueueFlow {
  readonly ui: BatchesContext;
  readonly session: Session;
  readonly pipeline: StackOutputs;
  readonly memory: EnqueueMemory;
  /** takes the form after each answer: for the draft, and for the other screen */
  readonly answered: (form: EnqueueForm) => void;
  /** @returns the form after the last answer; undefined before any */
  readonly latest: () => EnqueueForm | undefined;
}

/** @returns the frame of a question that a screen opens: Back leads to the screen */
export function below({ title }: StepFrame): StepFrame {
  return { title, step: 1, totalSteps: 1, hasBack: true };
}

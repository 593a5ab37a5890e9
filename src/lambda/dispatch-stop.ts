import type { DispatchState, DispatchSwitch } from '../core/stack/dispatch-control.ts';
import { needed } from '../aws/needed.ts';

/** Dispatch in one invocation: read once, stopped at most once. */
export interface DispatchStop {
  /** @throws MediaBatchError `unusable-stack` */
  readonly dispatch: () => Promise<DispatchState>;
  /** @param ms how long Ittybit asks to wait; absent: until the user resumes dispatch */
  readonly stop: (reason: string, ms?: number) => Promise<void>;
}

export function createDispatchStop(control: DispatchSwitch): DispatchStop {
  let state: Promise<DispatchState> | undefined;
  let stopping: Promise<void> | undefined;
  const dispatch = () => (state ??= needed('The results table', control.readDispatch()));

  async function stop(reason: string, ms: number | undefined): Promise<void> {
    let present: DispatchState;
    try {
      present = await dispatch();
    } catch {
      // Without the table no reason can be written, but dispatch can be switched off.
      await control.switchOff();
      return;
    }
    await control.stopDispatch({ reason, waitMs: ms }, present);
  }

  return {
    dispatch,
    // Every record of the invocation gets the same refusal, so the first one stops for all.
    stop: (reason, ms) => (stopping ??= stop(reason, ms)),
  };
}

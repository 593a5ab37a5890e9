import type { DispatchState, DispatchSwitch } from '../core/stack/dispatch-control.ts';

/**
 * Dispatch in one invocation, stopped at most once.
 * @param dispatch what the invocation has read
 * @returns `stop`; its `ms` is how long Ittybit asks to wait; absent: until the user resumes dispatch
 */
export function createDispatchStop(
  control: Pick<DispatchSwitch, 'stopDispatch' | 'switchOff'>,
  dispatch: () => Promise<DispatchState>,
): (reason: string, ms?: number) => Promise<void> {
  let stopping: Promise<void> | undefined;

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

  // Every record of the invocation gets the same refusal, so the first one stops for all.
  return (reason, ms) => (stopping ??= stop(reason, ms));
}

import type { DispatchState, DispatchSwitch } from '../../core/stack/dispatch-control.ts';
import { isHeld, isLong } from '../../core/stack/dispatch-rules.ts';

/**
 * Ends a wait that is over, and has the mapping follow a pause or a wait that did not reach it, or that a deploy
 * outside Media Batch has undone.
 * @param did gets `waitsEnded`, and `mappingSwitchedOff` where the mapping had to follow
 * @param now epoch ms
 * @throws the error of the switch
 */
export async function reconcileDispatch(
  dispatch: DispatchSwitch,
  did: Record<string, number>,
  now: number,
): Promise<void> {
  const present = await dispatch.readDispatch();
  // A running dispatch whose mapping is off was switched off outside Media Batch, which is the user's choice.
  if (isHeld(present, now)) {
    if ((await dispatch.followDispatch(present)) && isLong(present)) did['mappingSwitchedOff'] = 1;
  } else if (await dispatch.endWait(present)) did['waitsEnded'] = 1;
}

/** @returns true where nothing is submitted until somebody acts: dispatch is paused, or its mapping was switched off */
export async function isPaused(
  { state }: DispatchState,
  dispatch: Pick<DispatchSwitch, 'isOn'>,
): Promise<boolean> {
  return state === 'paused' || (state === 'running' && !(await dispatch.isOn()));
}

import type { DispatchSwitch } from '../../core/stack/dispatch-control.ts';
import { isHeld } from '../../core/stack/dispatch-rules.ts';

/**
 * Ends a wait that is over, and has the mapping follow a pause or a wait that did not reach it.
 * @param did gets `waitsEnded`
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
  if (isHeld(present, now)) await dispatch.followDispatch(present);
  else if (await dispatch.endWait(present)) did['waitsEnded'] = 1;
}

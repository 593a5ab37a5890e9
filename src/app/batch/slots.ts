import type { DispatchState } from '../../core/stack/dispatch-control.ts';
import { SharedPace, STALE_MS, type PaceParts, type Turn } from './shared-pace.ts';
import { SlotGroup, type Slot } from './slot-group.ts';

/** Why a call was not made. */
export const NO_SLOT_FREE = 'no slot was free at the present rate';

/** A run that ends before it has used its last block wastes no more slots than this. */
const MOST_IN_BLOCK = 8;

/** The slots of one invocation. */
export interface Slots {
  /** Whether dispatch runs, as it was when the invocation began. */
  dispatch(): Promise<DispatchState>;
  /**
   * Waits until there is a slot soon enough, up to 10 s: an invocation that waits takes no further messages.
   * @param receives how often the message has been received
   * @returns undefined where there is none, or dispatch has been stopped meanwhile
   */
  turn(receives: number): Promise<Turn | undefined>;
  /** The turn of many calls, one after the other: it takes slots in blocks, each twice as large. */
  series(): Turn;
}

/** @returns the slots of one invocation, which reads the pace once and writes it once for all of its calls */
export function createSlots(parts: PaceParts): Slots {
  const pace = new SharedPace(parts);
  const group = new SlotGroup((count) => pace.reserve(count));
  let begun: ReturnType<SharedPace['look']> | undefined;
  return {
    dispatch: async () => (await (begun ??= pace.look(STALE_MS))).state,

    async turn(receives) {
      if (!(await pace.hasRoom(receives, group))) return undefined;
      let isFirst = true;
      const next = async () => {
        if (!isFirst) return (await pace.reserve(1))[0];
        isFirst = false;
        return group.slot();
      };
      return pace.turn(next, () => {
        if (isFirst) group.leave();
      });
    },

    series() {
      let block: Slot[] = [];
      let size = 1;
      const next = async () => {
        if (block.length === 0) {
          block = await pace.reserve(size);
          size = Math.min(2 * size, MOST_IN_BLOCK);
        }
        return block.shift();
      };
      return pace.turn(next, () => undefined);
    },
  };
}

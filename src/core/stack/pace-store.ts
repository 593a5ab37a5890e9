import type { PacedDispatch } from './dispatch-control.ts';
import type { Drop, SlotPlan } from './pace.ts';

/** The pace as the functions share it. Reads are strong. A failure is the SDK's own error. */
export interface PaceStore {
  /** most of its writes take no longer than this, in ms */
  readonly answerMs: number;
  read(): Promise<PacedDispatch>;
  /** @returns the first slot, epoch ms; undefined where the pace has changed so that the plan does not hold */
  reserve(plan: SlotPlan): Promise<number | undefined>;
  /**
   * Counts a refusal, and lowers the rate.
   * @param drop absent: only counts; where somebody has lowered it since, it only counts too
   */
  refuse(drop?: Drop): Promise<void>;
}

import type { Draw } from '../ittybit/draws.ts';
import type { FaultPlan } from './choose-faults.ts';
import type { FaultWorld } from './fault-world.ts';
import type { FileFault } from './file-faults.ts';

/** The parts of a run of the fault suite that its phases share. */
export interface FaultRun {
  readonly world: FaultWorld;
  readonly bucket: string;
  /** which inputs have which fault */
  readonly plan: FaultPlan<FileFault>;
  readonly draw: Draw;
  readonly signal: AbortSignal;
  /** shows a line of progress */
  readonly say: (line: string) => void;
}

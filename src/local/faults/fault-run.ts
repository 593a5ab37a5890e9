import type { JobOptions } from '../../core/ittybit/job-options.ts';
import type { Draw } from '../ittybit/draws.ts';
import type { FoundLetter } from './audit.ts';
import type { FaultPlan } from './choose-faults.ts';
import type { FaultWorld } from './fault-world.ts';
import type { FileFault } from './file-faults.ts';

/** The parts of a run of the fault suite that its phases share. */
export interface FaultRun {
  readonly world: FaultWorld;
  readonly bucket: string;
  /** the keys of all media files */
  readonly keys: readonly string[];
  /** which inputs have which fault */
  readonly plan: FaultPlan<FileFault>;
  readonly draw: Draw;
  readonly signal: AbortSignal;
  /** every enqueue so far; a trouble adds its own */
  readonly batches: EnqueuedBatch[];
  readonly tally: Tally;
  /** shows a line of progress */
  readonly say: (line: string) => void;
}

/** What operators have seen and done on the way, while the stack drains and in the recovery. */
export interface Tally {
  /** the dead letters that were there before each redrive of the recovery, and before a stack was deleted */
  readonly letters: FoundLetter[];
  /** files that were sent once more, because no item told of them */
  missing: number;
  /** files that were sent once more from their items, because their messages were gone with their stack */
  resent: number;
}

/** What an enqueue of the suite is asked for. */
export interface BatchOrder {
  readonly prefix: string;
  readonly job: JobOptions;
  readonly again: boolean;
}

/** An enqueue of the suite. */
export interface EnqueuedBatch extends BatchOrder {
  readonly batch: string;
  readonly sent: number;
  /** epoch ms at which the user's cancel was confirmed; undefined where nobody has cancelled it */
  cancelledAt?: number | undefined;
}

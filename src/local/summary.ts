import { sum, type BatchProgress } from '../app/batch/batch-progress.ts';
import type { EnqueueProgress } from '../app/batch/enqueue-files.ts';
import { s3Uri } from '../core/files/s3-location.ts';
import type { JobBook } from './ittybit/job-book.ts';

/** The result of the main job in numbers; the last line of `--json`. */
export interface Summary {
  readonly listed: number;
  readonly skipped: number;
  readonly enqueued: number;
  readonly submitted: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly deadLettered: number;
  readonly redriven: number;
  /** files whose end Ittybit never reported; the reconciler asked for it */
  readonly unheard: number;
  /** files of the second batch of the same prefix that it need not pay for */
  readonly covered: number;
  /** the same of a batch of a new stack that has taken over the table of the deleted one */
  readonly takenOver: number;
  /** jobs at Ittybit after the first one for a file: each would have been paid again */
  readonly duplicateJobs: number;
  /** media files in the bucket for which Ittybit has no job */
  readonly lost: number;
  readonly seconds: number;
  /** files without a final result, and results that differ from Ittybit's; anything but 0 is a fault */
  readonly unfinished: number;
}

/** An enqueue of a prefix whose files are done. */
export interface Repeated {
  readonly sent: number;
  readonly covered: number;
}

export interface Outcome {
  readonly book: JobBook;
  /** keys that were seeded as media files */
  readonly media: readonly string[];
  /** keys that are in the bucket at the end */
  readonly keys: readonly string[];
  readonly bucket: string;
  readonly enqueued: EnqueueProgress;
  readonly progress: BatchProgress;
  readonly deadLettered: number;
  readonly redriven: number;
  readonly unheard: number;
  /** the second batch of the same prefix */
  readonly again: Repeated;
  /** the batch of the stack that has taken over the table */
  readonly takenOver: Repeated;
  readonly seconds: number;
}

/**
 * Counts what was lost and what was paid twice, by comparing Ittybit's own job book with the bucket, not with our table.
 */
export function summarize(outcome: Outcome): Summary {
  const { book, bucket, enqueued, progress, deadLettered, redriven, unheard, seconds } = outcome;
  const { again, takenOver } = outcome;
  const there = new Set(outcome.keys);
  const media = outcome.media.filter((key) => there.has(key));
  const jobs = book.jobsByInput();
  const lost = media.filter((key) => !jobs.has(s3Uri({ bucket, key }))).length;
  const duplicateJobs = sum([...jobs.values()].map((ofInput) => ofInput.length - 1));
  const { counts } = progress;
  const own = counts.succeeded + counts.failed + counts.cancelled;
  const final = own + counts.covered;
  const atIttybit = (status: string) => book.jobs.filter((job) => job.status === status).length;
  const differing =
    Math.abs(counts.succeeded - atIttybit('succeeded')) + Math.abs(counts.failed - atIttybit('failed'));
  return {
    listed: enqueued.listed,
    skipped: sum(Object.values(enqueued.skipped)),
    enqueued: enqueued.sent,
    submitted: own + counts.submitted + counts.processing,
    succeeded: counts.succeeded,
    failed: counts.failed,
    deadLettered,
    redriven,
    unheard,
    covered: again.covered,
    takenOver: takenOver.covered,
    duplicateJobs,
    lost,
    seconds,
    unfinished:
      Math.max(0, media.length - final) +
      (progress.settled ? 0 : 1) +
      counts.dead +
      differing +
      sum([again, takenOver].map(({ sent, covered }) => sent - covered)),
  };
}

/** @returns true when every file has its result, none was lost and none was paid twice */
export function isClean({ lost, duplicateJobs, unfinished }: Summary): boolean {
  return lost === 0 && duplicateJobs === 0 && unfinished === 0;
}

import { setTimeout as sleep } from 'node:timers/promises';
import { enqueuePrefix } from '../../app/batch/enqueue-prefix.ts';
import { sum } from '../../app/batch/batch-progress.ts';
import { DEFAULT_JOB_OPTIONS } from '../../core/ittybit/job-options.ts';
import { PREFIX } from '../cloud/wild-files.ts';
import type { FaultRun } from './fault-run.ts';
import { faultyQueue } from './faulty-queue.ts';
import { STACK_TROUBLES, type StackTrouble } from './stack-troubles.ts';

/** The second batch wants a third of the first one's files at the same time, and the third one pays again for a few. */
const ORDERS = [
  { prefix: PREFIX, again: false },
  { prefix: `${PREFIX}199`, again: false },
  { prefix: `${PREFIX}2001/`, again: true },
];
/** The next trouble does not wait longer than this for further jobs. */
const STALL_MS = 8_000;
/** No backoff before the last attempt is longer. */
const QUIET_MS = 11_000;

/** An enqueue of the suite. */
export interface EnqueuedBatch {
  readonly batch: string;
  readonly prefix: string;
  readonly again: boolean;
  readonly sent: number;
}

/** Enqueues all batches at the same time, over a queue that doubles some messages and loses others. */
export async function enqueueAll(run: FaultRun): Promise<EnqueuedBatch[]> {
  const { world, bucket, plan, signal } = run;
  const { services } = world.cloud;
  const { buckets, batches } = services;
  const queues = faultyQueue(services.queues, plan);
  const enqueued = ORDERS.map(async ({ prefix, again }) => {
    const request = { bucket, prefix, again, job: DEFAULT_JOB_OPTIONS };
    const { batch, sent } = await enqueuePrefix(
      request,
      world.pipeline,
      { buckets, batches, queues },
      { signal },
    );
    return { batch, prefix, again, sent };
  });
  return Promise.all(enqueued);
}

/** Lets the troubles happen one after the other, spread over the time in which the files are submitted. */
export async function runTroubles(
  run: FaultRun,
  troubles: readonly StackTrouble[],
  files: number,
): Promise<void> {
  const { book } = run.world.cloud.ittybit;
  for (const [i, name] of troubles.entries()) {
    await untilJobs(run, Math.floor((files * (i + 0.5)) / (troubles.length + 1)));
    const before = book.jobs.length;
    const outcome = await STACK_TROUBLES[name](run);
    run.say(`   ${name} at ${before} jobs: ${outcome}`);
  }
}

/** Waits until Ittybit has so many jobs, or gets no more. */
async function untilJobs({ world, signal }: FaultRun, jobs: number): Promise<void> {
  const { book } = world.cloud.ittybit;
  let seen = book.jobs.length;
  for (let since = Date.now(); book.jobs.length < jobs && Date.now() - since < STALL_MS;) {
    await sleep(100, undefined, { signal });
    if (book.jobs.length === seen) continue;
    seen = book.jobs.length;
    since = Date.now();
  }
}

/**
 * Waits while the faults still happen: until Ittybit has had a request for each file, and then none for a while.
 * @param limitMs no longer than this
 */
export async function untilQuiet({ world, signal }: FaultRun, files: number, limitMs: number): Promise<void> {
  const { book } = world.cloud.ittybit;
  let posts = -1;
  let since = Date.now();
  for (const limit = Date.now() + limitMs; Date.now() < limit;) {
    if (book.posts !== posts) since = Date.now();
    posts = book.posts;
    const quietMs = book.postsByInput.size >= files ? QUIET_MS : STALL_MS;
    if (Date.now() - since > quietMs) return;
    await sleep(200, undefined, { signal });
  }
}

/** @returns how many files all batches have sent */
export function sentIn(batches: readonly EnqueuedBatch[]): number {
  return sum(batches.map(({ sent }) => sent));
}

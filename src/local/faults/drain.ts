import { setTimeout as sleep } from 'node:timers/promises';
import { enqueuePrefix } from '../../app/batch/enqueue-prefix.ts';
import { sum } from '../../app/batch/batch-progress.ts';
import type { BatchOrder, EnqueuedBatch, FaultRun } from './fault-run.ts';
import { faultyQueue } from './faulty-queue.ts';
import { STACK_TROUBLES, type StackTrouble } from './stack-troubles.ts';

/** The next trouble does not wait longer than this for further jobs. */
const STALL_MS = 8_000;
/** No backoff before the last attempt is longer. */
const QUIET_MS = 11_000;
/** A wait says this often how far it has come. */
const SAY_MS = 30_000;

/**
 * Enqueues batches at the same time, over a queue that doubles some messages and loses others, and adds them to the run.
 * @throws as `enqueuePrefix`
 */
export async function enqueueAll(run: FaultRun, orders: readonly BatchOrder[]): Promise<void> {
  const { world, bucket, plan, signal } = run;
  const { services } = world.cloud;
  const { buckets, batches } = services;
  const parts = { buckets, batches, queues: faultyQueue(services.queues, plan) };
  const enqueued = orders.map(async (order) => {
    const { batch, sent } = await enqueuePrefix({ ...order, bucket }, world.pipeline, parts, { signal });
    return { ...order, batch, sent };
  });
  run.batches.push(...(await Promise.all(enqueued)));
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
async function untilJobs(run: FaultRun, jobs: number): Promise<void> {
  const { world, signal } = run;
  const { book } = world.cloud.ittybit;
  const sayNow = progressSayer(run);
  let seen = book.jobs.length;
  for (let since = Date.now(); book.jobs.length < jobs && Date.now() - since < STALL_MS;) {
    await sleep(100, undefined, { signal });
    sayNow();
    if (book.jobs.length === seen) continue;
    seen = book.jobs.length;
    since = Date.now();
  }
}

/**
 * Waits while the faults still happen: until Ittybit has had a request for each file, and then none for a while.
 * @param limitMs no longer than this
 */
export async function untilQuiet(run: FaultRun, files: number, limitMs: number): Promise<void> {
  const { world, signal } = run;
  const { book } = world.cloud.ittybit;
  const sayNow = progressSayer(run);
  let posts = -1;
  let since = Date.now();
  for (const limit = Date.now() + limitMs; Date.now() < limit;) {
    if (book.posts !== posts) since = Date.now();
    posts = book.posts;
    const quietMs = book.postsByInput.size >= files ? QUIET_MS : STALL_MS;
    if (Date.now() - since > quietMs) return;
    await sleep(200, undefined, { signal });
    sayNow();
  }
}

/** @returns what says now and then how many requests and jobs there are, so that a long run shows that it goes on */
function progressSayer({ world, say }: FaultRun): () => void {
  const { book } = world.cloud.ittybit;
  let said = Date.now();
  return () => {
    if (Date.now() - said < SAY_MS) return;
    said = Date.now();
    say(`   ${book.posts} requests, ${book.jobs.length} jobs, ${book.postsByInput.size} files met`);
  };
}

/** @returns how many files all batches have sent */
export function sentIn(batches: readonly EnqueuedBatch[]): number {
  return sum(batches.map(({ sent }) => sent));
}

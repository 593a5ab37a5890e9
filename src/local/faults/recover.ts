import { setTimeout as sleep } from 'node:timers/promises';
import { enqueueMissing, findMissing } from '../../app/batch/enqueue-missing.ts';
import { redriveAll } from '../../app/batch/redrive.ts';
import { resumeDispatch } from '../../app/stack/dispatch.ts';
import type { ResultItem } from '../../core/batch/result-item.ts';
import { readResult } from '../../core/batch/result-codec.ts';
import { MediaBatchError } from '../../core/errors.ts';
import { isOpen, type FoundLetter } from './audit.ts';
import type { EnqueuedBatch, FaultRun } from './fault-run.ts';
import { resumeHeld } from './operators.ts';
import { reconcileNow } from './reconcile-now.ts';
import { readLetters } from './read-letters.ts';

/** Pause between two rounds of what an operator does. */
const ROUND_MS = 3_000;

/** What it took until every file had ended. */
export interface Recovery {
  readonly redriven: number;
  /** files that were sent once more, because no item told of them */
  readonly missing: number;
  /** the dead letters that were there before each redrive */
  readonly letters: readonly FoundLetter[];
  readonly seconds: number;
}

/**
 * Does what an operator does once the causes are mended: resumes dispatch and what is held, redrives, lets the
 * reconciler run now. Until every file that was sent has ended and no message is left, or the time is over.
 * @param limitMs no longer than this
 */
export async function recover(run: FaultRun, limitMs: number): Promise<Recovery> {
  const { world, signal } = run;
  const { services } = world.cloud;
  const start = Date.now();
  let redriven = 0;
  let missing = 0;
  const letters: FoundLetter[] = [];
  for (;;) {
    const { state } = await services.dispatch.readState(world.pipeline, signal);
    if (state !== 'running') await resumeDispatch(world.pipeline, services.dispatch, signal);
    await resumeHeld(run, services);
    const { waiting, inFlight } = await services.queues.depth(world.pipeline.deadLetterQueueUrl, signal);
    if (waiting > 0) letters.push(...(await readLetters(run)));
    if (waiting > 0) redriven += (await redriveAll(world.pipeline, services.queues, { signal })).moved;
    for (const one of run.batches) missing += one.cancelledAt === undefined ? await sendMissing(run, one) : 0;
    const did = await reconcileNow(run);
    const items = (await world.tableItems()).flatMap((item) => readResult(item) ?? []);
    const open = items.filter(isOpen);
    const seconds = Math.round((Date.now() - start) / 1000);
    const queued = await messagesIn(run);
    run.say(
      `   ${seconds} s: ${queued} messages, ${statesOf(items)}, ${waiting + inFlight} letters; reconciler: ${did}`,
    );
    const isOver =
      isClaimed(run.batches, items) && open.length === 0 && queued === 0 && waiting + inFlight === 0;
    if (isOver || Date.now() - start > limitMs) return { redriven, missing, letters, seconds };
    await sleep(ROUND_MS, undefined, { signal });
  }
}

async function messagesIn({ world: { cloud, pipeline }, signal }: FaultRun): Promise<number> {
  const { waiting, inFlight, delayed } = await cloud.services.queues.depth(pipeline.workQueueUrl, signal);
  return waiting + inFlight + delayed;
}

/** Has each file an item? Those of a cancelled batch that nobody has claimed get none. */
function isClaimed(batches: readonly EnqueuedBatch[], items: readonly ResultItem[]): boolean {
  const claimed = Map.groupBy(items, ({ batch }) => batch);
  return batches.every(
    ({ batch, sent, cancelledAt }) => cancelledAt !== undefined || (claimed.get(batch)?.length ?? 0) >= sent,
  );
}

/** Sends what was never claimed, once nothing is queued. */
async function sendMissing({ world, signal }: FaultRun, { batch }: EnqueuedBatch): Promise<number> {
  const { services } = world.cloud;
  try {
    const found = await findMissing(batch, world.pipeline, services, signal);
    return (await enqueueMissing(found, world.pipeline, services, { signal })).sent;
  } catch (error) {
    const isNone =
      error instanceof MediaBatchError && /^(nothing-to-enqueue|queue-not-empty)$/.test(error.code);
    if (isNone) return 0;
    throw error;
  }
}

function statesOf(items: readonly ResultItem[]): string {
  const states = Map.groupBy(items, ({ status }) => status);
  return [...states].map(([status, those]) => `${those.length} ${status}`).join(', ');
}

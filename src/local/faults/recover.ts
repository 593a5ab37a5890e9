import { setTimeout as sleep } from 'node:timers/promises';
import { redriveAll } from '../../app/batch/redrive.ts';
import { resumeDispatch } from '../../app/stack/dispatch.ts';
import { inQueue } from '../../core/batch/queue-service.ts';
import type { ResultItem } from '../../core/batch/result-item.ts';
import { readResult } from '../../core/batch/result-codec.ts';
import { isOpen } from './audit.ts';
import type { EnqueuedBatch, FaultRun } from './fault-run.ts';
import { resumeHeld } from './operators.ts';
import { reconcileNow } from './reconcile-now.ts';
import { readLetters } from './read-letters.ts';
import { findAllMissing, sendMissing } from './send-again.ts';
import { statesOf } from './states-of.ts';

/** Pause between two rounds of what an operator does. */
const ROUND_MS = 3_000;

/** What it took until every file had ended. */
export interface Recovery {
  readonly redriven: number;
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
  const { queues } = services;
  const { workQueueUrl, deadLetterQueueUrl } = world.pipeline;
  const start = Date.now();
  let redriven = 0;
  for (;;) {
    const { state } = await services.dispatch.readState(world.pipeline, signal);
    if (state !== 'running') await resumeDispatch(world.pipeline, services.dispatch, signal);
    await resumeHeld(run, services);
    const { waiting, inFlight } = await queues.depth(deadLetterQueueUrl, signal);
    if (waiting > 0) run.tally.letters.push(...(await readLetters(run)));
    if (waiting > 0) redriven += (await redriveAll(world.pipeline, queues, { signal })).moved;
    await sendMissing(run, await findAllMissing(run));
    const did = await reconcileNow(run);
    const items = (await world.tableItems()).flatMap((item) => readResult(item) ?? []);
    const open = items.filter(isOpen);
    const seconds = Math.round((Date.now() - start) / 1000);
    const queued = inQueue(await queues.depth(workQueueUrl, signal));
    run.say(
      `   ${seconds} s: ${queued} messages, ${statesOf(items)}, ${waiting + inFlight} letters; reconciler: ${did}`,
    );
    const isOver =
      isClaimed(run.batches, items) && open.length === 0 && queued === 0 && waiting + inFlight === 0;
    if (isOver || Date.now() - start > limitMs) return { redriven, seconds };
    await sleep(ROUND_MS, undefined, { signal });
  }
}

/** Has each file an item? Those of a cancelled batch that nobody has claimed get none. */
function isClaimed(batches: readonly EnqueuedBatch[], items: readonly ResultItem[]): boolean {
  const claimed = Map.groupBy(items, ({ batch }) => batch);
  return batches.every(
    ({ batch, sent, cancelledAt }) => cancelledAt !== undefined || (claimed.get(batch)?.length ?? 0) >= sent,
  );
}

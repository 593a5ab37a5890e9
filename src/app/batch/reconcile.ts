import { OPEN_STATUSES } from '../../core/batch/open-files.ts';
import { NEVER_DUE } from '../../core/batch/table-keys.ts';
import { MediaBatchError } from '../../core/errors.ts';
import type { BatchFile } from '../../core/files/batch-file.ts';
import { brakeByResults } from './reconcile-batch.ts';
import { reconcileFile } from './reconcile-file.ts';
import { fail, type ReconcileRun } from './reconcile-run.ts';
import type { ReconcileRequest, ReconcileServices, ReconcileSummary } from './reconcile-services.ts';
import { sweepDeadLetters } from './sweep-dead-letters.ts';

type Pages = AsyncIterator<readonly BatchFile[]>;

/**
 * Brings every open file on that no event brings on: a callback that never came, an owner that has ended, a message
 * that is gone. A run is bounded by its deadline and asks Ittybit one request after the other. Each batch and status
 * has its turn in each round, and each run begins with another batch and status, so nothing starves.
 * @returns what was done
 * @throws the first failure, at the end of the run; the next one begins anew
 */
export async function reconcile(
  request: ReconcileRequest,
  services: ReconcileServices,
): Promise<ReconcileSummary> {
  const summary: ReconcileSummary = {
    ...{ looked: 0, asked: 0, ended: 0, sentAgain: 0 },
    ...{ lettersRemoved: 0, lettersExplained: 0, unreadable: 0, silent: 0, held: 0 },
  };
  const run: ReconcileRun = { request, services, summary, isAway: false, failures: [] };
  const ofSweep = await sweepDeadLetters(run);
  const order = turned(await batchesOf(run), services.random());
  for (const batch of order) if (!isOver(run)) await brakeByResults(batch, run);
  let rounds = order.map((batch) => duePages(batch, run));
  while (rounds.length > 0 && !isOver(run)) {
    for (const pages of rounds) {
      if (isOver(run)) break;
      await round(pages, run);
    }
    rounds = rounds.filter((pages) => pages.length > 0);
  }
  const failures = [...run.failures, ...ofSweep];
  if (failures.length > 0) throw failures[0];
  return summary;
}

async function batchesOf({ request, services, summary }: ReconcileRun): Promise<readonly string[]> {
  if (request.batch !== undefined) return [request.batch];
  const batches = await services.openFiles.batches();
  summary.held = batches.filter(({ isHeld }) => isHeld).length;
  return batches.map(({ batch }) => batch);
}

function isOver({ request, services }: ReconcileRun): boolean {
  return services.now() >= request.deadlineMs;
}

/** Begins a list at a random place. */
function turned<Value>(list: readonly Value[], random: number): Value[] {
  const start = Math.floor(random * list.length);
  return [...list.slice(start), ...list.slice(0, start)];
}

function duePages(batch: string, { request, services }: ReconcileRun): Pages[] {
  const dueBefore = request.everything === true ? NEVER_DUE : new Date(services.now()).toISOString();
  return turned(OPEN_STATUSES, services.random()).map((status) =>
    services.openFiles.due(batch, status, dueBefore),
  );
}

/** One page of each status; statuses without a further page are removed from the list. */
async function round(pages: Pages[], run: ReconcileRun): Promise<void> {
  const results = await Promise.all(pages.map((each) => each.next()));
  const more = pages.filter((_, i) => results[i]?.done !== true);
  pages.splice(0, pages.length, ...more);
  for (const file of results.flatMap(({ done, value }) => (done === true ? [] : value))) {
    if (isOver(run)) return;
    await lookAt(file, run);
  }
}

async function lookAt(file: BatchFile, run: ReconcileRun): Promise<void> {
  try {
    await reconcileFile(file, run);
  } catch (error) {
    const isUnreadable = error instanceof MediaBatchError && error.code === 'unreadable-item';
    if (isUnreadable) run.summary.unreadable += 1;
    else fail(error, run.failures);
  }
}

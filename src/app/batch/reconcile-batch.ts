import { BRAKE_RESULTS, TOO_MANY_FAILED, tooManyFailed } from '../../core/batch/brake.ts';
import { DEFAULT_BATCH } from '../../core/batch/queue-message.ts';
import { readableOrder } from './readable-order.ts';
import type { ReconcileRun } from './reconcile-run.ts';

/** A batch whose last failure is older than this is not looked at, in ms: it has ended, or goes well. */
const RECENT_MS = 15 * 60_000;

/**
 * Holds a batch whose newest results fail too often: a wrong output or an unreadable source shows only after Ittybit
 * has accepted, and been paid for, a job.
 */
export async function brakeByResults(batch: string, run: ReconcileRun): Promise<void> {
  const { brakePercent, brakes, openFiles, now } = run.services;
  if (batch === DEFAULT_BATCH || brakePercent <= 0) return;
  // One item tells of an old batch, which is one of many.
  const [last] = await openFiles.newest(batch, 'failed', 1);
  if (!last || now() - Date.parse(last.updated_at) > RECENT_MS || (await isStopped(batch, run))) return;
  const failed = await openFiles.newest(batch, 'failed', BRAKE_RESULTS);
  if (failed.length < brakePercent) return;
  const succeeded = await openFiles.newest(batch, 'succeeded', BRAKE_RESULTS);
  const newest = [...failed, ...succeeded]
    .toSorted((a, b) => (a.updated_at < b.updated_at ? 1 : -1))
    .slice(0, BRAKE_RESULTS);
  const count = tooManyFailed(
    newest.map(({ status }) => status),
    brakePercent,
  );
  if (count === undefined) return;
  const reason = `${count} of the last ${newest.length} jobs failed, the last one so: ${last.error ?? 'no reason given'}`;
  await brakes.hold(batch, { cause: TOO_MANY_FAILED, reason });
}

async function isStopped(batch: string, { services }: ReconcileRun): Promise<boolean> {
  const { hold, cancelled, disarmed = [] } = (await readableOrder(batch, services))?.brake ?? {};
  return hold !== undefined || cancelled !== undefined || disarmed.includes(TOO_MANY_FAILED);
}

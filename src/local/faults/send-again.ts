import { enqueueMissing, findMissing, type MissingFiles } from '../../app/batch/enqueue-missing.ts';
import { findLeftFiles, resendFiles, type LeftFiles } from '../../app/batch/resend-files.ts';
import { MediaBatchError } from '../../core/errors.ts';
import type { FaultRun } from './fault-run.ts';

/** @returns each batch of which files were never claimed; none while messages are queued, and none that is cancelled */
export async function findAllMissing({ world, batches, signal }: FaultRun): Promise<MissingFiles[]> {
  const found: MissingFiles[] = [];
  for (const { batch, cancelledAt } of batches) {
    if (cancelledAt !== undefined) continue;
    const find = findMissing(batch, world.pipeline, world.cloud.services, signal);
    const missing = await unlessNone(find);
    if (missing) found.push(missing);
  }
  return found;
}

/** Sends what was never claimed. @returns how many files, which the run's tally counts too */
export async function sendMissing(run: FaultRun, found: readonly MissingFiles[]): Promise<number> {
  const { world, tally, signal } = run;
  let sent = 0;
  for (const one of found) {
    sent += (await enqueueMissing(one, world.pipeline, world.cloud.services, { signal })).sent;
  }
  tally.missing += sent;
  return sent;
}

/** @returns the files that have an item and no message; none while there are letters */
export async function findAllLeft({ world, signal }: FaultRun): Promise<readonly LeftFiles[]> {
  return (await unlessNone(findLeftFiles(world.pipeline, world.cloud.services, { signal }))) ?? [];
}

/** Sends those files from their items. @returns how many, which the run's tally counts too */
export async function resendLeft(run: FaultRun, left: readonly LeftFiles[]): Promise<number> {
  const { world, tally, signal } = run;
  const sent = await resendFiles(left, world.pipeline, world.cloud.services, { signal });
  tally.resent += sent;
  return sent;
}

/** @returns undefined where the use case says that there is nothing to send, or that messages are still queued */
async function unlessNone<Found>(find: Promise<Found>): Promise<Found | undefined> {
  try {
    return await find;
  } catch (error) {
    const isNone =
      error instanceof MediaBatchError && /^(nothing-to-enqueue|queue-not-empty)$/.test(error.code);
    if (isNone) return undefined;
    throw error;
  }
}

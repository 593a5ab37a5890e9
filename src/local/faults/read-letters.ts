import { listDeadLetters } from '../../app/batch/dead-letters.ts';
import { s3Uri } from '../../core/files/s3-location.ts';
import type { FoundLetter } from './audit.ts';
import type { FaultRun } from './fault-run.ts';

/** More than the files of any run. */
const LIMIT = 100_000;

/** Reads the dead-letter queue, and leaves it as it is. */
export async function readLetters({
  world,
  signal,
}: Pick<FaultRun, 'world' | 'signal'>): Promise<FoundLetter[]> {
  const { letters } = await listDeadLetters(world.pipeline, world.cloud.services.queues, {
    limit: LIMIT,
    signal,
  });
  return letters.map(({ file, reason, failedAt }) => ({
    input: file && s3Uri(file),
    batch: file?.batch,
    // Only a letter that names its time has a reason of ours; for others the list makes one up.
    reason: failedAt === undefined ? undefined : reason,
  }));
}

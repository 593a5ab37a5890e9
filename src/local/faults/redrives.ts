import { setTimeout as sleep } from 'node:timers/promises';
import { listDeadLetters } from '../../app/batch/dead-letters.ts';
import { redriveAll } from '../../app/batch/redrive.ts';
import type { FaultRun } from './fault-run.ts';

/** A file becomes a dead letter at the earliest after its last backoff. */
const LETTER_MS = 20_000;
/** A redrive finds nothing while the other's look hides all letters, and then the operator tries again. */
const TRIES = 5;

/** Redrives while the queue drains. @returns what came of it, in words */
export async function redriveWhileDraining({
  world: { cloud, pipeline },
  signal,
}: FaultRun): Promise<string> {
  const { moved } = await redriveAll(pipeline, cloud.services.queues, { signal });
  return `${moved} letters moved`;
}

/**
 * Redrives while the queue drains, and while somebody else's view lists the dead letters again and again, each of which
 * it hides for the time of its look. @returns what came of it, in words
 */
export async function redriveWhileListing(run: FaultRun): Promise<string> {
  const { world, signal } = run;
  const { cloud, owner, pipeline } = world;
  await untilLetter(run);
  let isOver = false;
  let looks = 0;
  let listed = 0;
  const view = async () => {
    for (; !isOver; looks += 1) {
      const { letters } = await listDeadLetters(pipeline, owner.queues, { signal });
      listed = Math.max(listed, letters.length);
    }
  };
  const operator = async () => {
    let moved = 0;
    for (let tries = 0; tries < TRIES && moved === 0; tries += 1) {
      moved += (await redriveAll(pipeline, cloud.services.queues, { signal })).moved;
    }
    isOver = true;
    return moved;
  };
  const [moved] = await Promise.all([operator(), view()]);
  return `${moved} letters moved; ${looks} looks saw up to ${listed}`;
}

async function untilLetter({ world, signal }: FaultRun): Promise<void> {
  const { cloud, pipeline } = world;
  for (const limit = Date.now() + LETTER_MS; Date.now() < limit;) {
    const { waiting } = await cloud.services.queues.depth(pipeline.deadLetterQueueUrl, signal);
    if (waiting > 0) return;
    await sleep(500, undefined, { signal });
  }
}

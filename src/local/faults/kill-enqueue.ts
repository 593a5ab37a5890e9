import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { enqueuePrefix, resumeEnqueue, type EnqueueRequest } from '../../app/batch/enqueue-prefix.ts';
import { MediaBatchError } from '../../core/errors.ts';
import { canonicalJson } from '../../core/ittybit/canonical-json.ts';
import { assumeRole } from '../cloud/restricted-caller.ts';
import { enough, OWN_BATCHES } from './batch-orders.ts';
import type { EnqueueTask } from './enqueue-program.ts';
import type { FaultRun } from './fault-run.ts';

const PROGRAM = join(import.meta.dirname, 'enqueue-program.ts');
/** Small, so that a kill comes between any two pages. */
const PAGE_SIZE = 3;
/** The enqueue is killed at one of so many writes, of which it makes about 20, and then its resume at one of the rest. */
const MOMENTS = [12, 5];
/** A write of the killed process may still reach the table after the resume has read it. */
const RESUMES = 3;

/**
 * Kills an enqueue in another process (SIGKILL) at a write that the seed chooses, and then the process that resumes it;
 * at last it is resumed here. @returns what came of it, in words
 */
export async function killEnqueue(run: FaultRun): Promise<string> {
  const { world, bucket, draw, signal } = run;
  const order = enough(OWN_BATCHES.killed, run.keys);
  const request: EnqueueRequest = { ...order, bucket };
  const connection = {
    ...world.cloud.root,
    credentials: await assumeRole(world.cloud.root, world.cloud.restrictedRole),
  };
  const moments: string[] = [];
  let batch: string | undefined;
  for (const [kill, most] of MOMENTS.entries()) {
    const writes = 1 + Math.floor(draw(`kill ${kill} of the enqueue`) * most);
    const task: EnqueueTask = {
      ...{ connection, pipeline: world.pipeline, pageSize: PAGE_SIZE },
      work: batch ?? request,
    };
    moments.push(await runAndKill(task, writes, signal));
    batch ??= await batchOf(request, run);
  }
  const done = await finish(batch ?? request, run);
  run.batches.push({ ...order, batch: done.batch, sent: done.sent });
  return `killed ${moments.join(', ')}; then resumed: ${done.sent} files sent`;
}

/** @returns the write at which the process was killed, in words */
async function runAndKill(task: EnqueueTask, writes: number, signal: AbortSignal): Promise<string> {
  const child = spawn(process.execPath, [PROGRAM], { stdio: ['pipe', 'pipe', 'inherit'] });
  const stop = () => child.kill('SIGKILL');
  signal.addEventListener('abort', stop);
  const ended = once(child, 'close');
  child.stdin.end(JSON.stringify(task));
  let seen = 0;
  let last = 'before its first write';
  for await (const write of createInterface({ input: child.stdout })) {
    seen += 1;
    last = `in write ${seen}, a ${write}`;
    if (seen === writes && child.pid !== undefined) process.kill(child.pid, 'SIGKILL');
    if (seen >= writes) break;
  }
  const [code, by] = (await ended) as [number | null, NodeJS.Signals | null];
  signal.removeEventListener('abort', stop);
  signal.throwIfAborted();
  if (by !== 'SIGKILL' && code !== 0)
    throw new MediaBatchError('local-cloud', `The enqueue in another process failed with code ${code}.`);
  return by === 'SIGKILL' ? last : 'too late, as it had ended';
}

/** @returns the batch that asks for this, whose record the killed process has written; undefined where it came to none */
async function batchOf({ prefix, job }: EnqueueRequest, { world }: FaultRun): Promise<string | undefined> {
  const { resultsTable } = world.pipeline;
  const { items } = await world.cloud.services.batches.list(resultsTable, { limit: 20 });
  const wanted = canonicalJson([prefix, job]);
  return items.find((meta) => canonicalJson([meta.prefix, meta.job]) === wanted)?.batch;
}

/** Resumes a batch to its end, or begins anew where the killed enqueue has left no batch. */
async function finish(work: string | EnqueueRequest, { world, signal }: FaultRun) {
  const { pipeline, cloud } = world;
  if (typeof work !== 'string') return enqueuePrefix(work, pipeline, cloud.services, { signal });
  for (let tries = 1; ; tries += 1) {
    try {
      return await resumeEnqueue(work, pipeline, cloud.services, { signal });
    } catch (error) {
      const isLate = error instanceof MediaBatchError && error.code === 'enqueued-elsewhere';
      if (!isLate || tries === RESUMES) throw error;
    }
  }
}

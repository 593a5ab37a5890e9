import { setTimeout as sleep } from 'node:timers/promises';
import { enqueuePrefix } from '../../app/batch/enqueue-prefix.ts';
import { cancelBatch } from '../../app/batch/stop-batch.ts';
import { MediaBatchError } from '../../core/errors.ts';
import { enough, OWN_BATCHES } from './batch-orders.ts';
import type { FaultRun } from './fault-run.ts';
import { shortPages } from './short-pages.ts';

/** Pages of the enqueue that is cancelled, at most: it is cancelled after one that the seed chooses. */
const PAGES = 6;
/** The first request for the batch that drains comes within this time, unless many files are before it. */
const DRAIN_MS = 30_000;

/**
 * Cancels two batches while the queue drains: one that was enqueued with the others, and one that is being enqueued.
 * @returns what came of it, in words
 */
export async function cancelBatches(run: FaultRun): Promise<string> {
  const drained = await cancelInDrain(run);
  return `${drained}; ${await cancelInEnqueue(run)}`;
}

async function cancelInDrain(run: FaultRun): Promise<string> {
  const { job } = OWN_BATCHES.cancelledInDrain;
  const enqueued = run.batches.find((one) => one.job === job);
  if (!enqueued) throw new MediaBatchError('local-cloud', 'The batch to cancel was not enqueued.');
  const { creates } = run.world.cloud.ittybit.book;
  const asked = () => creates.filter(({ batch }) => batch === enqueued.batch).length;
  for (const limit = Date.now() + DRAIN_MS; Date.now() < limit && asked() === 0;) {
    await sleep(100, undefined, { signal: run.signal });
  }
  enqueued.cancelledAt = await cancel(enqueued.batch, run);
  return `a batch of ${enqueued.sent} cancelled after ${asked()} requests`;
}

/** The cancel comes from elsewhere, while this process sends. */
async function cancelInEnqueue(run: FaultRun): Promise<string> {
  const { world, bucket, keys, draw, signal } = run;
  const { services } = world.cloud;
  const order = enough(OWN_BATCHES.cancelledInEnqueue, keys);
  const size = Math.ceil(keys.filter((key) => key.startsWith(order.prefix)).length / PAGES);
  const parts = { ...services, buckets: shortPages(services.buckets, size) };
  const after = 1 + Math.floor(draw('cancel of the enqueue') * (PAGES - 2));
  let pages = 0;
  let cancelled: Promise<number> | undefined;
  let state = { batch: '', sent: 0 };
  const onProgress = (now: typeof state) => {
    state = now;
    pages += 1;
    if (pages === after) cancelled = cancel(now.batch, run);
  };
  let end = 'the enqueue was faster';
  try {
    await enqueuePrefix({ ...order, bucket }, world.pipeline, parts, { signal, onProgress });
  } catch (error) {
    if (!(error instanceof MediaBatchError) || error.code !== 'batch-cancelled') throw error;
    end = 'the enqueue stopped';
  }
  run.batches.push({ ...order, ...state, cancelledAt: await cancelled });
  return `another after page ${after} of its enqueue: ${end} at ${state.sent} files`;
}

/** @returns epoch ms at which the cancel was confirmed */
async function cancel(batch: string, { world, signal }: FaultRun): Promise<number> {
  await cancelBatch(batch, world.pipeline, world.cloud.services.batches, signal);
  return Date.now();
}

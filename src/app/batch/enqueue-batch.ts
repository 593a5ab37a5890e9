import type { BatchMeta, Checkpoint } from '../../core/batch/batch.ts';
import { AwsError, MediaBatchError } from '../../core/errors.ts';
import { parseJobOptions } from '../../core/ittybit/job-options.ts';
import { receivedError, type SentError } from '../../core/sent-error.ts';
import type { StackOutputs } from '../../core/stack/stack-contract.ts';
import { enqueueFiles, progressOf, type EnqueueOptions, type EnqueueProgress } from './enqueue-files.ts';
import type { EnqueueServices } from './enqueue-services.ts';
import { inBackground } from './in-background.ts';
import type { KeyFile } from './key-file.ts';
import { sourceOf } from './key-source.ts';
import { checkNotInCloud } from './not-in-cloud.ts';
import { Patience } from './patience.ts';
import { batchCancelled } from './stop-batch.ts';

/** What a write of the batch's record, or of a checkpoint, meets that comes second. */
const LATE_WRITES: readonly string[] = ['conflict', 'enqueued-elsewhere'];

/** A batch, and how far its enqueue has come. */
export interface EnqueueOrder {
  readonly meta: BatchMeta;
  /** the last checkpoint; undefined where there is none yet */
  readonly from: Checkpoint | undefined;
  /** true: the batch's record exists already */
  readonly created: boolean;
}

/** What the background is given. */
export interface EnqueueErrand {
  readonly order: EnqueueOrder;
  readonly pipeline: StackOutputs;
  /** the name of the file of a source that is one */
  readonly fileName: string | undefined;
  /** whether the caller can ask for a new login */
  readonly asksLogin: boolean;
}

export type BatchOptions = EnqueueOptions & { readonly keyFile?: KeyFile | undefined };

/**
 * Sends the files of a batch, in the background where there is one. Where that ends midway, this thread goes on from the
 * last checkpoint.
 * @returns the totals
 * @throws as `enqueueFiles`, `sourceOf` and `readOrder`
 */
export async function enqueueBatch(
  order: EnqueueOrder,
  pipeline: StackOutputs,
  services: EnqueueServices,
  options: BatchOptions,
): Promise<EnqueueProgress> {
  const { meta, from } = order;
  if (from?.done) return progressOf(meta.batch, from);
  const { keyFile, signal, onExpired, onProgress } = options;
  const request: EnqueueErrand = {
    ...{ order, pipeline, fileName: keyFile?.name, asksLogin: onExpired !== undefined },
  };
  const login = async (sent: unknown): Promise<void> => {
    const error = receivedError(sent as SentError);
    if (!(error instanceof AwsError)) throw error;
    await onExpired?.(error);
  };
  return inBackground(
    services.background,
    {
      ...{ name: 'enqueue', request, keyFile, signal },
      ...{ onEvent: onProgress, answers: { login } },
    },
    async () => {
      const source = sourceOf(meta, services.buckets, keyFile);
      return enqueueFiles({ ...order, source }, pipeline, services, options);
    },
    () => goOnHere(order, pipeline, services, options),
  );
}

/**
 * @returns what there is to do of a batch; undefined where it has no record
 * @throws MediaBatchError `batch-cancelled` for one that the user has cancelled, `enqueued-in-cloud`; InvalidInputError
 * where its job breaks a current rule; AwsError
 */
export async function readOrder(
  batch: string,
  { resultsTable }: StackOutputs,
  { batches }: Pick<EnqueueServices, 'batches'>,
  signal: AbortSignal | undefined,
): Promise<EnqueueOrder | undefined> {
  const { meta, checkpoints } = await batches.read(resultsTable, batch, signal);
  if (!meta) return undefined;
  checkNotInCloud(batch, { checkpoints });
  const [from] = checkpoints;
  if (meta.brake?.cancelled) throw batchCancelled(batch, from?.sent ?? 0);
  // An older version may have allowed a job that is refused now. Ittybit judges the files that were already sent.
  if (from?.done !== true) parseJobOptions(meta.job);
  return { meta, from, created: true };
}

/** A write of the thread that has ended may still reach the table after this one has read it; then it reads again. */
async function goOnHere(
  order: EnqueueOrder,
  pipeline: StackOutputs,
  services: EnqueueServices,
  options: BatchOptions,
): Promise<EnqueueProgress> {
  const { signal, onExpired } = options;
  const patience = new Patience({ onExpired });
  const here = { ...services, background: undefined };
  const goOn = async (): Promise<EnqueueProgress> => {
    const known = await patience.call(() => readOrder(order.meta.batch, pipeline, services, signal), signal);
    return enqueueBatch(known ?? order, pipeline, here, options);
  };
  try {
    return await goOn();
  } catch (error) {
    const isLate = error instanceof MediaBatchError && LATE_WRITES.includes(error.code);
    if (!isLate) throw error;
    return goOn();
  }
}

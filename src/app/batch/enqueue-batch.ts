import type { BatchMeta, Checkpoint } from '../../core/batch/batch.ts';
import { AwsError } from '../../core/errors.ts';
import { receivedError, type SentError } from '../../core/sent-error.ts';
import type { StackOutputs } from '../../core/stack/stack-contract.ts';
import { enqueueFiles, type EnqueueOptions, type EnqueueProgress } from './enqueue-files.ts';
import type { EnqueueServices } from './enqueue-services.ts';
import { inBackground } from './in-background.ts';
import type { KeyFile } from './key-file.ts';
import { fileAnswer } from './key-file-stream.ts';
import { sourceOf } from './key-source.ts';

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

/**
 * Sends the files of a batch, in the background where there is one. Where that ends midway, this thread goes on from the
 * last checkpoint.
 * @returns the totals
 * @throws as `enqueueFiles` and `sourceOf`
 */
export function enqueueBatch(
  order: EnqueueOrder,
  pipeline: StackOutputs,
  services: EnqueueServices,
  { keyFile, ...options }: EnqueueOptions & { readonly keyFile?: KeyFile | undefined },
): Promise<EnqueueProgress> {
  const { meta } = order;
  const { signal, onExpired, onProgress } = options;
  const here = async (from: EnqueueOrder): Promise<EnqueueProgress> => {
    const source = sourceOf(meta, services.buckets, keyFile);
    return enqueueFiles({ ...from, source }, pipeline, services, options);
  };
  const again = async (): Promise<EnqueueProgress> => {
    const known = await services.batches.read(pipeline.resultsTable, meta.batch, signal);
    return here({ meta, from: known.checkpoints[0], created: known.meta !== undefined });
  };
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
      ...{ name: 'enqueue', request, signal },
      onEvent: (event) => onProgress?.(event as EnqueueProgress),
      answers: { ...fileAnswer(keyFile, signal), login },
    },
    () => here(order),
    again,
  );
}

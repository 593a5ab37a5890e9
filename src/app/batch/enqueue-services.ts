import type { Background } from '../../core/background.ts';
import type { BatchStore } from '../../core/batch/batch-store.ts';
import type { QueueService } from '../../core/batch/queue-service.ts';
import type { BucketStore } from '../../core/files/bucket-store.ts';

/** The gateways of an enqueue. */
export interface EnqueueServices {
  readonly buckets: BucketStore;
  readonly queues: QueueService;
  readonly batches: BatchStore;
  /** does long work beside this thread; absent: it is done here */
  readonly background?: Background | undefined;
}

import { AwsError } from '../../core/errors.ts';
import type { QueueService } from '../../core/batch/queue-service.ts';

/**
 * Makes received messages visible again, 10 a call. Only a missing permission is an error: a hidden message becomes
 * visible again in any case.
 */
export async function releaseAll(
  queueUrl: string,
  receipts: readonly string[],
  queues: QueueService,
): Promise<void> {
  for (let i = 0; i < receipts.length; i += 10) {
    try {
      await queues.release(queueUrl, receipts.slice(i, i + 10));
    } catch (error) {
      if (!(error instanceof AwsError) || error.code === 'missing-permission') throw error;
    }
  }
}

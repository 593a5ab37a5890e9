import type { QueueMessage } from '../../core/batch/queue-message.ts';
import { isUnclear, leaseOf, type ResultItem } from '../../core/batch/result-item.ts';
import { leftToLookUp } from '../../core/batch/look-up.ts';
import { cancelledUnpaid, RANK } from '../../core/batch/transitions.ts';
import { changeItem } from './change-item.ts';
import type { DispatchServices, Disposal } from './dispatch-services.ts';

/**
 * Ends the message of a file whose batch the user has cancelled. A file that nobody has claimed gets no item: the
 * cancelled ones are those that were sent and have none. For an unclear one, the reconciler looks for a job first.
 */
export async function cancelFile(message: QueueMessage, services: DispatchServices): Promise<Disposal> {
  const now = services.now();
  const { item } = await changeItem(services.ledger, message, (stored) => cancelled(stored, now));
  const leaseMs = item ? leaseOf(item) - now : 0;
  if (leaseMs > 0) return { done: false, hideMs: leaseMs + 1000, note: 'claimed by another delivery' };
  return { done: true, note: 'the batch is cancelled' };
}

function cancelled(item: ResultItem | undefined, now: number): ResultItem | undefined {
  if (!item || RANK[item.status] > 0 || item.status === 'dead') return undefined;
  if (leaseOf(item) > now) return undefined;
  return isUnclear(item) ? leftToLookUp(item, now) : cancelledUnpaid(item, now);
}

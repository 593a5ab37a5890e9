import type { Patience } from '../../src/core/batch/item-step.ts';
import type { ResultItem, Status } from '../../src/core/batch/result-item.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const PATIENCE: Patience = { reconcileAfterMs: 15 * MINUTE, settleMs: 15 * MINUTE };
export const NOW = Date.parse('2026-11-23T10:00:00Z');
export const FILE = { batch: 'b1', bucket: 'media', key: 'a.mp4' };

/** @returns the moment this many ms after NOW, as the table has it */
export function at(ms: number): string {
  return new Date(NOW + ms).toISOString();
}

/** @returns a stored item of the file in this status, as the claim of one attempt leaves it */
export function stored(status: Status, change: Partial<ResultItem> = {}): ResultItem {
  return {
    ...FILE,
    ...{ status, kind: 'video', attempts: 1, run: 1, reference: 'ref-1', work: 'work#1#-' },
    ...{ created_at: at(0), updated_at: at(0), rev: 4 },
    ...change,
  };
}

/** @returns an item of a table before work items: it does not say whether it is unclear */
export function ofOldStack(status: Status, change: Partial<ResultItem> = {}): ResultItem {
  const { work: _, ...item } = stored(status, change);
  return item;
}

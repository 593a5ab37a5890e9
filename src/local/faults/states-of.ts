import type { ResultItem } from '../../core/batch/result-item.ts';

/** @returns how many items there are in each state, in words */
export function statesOf(items: readonly ResultItem[]): string {
  const states = Map.groupBy(items, ({ status }) => status);
  return [...states].map(([status, those]) => `${those.length} ${status}`).join(', ');
}

import type { ViewNode } from '../base/node.ts';

/** @returns a row of a batch, for a command that takes one */
export function batchNode(batch: string): ViewNode {
  return { id: batch, label: '', tokens: [], data: { batch } };
}

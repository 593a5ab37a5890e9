import type { Stack } from '../../core/stack/stack-service.ts';
import { DATA_RESOURCES, type DataResource } from '../../core/stack/stack-contract.ts';

/** What the deletion of a stack means for what its resources hold. */
export interface DataAtRisk {
  readonly stays: readonly DataResource[];
  readonly goes: readonly DataResource[];
}

/**
 * Tells what a deletion of the pipeline keeps and what it takes along, for the question before it.
 * @param stack an API key in a secret of the user's own is none of the stack's
 */
export function whatStays(stack: Pick<Stack, 'parameters'>): DataAtRisk {
  const ownKey = (stack.parameters['ApiKeyArn'] ?? '') !== '';
  const held = DATA_RESOURCES.filter(({ logicalId }) => !ownKey || logicalId !== 'MediaBatchApiKey');
  return { stays: held.filter(({ stays }) => stays), goes: held.filter(({ stays }) => !stays) };
}

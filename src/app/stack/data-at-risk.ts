import type { Stack } from '../../core/stack/stack-service.ts';
import { DATA_RESOURCES, type DataResource } from '../../core/stack/stack-contract.ts';

/** Which data stays and which is deleted when the stack is deleted. */
export interface DataAtRisk {
  readonly stays: readonly DataResource[];
  readonly goes: readonly DataResource[];
}

/**
 * Tells which data a deletion of the pipeline keeps and which it deletes, for the confirmation.
 * @param stack with `ApiKeyArn` set, the key is the user's own secret and is not deleted
 */
export function whatStays(stack: Pick<Stack, 'parameters'>): DataAtRisk {
  const ownKey = (stack.parameters['ApiKeyArn'] ?? '') !== '';
  const held = DATA_RESOURCES.filter(({ logicalId }) => !ownKey || logicalId !== 'MediaBatchApiKey');
  return { stays: held.filter(({ stays }) => stays), goes: held.filter(({ stays }) => !stays) };
}

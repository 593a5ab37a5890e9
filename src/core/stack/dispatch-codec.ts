import { fieldsOf, isAmount, isText, type Fields } from '../foreign-json.ts';
import { DISPATCH_KEY, type TableKey } from '../batch/table-keys.ts';
import type { DispatchState } from './dispatch-control.ts';

/** @returns the partition key of what a stack records about itself, as the table may outlive the stack */
export function controlPk(stackId: string): string {
  return `control#${stackId}`;
}

/** @returns the key of the item that says whether a stack's dispatch runs */
export function dispatchKey(stackId: string): TableKey {
  return { pk: controlPk(stackId), sk: 'dispatch' };
}

/** @returns the item that says whether a stack's dispatch runs */
export function dispatchItem(stackId: string, state: DispatchState): Fields {
  return { ...dispatchKey(stackId), ...state };
}

/** @returns the same for the functions of templates before version 3, which know no wait and no epoch */
export function oldDispatchItem({ state, reason, at }: DispatchState): Fields {
  return { ...DISPATCH_KEY, state: state === 'running' ? state : 'paused', reason, at };
}

/**
 * Reads the item that says whether dispatch runs, of any template.
 * @param item undefined where dispatch was never paused
 * @returns `running` for anything that says neither `paused` nor `waiting`
 */
export function readDispatch(item: unknown): DispatchState {
  const { state, reason, at, until, waits, epoch, by } = fieldsOf(item) ?? {};
  return {
    state: state === 'paused' || state === 'waiting' ? state : 'running',
    reason: isText(reason) ? reason : undefined,
    at: isText(at) ? at : undefined,
    until: isText(until) && !Number.isNaN(Date.parse(until)) ? until : undefined,
    ...(isAmount(waits) && waits >= 1 && { waits }),
    epoch: isAmount(epoch) && epoch >= 1 ? epoch : 0,
    by: isText(by) ? by : undefined,
  };
}

/**
 * What counts where an update or an older template may have left an item of the older kind.
 * @returns the later one; its epoch is always that of the stack's own item, on which the next write depends
 */
export function laterDispatch(own: DispatchState, old: DispatchState): DispatchState {
  const isOld = Date.parse(old.at ?? '') > (Date.parse(own.at ?? '') || 0);
  return isOld ? { ...old, epoch: own.epoch } : own;
}

/** The condition under which a state may be written: the item still has the epoch that the state was made from. */
export function dispatchCondition({ epoch }: DispatchState): {
  ConditionExpression: string;
  ExpressionAttributeValues: { ':epoch': number };
} {
  // No epoch, or one that nobody of ours has written, reads as 0.
  const [expression, value] =
    epoch === 1
      ? (['attribute_not_exists(epoch) OR NOT epoch >= :epoch', 1] as const)
      : (['epoch = :epoch', epoch - 1] as const);
  return { ConditionExpression: expression, ExpressionAttributeValues: { ':epoch': value } };
}

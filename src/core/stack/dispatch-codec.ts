import { fieldsOf, isText, type Fields } from '../foreign-json.ts';
import type { DispatchState } from './dispatch-control.ts';
import { DISPATCH_KEY } from '../batch/table-keys.ts';

/** @returns the item that says whether dispatch runs, as the results table holds it */
export function dispatchItem(state: DispatchState): Fields {
  return { ...DISPATCH_KEY, ...state };
}

/**
 * Reads the item that says whether dispatch runs.
 * @param item undefined where dispatch was never paused
 * @returns `running` for anything that does not say `paused`
 */
export function readDispatch(item: unknown): DispatchState {
  const { state, reason, at } = fieldsOf(item) ?? {};
  return {
    state: state === 'paused' ? 'paused' : 'running',
    reason: isText(reason) ? reason : undefined,
    at: isText(at) ? at : undefined,
  };
}

import type { ConnectionContext } from '../connection/connection-context.ts';
import type { ScopeHolder } from './scope-holder.ts';
import type { ShownOperations } from './shown-operation.ts';

/** The parts that a feature which shows the present stack may use. */
export interface ScopeContext extends ConnectionContext {
  /** has the scope of the present connection and stack, and the one poll that views, status bar and badges share */
  readonly scopes: ScopeHolder;
  /** the stack operation that this window watches */
  readonly operations: ShownOperations;
}

import type { ConnectionContext } from '../connection/connection-context.ts';
import type { ScopeHolder } from './scope-holder.ts';
import type { ShownOperations } from './shown-operation.ts';

/** What a part that shows the present stack may need. */
export interface ScopeContext extends ConnectionContext {
  /** has the scope of the present connection and stack, with the one poll that views, status bar and badges share */
  readonly scopes: ScopeHolder;
  /** what CloudFormation does with a stack, as this window watches it */
  readonly operations: ShownOperations;
}

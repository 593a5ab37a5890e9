import type { EditorContext } from '../base/editor-context.ts';
import type { SharedConnection } from './connection.ts';

/** What a part that calls AWS may need. */
export interface ConnectionContext extends EditorContext {
  readonly connection: SharedConnection;
}

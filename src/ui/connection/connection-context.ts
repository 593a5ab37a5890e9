import type { EditorContext } from '../base/editor-context.ts';
import type { SharedConnection } from './connection.ts';

/** The parts that a feature which calls AWS may use. */
export interface ConnectionContext extends EditorContext {
  readonly connection: SharedConnection;
}

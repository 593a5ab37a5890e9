import { messageOf } from '../../core/errors.ts';
import type { Session } from './session.ts';
import type { UiContext } from '../ui-context.ts';

/**
 * Runs a command's work with the shared connection; asks for what is missing.
 * @returns what `work` returns
 * @throws InvalidInputError for a setting that cannot be used, AwsError for credentials, AbortError on Escape
 */
export function withSession<Result>(
  ui: Pick<UiContext, 'connection'>,
  work: (session: Session) => Promise<Result>,
): Promise<Result> {
  return ui.connection.use(work, { ask: true });
}

/**
 * Connects for a command that has changed what the connection is made of; asks for what is missing, and leaves it to the
 * connection's state to show how it went.
 */
export async function tryConnection({
  connection,
  log,
}: Pick<UiContext, 'connection' | 'log'>): Promise<void> {
  try {
    await connection.use(() => Promise.resolve(), { ask: true });
  } catch (error) {
    log.debug(`connection: ${messageOf(error)}`);
  }
}

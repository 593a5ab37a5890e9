import { messageOf } from '../../core/errors.ts';
import { confirmAccount } from './confirm-account.ts';
import type { Session } from './session.ts';
import type { ConnectionContext } from './connection-context.ts';

/**
 * Runs the work of a command that writes. It asks for what is missing, and first confirms an account that the stack was not
 * used with before. Stack operations confirm it in `runOperation`, as they can work on another stack than the chosen one.
 * @returns what `work` returns
 * @throws InvalidInputError for an invalid setting, AwsError for credentials, AbortError on Escape
 */
export function withSessionToWrite<Result>(
  ui: Pick<ConnectionContext, 'connection' | 'vs' | 'memory'>,
  work: (session: Session) => Promise<Result>,
): Promise<Result> {
  return ui.connection.use(
    async (session) => {
      await confirmAccount(ui, session);
      return work(session);
    },
    { ask: true },
  );
}

/**
 * Connects for a command that has changed the profile or the region. It asks for what is missing. It does not throw: the
 * connection's state shows the result.
 */
export async function tryConnection({
  connection,
  log,
}: Pick<ConnectionContext, 'connection' | 'log'>): Promise<void> {
  try {
    await connection.use(() => Promise.resolve(), { ask: true });
  } catch (error) {
    log.debug(`connection: ${messageOf(error)}`);
  }
}

import { messageOf } from '../../core/errors.ts';
import { confirmAccount } from './confirm-account.ts';
import type { Session } from './session.ts';
import type { ConnectionContext } from './connection-context.ts';

/**
 * The same for a command that writes: an account that the stack was not used with before is asked about first. Operations
 * on stacks have the same question in `runOperation`, as they can be about another stack than the chosen one.
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
 * Connects for a command that has changed what the connection is made of; asks for what is missing, and leaves it to the
 * connection's state to show how it went.
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

import type { AwsError } from '../../core/errors.ts';
import { visibleText } from '../../core/visible-text.ts';
import type { CommandId } from '../base/command-ids.ts';
import { plainText } from '../base/register-command.ts';
import type { ConnectionContext } from '../connection/connection-context.ts';
import { orAbort } from '../connection/or-abort.ts';

/**
 * Asks for a new login in the middle of an enqueue, and waits for it. The enqueue keeps its session, which reads the login
 * of its own profile again.
 * @throws AbortError where the user stops the enqueue or closes the question
 */
export async function askLogin(
  { vs, connection }: Pick<ConnectionContext, 'vs' | 'connection'>,
  error: AwsError,
  signal: AbortSignal,
): Promise<void> {
  const { t } = vs.l10n;
  const text = t('The enqueue waits for a login: {0}', visibleText(error.message, 1_000));
  const logIn = t('Log In');
  const choice = await orAbort(Promise.resolve(vs.window.showWarningMessage(plainText(text), logIn)), signal);
  if (choice !== logIn) throw new DOMException('The user did not log in.', 'AbortError');
  const { promise, resolve } = Promise.withResolvers<undefined>();
  // The command tries the profile first, which must not be answered from before.
  connection.reset();
  const listener = connection.onChange(({ kind }) => {
    if (kind === 'ready') resolve(undefined);
  });
  try {
    await vs.commands.executeCommand('mediaBatch.logIn' satisfies CommandId);
    await orAbort(promise, signal);
  } finally {
    listener.dispose();
  }
}

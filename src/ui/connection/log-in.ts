import type * as vscode from 'vscode';
import { Lifetime } from '../../core/lifetime.ts';
import { visibleText } from '../../core/visible-text.ts';
import type { AwsFiles } from '../../core/stack/aws-target.ts';
import type { CommandId } from '../base/command-ids.ts';
import { loginOf } from './login-command.ts';
import { isLoginError } from '../../core/login-error.ts';
import { plainText } from '../base/register-command.ts';
import { readTarget } from '../base/settings.ts';
import type { ConnectionContext } from './connection-context.ts';
import { tryConnection } from './with-session.ts';

const DOCS = 'https://docs.aws.amazon.com/cli/latest/userguide/cli-chap-authentication.html';

type Context = Pick<ConnectionContext, 'vs' | 'cloud' | 'connection' | 'log'>;

/**
 * "Log In to AWS": tries the profile, and asks for a multi-factor code where it needs one. If the login has expired, it opens a
 * terminal with the AWS CLI's login command. For a profile that the CLI cannot log in, it says what to do.
 * @throws AwsError for failures that a login does not fix, AbortError on Escape
 */
export async function logInCommand(ui: Context): Promise<void> {
  const { vs, cloud } = ui;
  try {
    await ui.connection.use(() => Promise.resolve(), { ask: true });
    return;
  } catch (error) {
    if (!isLoginError(error)) throw error;
  }
  const files = await cloud.files();
  const chosen = readTarget(vs).profile;
  if (chosen === undefined && files.environmentKeys) {
    await sayKeysGoFirst(vs);
    return;
  }
  const profile = chosen ?? files.defaultProfile;
  const login = loginOf(profile, await cloud.profiles(), vs.env.remoteName !== undefined);
  if (login.kind === 'command') logInInTerminal(ui, login);
  else await sayWhatToDo(vs, files, profile);
}

/** The watch on the token files notices the login. As it can miss one, we also check on focus and when the terminal closes. */
function logInInTerminal(
  ui: Pick<Context, 'vs' | 'connection' | 'log'>,
  { command, env }: { command: string; env: Record<string, string> },
): void {
  const { vs, connection, log } = ui;
  const terminal = vs.window.createTerminal({ name: vs.l10n.t('Log In to AWS'), env });
  const listeners = new Lifetime();
  const look = (): void => {
    if (connection.state.kind === 'signed-out') void tryConnection(ui);
  };
  let left = !vs.window.state.focused;
  const focus = listeners.use(
    vs.window.onDidChangeWindowState(({ focused }) => {
      if (focused && left) {
        focus.dispose();
        look();
      }
      left = !focused;
    }),
  );
  listeners.use(
    vs.window.onDidCloseTerminal((closed) => {
      if (closed !== terminal) return;
      listeners.dispose();
      look();
    }),
  );
  listeners.use(
    connection.onChange(({ kind }) => {
      if (kind === 'ready') listeners.dispose();
    }),
  );
  log.info(command);
  terminal.show();
  terminal.sendText(command);
}

async function sayWhatToDo(vs: typeof vscode, files: AwsFiles, profile: string): Promise<void> {
  const { t } = vs.l10n;
  const name = visibleText(profile);
  const sentence = t(
    'AWS profile "{0}" does not use a login of the AWS CLI: renew its keys or its credential process, or select another profile.',
    name,
  );
  const open = t('Open Credentials File');
  const select = t('Select AWS Profile…');
  const choice = await vs.window.showWarningMessage(plainText(sentence), open, select);
  if (choice === open) await openCredentials(vs, files);
  if (choice === select) await vs.commands.executeCommand('mediaBatch.selectProfile' satisfies CommandId);
}

async function sayKeysGoFirst(vs: typeof vscode): Promise<void> {
  const { t } = vs.l10n;
  const select = t('Select AWS Profile…');
  const sentence = t(
    'The AWS keys in the environment of VS Code are used before any login: renew them there and restart VS Code, or select a profile.',
  );
  if ((await vs.window.showWarningMessage(sentence, select)) === select)
    await vs.commands.executeCommand('mediaBatch.selectProfile' satisfies CommandId);
}

async function openCredentials(vs: typeof vscode, { credentials, config }: AwsFiles): Promise<void> {
  const document = (await openFile(vs, credentials)) ?? (await openFile(vs, config));
  if (document) await vs.window.showTextDocument(document);
  else await vs.env.openExternal(vs.Uri.parse(DOCS));
}

/** @returns undefined where the file cannot be opened */
async function openFile(vs: typeof vscode, path: string): Promise<vscode.TextDocument | undefined> {
  try {
    return await vs.workspace.openTextDocument(vs.Uri.file(path));
  } catch {
    return undefined;
  }
}

import type { Disposable } from '../../core/lifetime.ts';
import type { PendingSession, Session } from './session.ts';

/** The state of the connection to AWS. */
export type ConnectionState =
  /** no view or command has used the connection yet */
  | { readonly kind: 'unknown' }
  /** no region is known, so the user has to choose one */
  | { readonly kind: 'not-set-up' }
  /** `elsewhere`: the settings have changed, so earlier readings belong to another place */
  | { readonly kind: 'connecting'; readonly elsewhere?: boolean }
  | { readonly kind: 'ready'; readonly session: Session }
  /** the login is missing or has expired, and a new login helps: the views offer "Log In to AWS" */
  | { readonly kind: 'signed-out'; readonly error: Error; readonly profile: string | undefined }
  | { readonly kind: 'failed'; readonly error: Error };

/** For views and polls: throws instead of asking the user. */
export interface QuietUse {
  readonly ask: false;
  readonly signal?: AbortSignal | undefined;
}

/** For commands: asks the user for what is missing (the region, the code of a multi-factor device). */
export interface AskingUse {
  readonly ask: true;
  readonly signal?: AbortSignal | undefined;
}

/** The one connection to AWS that commands, views and polls share. It follows the settings and the AWS config files. */
export interface SharedConnection extends Disposable {
  readonly state: ConnectionState;
  /** calls `listener` after each change of `state`, also when another stack is chosen */
  onChange(listener: (state: ConnectionState) => void): Disposable;
  /**
   * Connects on first use, then lends the shared session. Its AWS clients stay open until the last borrower is done.
   * When `work` fails because the profile cannot sign, the state becomes `signed-out` where a login helps, else `failed`.
   * After that, quiet uses fail at once with the same error, until the connection is reset, the AWS config files change or a
   * command succeeds.
   * @throws InvalidInputError for a setting that cannot be used or is missing, AwsError for credentials, AbortError
   */
  use<Result>(work: (session: Session) => Promise<Result>, options: AskingUse): Promise<Result>;
  /** The same for quiet work. It does not wait until AWS has named the account, so its own call is sent first. */
  use<Result>(work: (session: PendingSession) => Promise<Result>, options: QuietUse): Promise<Result>;
  /** Drops the connection. The next use makes a new one from the settings and files at that time. */
  reset(): void;
}

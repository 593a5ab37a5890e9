import type { Disposable } from '../../core/lifetime.ts';
import type { PendingSession, Session } from './session.ts';

/** How far the connection to AWS is. */
export type ConnectionState =
  /** nobody has needed it yet */
  | { readonly kind: 'unknown' }
  /** no region is known: the user has to choose */
  | { readonly kind: 'not-set-up' }
  /** `elsewhere`: other settings were chosen, what was read before is of another place */
  | { readonly kind: 'connecting'; readonly elsewhere?: boolean }
  | { readonly kind: 'ready'; readonly session: Session }
  /** an expired login, where a login helps: one quiet state with "Log In" */
  | { readonly kind: 'signed-out'; readonly error: Error; readonly profile: string | undefined }
  | { readonly kind: 'failed'; readonly error: Error };

/** For views and polls: raises instead of asking. */
export interface QuietUse {
  readonly ask: false;
  readonly signal?: AbortSignal | undefined;
}

/** For commands: asks for what is missing (the region, the code of a multi-factor device). */
export interface AskingUse {
  readonly ask: true;
  readonly signal?: AbortSignal | undefined;
}

/** The one connection that commands, views and polls share; it follows the settings and the AWS config files. */
export interface SharedConnection extends Disposable {
  readonly state: ConnectionState;
  /** told after each change of `state`, also when another stack is chosen */
  onChange(listener: (state: ConnectionState) => void): Disposable;
  /**
   * Connects on first use, then lends the shared session; its clients stay open until the last borrower is done.
   * What keeps the profile from signing, met by `work`, becomes the state `signed-out` where a login helps, else `failed`;
   * then quiet uses fail at once with the same error until the connection is reset, the AWS config files change or a
   * command gets through.
   * @throws InvalidInputError for a setting that cannot be used or is missing, AwsError for credentials, AbortError
   */
  use<Result>(work: (session: Session) => Promise<Result>, options: AskingUse): Promise<Result>;
  /** The same for quiet work, which does not wait for AWS to name the account: its first call is the first one. */
  use<Result>(work: (session: PendingSession) => Promise<Result>, options: QuietUse): Promise<Result>;
  /** Forgets the connection: the next use makes a new one from the settings and files as they are then. */
  reset(): void;
}

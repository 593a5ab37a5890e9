import type * as vscode from 'vscode';
import { Emitter } from '../../core/emitter.ts';
import { isAbort, messageOf } from '../../core/errors.ts';
import { Lifetime, type Disposable } from '../../core/lifetime.ts';
import { askRegion } from './ask-region.ts';
import type { AwsFileChange, WatchAwsFiles } from './aws-files.ts';
import type { Cloud } from '../base/cloud.ts';
import { AwsClients, type Opened } from './aws-clients.ts';
import type { AskingUse, ConnectionState, QuietUse, SharedConnection } from './connection.ts';
import { isSameState, stateAfter } from './connection-state.ts';
import type { ContextKeyWriter } from '../base/context-keys.ts';
import { loginHelps } from './login-command.ts';
import { isSigningError } from '../../core/login-error.ts';
import { codeNeeded, MfaPrompt } from './mfa-prompt.ts';
import { openClients } from './open-clients.ts';
import { orAbort } from './or-abort.ts';
import { connectionLine, type PendingSession, type Session } from './session.ts';
import { readTarget } from '../base/settings.ts';

export interface AwsConnectionParts {
  readonly vs: typeof vscode;
  readonly log: vscode.LogOutputChannel;
  readonly cloud: Cloud;
  readonly contextKeys: ContextKeyWriter;
  /** called by the first use */
  readonly watchFiles: WatchAwsFiles;
}

/** A change of these settings needs a new connection. A change of the stack only changes the session. */
const PLACE_SETTINGS = ['mediaBatch.profile', 'mediaBatch.region', 'mediaBatch.endpoint'];
const STACK_SETTING = 'mediaBatch.stackName';

/** See SharedConnection. The constructor sends no request. */
export class AwsConnection implements SharedConnection {
  readonly #parts: AwsConnectionParts;
  readonly #lifetime = new Lifetime();
  readonly #changed = new Emitter<ConnectionState>();
  readonly #mfa: MfaPrompt;
  #state: ConnectionState = { kind: 'unknown' };
  /** the last state other than `connecting` */
  #settled: ConnectionState = this.#state;
  #clients: AwsClients | undefined;
  /** how many commands use the connection: only while there is one may we ask the user something */
  #asking = 0;
  #watching = false;

  constructor(parts: AwsConnectionParts) {
    this.#parts = parts;
    this.#mfa = new MfaPrompt(parts.vs);
    this.#lifetime.use(
      parts.vs.workspace.onDidChangeConfiguration((change) => {
        if (PLACE_SETTINGS.some((name) => change.affectsConfiguration(name)))
          this.#renew({ elsewhere: true });
        else if (change.affectsConfiguration(STACK_SETTING)) this.#changeStack();
      }),
    );
  }

  get state(): ConnectionState {
    return this.#state;
  }

  onChange(listener: (state: ConnectionState) => void): Disposable {
    return this.#changed.on(listener);
  }

  use<Result>(work: (session: Session) => Promise<Result>, options: AskingUse): Promise<Result>;
  use<Result>(work: (session: PendingSession) => Promise<Result>, options: QuietUse): Promise<Result>;
  use<Result>(
    // Work of both kinds accepts a full session.
    work: (session: Session) => Promise<Result>,
    options: AskingUse | QuietUse,
  ): Promise<Result> {
    this.#watch();
    return options.ask
      ? this.#useAsking(work, options.signal)
      : this.#useQuietly(work as (session: PendingSession) => Promise<Result>, options.signal);
  }

  reset(): void {
    this.#drop();
    this.#become({ kind: 'unknown' });
  }

  dispose(): void {
    this.#drop();
    this.#state = { kind: 'unknown' };
    this.#changed.dispose();
    this.#lifetime.dispose();
  }

  async #useAsking<Result>(
    work: (session: Session) => Promise<Result>,
    signal: AbortSignal | undefined,
  ): Promise<Result> {
    const { vs, cloud } = this.#parts;
    this.#asking += 1;
    try {
      const { profile, region } = readTarget(vs);
      if (!region && !(await cloud.profileDefaults(profile)).region) await askRegion(vs, undefined);
      return await this.#lend(this.#clients ?? this.#open(), signal, async (clients, opened) => {
        const account = await vs.window.withProgress(
          { location: vs.ProgressLocation.Window, title: vs.l10n.t('Media Batch: connecting to AWS') },
          () => orAbort(clients.account, signal),
        );
        this.#connected(clients, opened, account);
        return work(this.#readySession(clients) ?? { ...opened, account, stackName: clients.stackName });
      });
    } finally {
      this.#asking -= 1;
    }
  }

  async #useQuietly<Result>(
    work: (session: PendingSession) => Promise<Result>,
    signal: AbortSignal | undefined,
  ): Promise<Result> {
    const { state } = this;
    if ('error' in state && isSigningError(state.error)) throw state.error;
    return this.#lend(this.#clients ?? this.#open(), signal, async (clients, opened) => {
      // The account is requested at the same time, so that a view's first level waits for one answer only.
      const result = await work(this.#readySession(clients) ?? { ...opened, stackName: clients.stackName });
      this.#connected(clients, opened, await orAbort(clients.account, signal));
      return result;
    });
  }

  /** @returns the session in `state` where it belongs to these clients; views compare sessions by identity */
  #readySession(clients: AwsClients): Session | undefined {
    return this.#state.kind === 'ready' && this.#clients === clients ? this.#state.session : undefined;
  }

  async #lend<Result>(
    clients: AwsClients,
    signal: AbortSignal | undefined,
    work: (clients: AwsClients, opened: Opened) => Promise<Result>,
  ): Promise<Result> {
    clients.borrow();
    try {
      return await work(clients, await orAbort(clients.opened, signal));
    } catch (error) {
      if (isSigningError(error)) this.#end(clients, error);
      throw error;
    } finally {
      clients.giveBack();
    }
  }

  #open(elsewhere = false): AwsClients {
    const clients = new AwsClients((own) => this.#openFromSettings(own));
    this.#clients = clients;
    // A state that says what is missing stays until the connection works, so that a poll's new attempt does not make views blink.
    if (elsewhere || this.#state.kind === 'unknown' || this.#state.kind === 'ready') {
      this.#become({ kind: 'connecting', elsewhere });
    }
    Promise.all([clients.opened, clients.account]).then(
      ([opened, account]) => {
        this.#connected(clients, opened, account);
      },
      (error: unknown) => {
        this.#end(clients, error);
      },
    );
    return clients;
  }

  async #openFromSettings(clients: AwsClients): Promise<Opened> {
    const { vs, cloud } = this.#parts;
    const settings = readTarget(vs);
    clients.stackName = settings.stackName;
    const [files, profiles] = await Promise.all([cloud.files(), cloud.profiles()]);
    clients.loginHelps = loginHelps(settings.profile, files, profiles);
    return openClients({ vs, cloud }, settings, profiles, async (serial) => {
      if (this.#asking > 0) return this.#mfa.ask(serial);
      throw codeNeeded(vs, settings.profile);
    });
  }

  /** Tells the listeners about the session before a command works with it, or before quiet work returns. */
  #connected(clients: AwsClients, opened: Opened, account: string): void {
    const { vs, log } = this.#parts;
    if (this.#clients !== clients || this.#readySession(clients)) return;
    const session = { ...opened, account, stackName: clients.stackName };
    log.info(connectionLine(vs, session));
    this.#become({ kind: 'ready', session });
  }

  /** Drops clients that have failed. The next use makes new ones. */
  #end(clients: AwsClients, error: unknown): void {
    if (this.#clients !== clients) return;
    this.#drop();
    if (isAbort(error)) {
      // Escape in a dialog restores the state before it.
      this.#become(this.#settled.kind === 'ready' ? { kind: 'unknown' } : this.#settled);
      return;
    }
    const known = 'error' in this.#settled && this.#settled.error.message === messageOf(error);
    if (!known) this.#parts.log.warn(`connection: ${messageOf(error)}`);
    this.#become(stateAfter(error, this.#profile(), clients.loginHelps));
  }

  #profile(): string | undefined {
    try {
      return readTarget(this.#parts.vs).profile;
    } catch (error) {
      this.#parts.log.debug(`connection: ${messageOf(error)}`);
      return undefined;
    }
  }

  #drop(): void {
    this.#clients?.retire();
    this.#clients = undefined;
  }

  /** Replaces the connection. If it has been used, the new one is opened at once, so that the views follow it. */
  #renew({ elsewhere }: { elsewhere: boolean }): void {
    const used = this.#clients !== undefined || this.#state.kind !== 'unknown';
    this.#drop();
    if (used) this.#open(elsewhere);
  }

  #changeStack(): void {
    let stackName: string;
    try {
      ({ stackName } = readTarget(this.#parts.vs));
    } catch (error) {
      this.#parts.log.debug(`connection: ${messageOf(error)}`);
      this.#renew({ elsewhere: true });
      return;
    }
    if (this.#clients) this.#clients.stackName = stackName;
    if (this.#state.kind === 'ready')
      this.#become({ kind: 'ready', session: { ...this.#state.session, stackName } });
    // The failure may have been an invalid stack name.
    else if (this.#state.kind === 'failed') this.#renew({ elsewhere: true });
  }

  #watch(): void {
    if (this.#watching) return;
    this.#watching = true;
    this.#lifetime.use(
      this.#parts.watchFiles((change) => {
        this.#onFiles(change);
      }),
    );
  }

  #onFiles(change: AwsFileChange): void {
    // Every silent renewal writes a token too, so a token matters only while we wait for a login.
    if (change === 'profiles' || this.#settled.kind === 'signed-out') this.#renew({ elsewhere: false });
  }

  #become(state: ConnectionState): void {
    const isKnown = isSameState(this.#state, state);
    this.#state = state;
    if (state.kind !== 'connecting') {
      this.#settled = state;
      this.#parts.contextKeys.set('mediaBatch.connection', state.kind);
    }
    if (!isKnown) this.#changed.emit(state);
  }
}

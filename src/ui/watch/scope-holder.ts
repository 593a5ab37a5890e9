import type { WatchOptions } from '../../app/watch/watch.ts';
import { Emitter } from '../../core/emitter.ts';
import type { Disposable } from '../../core/lifetime.ts';
import type { CloudServices } from '../../core/stack/cloud-services.ts';
import type { ConnectionState, SharedConnection } from '../connection/connection.ts';
import { isSigningError } from '../../core/login-error.ts';
import type { Session } from '../connection/session.ts';
import { isSameConnection, type ScopePlace } from './scope-place.ts';
import { StackScope, type Poll } from './stack-scope.ts';

/**
 * Holds the present scope. There always is one, also before the first connection and without a login. A new scope replaces
 * it when the connection is to another place or cannot sign any more, when another stack is chosen, and when the stack was
 * deployed, deleted or created again. New AWS clients for the same place do not replace it.
 */
export class ScopeHolder implements Disposable {
  readonly #connection: SharedConnection;
  readonly #makePoll: (read: WatchOptions['read']) => Poll;
  readonly #now: (() => number) | undefined;
  readonly #changed = new Emitter();
  readonly #listener: Disposable;
  #present: StackScope;
  /** true where nothing can be read without a login, a region or other keys, which the views say */
  #isClosed = false;
  /** true where the connection has failed or was reset since the scope was made */
  #isBroken = false;
  /** the AWS clients that the scope has used */
  #services: CloudServices | undefined;

  /** The constructor sends no request. @param now epoch ms; absent: the computer's clock */
  constructor(
    connection: SharedConnection,
    makePoll: (read: WatchOptions['read']) => Poll,
    now?: () => number,
  ) {
    this.#connection = connection;
    this.#makePoll = makePoll;
    this.#now = now;
    this.#present = this.#make({});
    this.#listener = connection.onChange((state) => {
      this.#follow(state);
    });
  }

  get present(): StackScope {
    return this.#present;
  }

  /**
   * Calls `show` for the present scope and for each later one.
   * @param show makes what belongs to the scope; its result is disposed of when the next scope comes. `before` is the scope
   * that was replaced, undefined at first
   * @returns ends it all
   */
  follow(show: (scope: StackScope, before: StackScope | undefined) => Disposable): Disposable {
    let of = this.#present;
    let shown = show(of, undefined);
    const listener = this.#changed.on(() => {
      const before = of;
      of = this.#present;
      shown.dispose();
      shown = show(of, before);
    });
    return {
      dispose: () => {
        listener.dispose();
        shown.dispose();
      },
    };
  }

  dispose(): void {
    this.#listener.dispose();
    this.#changed.dispose();
    this.#present.dispose();
  }

  #follow(state: ConnectionState): void {
    switch (state.kind) {
      case 'connecting':
        if (state.elsewhere) this.#replace(undefined);
        return;
      case 'ready':
        this.#adopt(state.session);
        return;
      case 'signed-out':
      case 'not-set-up':
        this.#replace(undefined);
        this.#isClosed = true;
        return;
      case 'unknown':
        // After a reset, the views show the same as before the first connection.
        if (this.#isClosed) this.#replace(undefined);
        this.#isBroken = true;
        return;
      case 'failed':
        this.#fail(state.error);
    }
  }

  /** The views show the failure. Earlier readings still belong to this place and stay, unless nothing can be read. */
  #fail(error: Error): void {
    const isClosed = isSigningError(error);
    if (isClosed || this.#isClosed) this.#replace(undefined);
    this.#isClosed = isClosed;
    this.#isBroken = true;
  }

  #adopt(session: Session): void {
    const { services } = session;
    if (this.#isClosed || !this.#present.admit(session)) this.#replace(session);
    else if (this.#isBroken || (this.#services && this.#services !== services)) this.#present.reconnected();
    this.#services = services;
    this.#isBroken = false;
  }

  /** @param place the place of the next scope, where it is known */
  #replace(place: ScopePlace | undefined): void {
    const before = this.#present;
    const isSame = before.place && place && isSameConnection(before.place, place);
    this.#present = this.#make(isSame ? before.connectionId : {});
    if (place) this.#present.admit(place);
    this.#isClosed = false;
    this.#isBroken = false;
    this.#services = undefined;
    before.dispose();
    this.#changed.emit();
  }

  #make(connectionId: object): StackScope {
    const scope: StackScope = new StackScope({
      connection: this.#connection,
      makePoll: this.#makePoll,
      now: this.#now,
      connectionId,
      onOutdated: (now) => {
        if (scope === this.#present) this.#replace(now);
      },
    });
    return scope;
  }
}

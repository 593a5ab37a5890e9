import { notDeployed } from '../../app/stack/pipeline.ts';
import { wholeOutputs } from '../../app/stack/pipeline-snapshot.ts';
import { readWatch, WatchMemory } from '../../app/watch/read-watch.ts';
import type { PipelineWatch, WatchOptions } from '../../app/watch/watch.ts';
import { Emitter } from '../../core/emitter.ts';
import { AwsError, DeployError } from '../../core/errors.ts';
import type { Disposable } from '../../core/lifetime.ts';
import type { Stack } from '../../core/stack/stack-service.ts';
import type { StackOutputs } from '../../core/stack/stack-contract.ts';
import type { CloudServices } from '../../core/stack/cloud-services.ts';
import type { SharedConnection } from '../connection/connection.ts';
import type { PendingSession } from '../connection/session.ts';
import { isSameConnection, scopePlace, type ScopePlace } from './scope-place.ts';

/** The poll of one scope. */
export type Poll = Pick<PipelineWatch, 'demand' | 'error' | 'last' | 'onChange' | 'refresh' | 'dispose'>;

/** What a scope is told, and tells those who show it. */
export type ScopeNews =
  /** dead letters have gone back to the work queue */
  | 'redriven'
  /** other clients of the same connection: what failed may succeed now */
  | 'reconnected';

export interface ScopeParts {
  readonly connection: Pick<SharedConnection, 'use'>;
  readonly makePoll: (read: WatchOptions['read']) => Poll;
  /** the same object in all scopes of one connection: what is of the connection alone outlives a change of stack */
  readonly connectionId: object;
  /** told when the scope is found to be of another connection or stack than the present one */
  readonly onOutdated: (now: ScopePlace | undefined) => void;
}

/**
 * All that belongs to one connection and one stack: the poll with its memory, and the way to read. It learns from its
 * first reading which stack that is, and is thrown away whole when there is another one: its requests end with an
 * AbortError then, and their late answers are dropped.
 */
export class StackScope implements Disposable {
  readonly watch: Poll;
  readonly connectionId: object;
  readonly #parts: ScopeParts;
  readonly #memory = new WatchMemory();
  readonly #news = new Emitter<ScopeNews>();
  readonly #control = new AbortController();
  #place: ScopePlace | undefined;
  /** the id of the whole stack, '' for none; undefined before AWS has described it */
  #stackId: string | undefined;
  #looking: Promise<StackOutputs | undefined> | undefined;

  constructor(parts: ScopeParts) {
    this.#parts = parts;
    this.connectionId = parts.connectionId;
    this.watch = parts.makePoll((wanted, signal, fresh, onPart) =>
      this.use(({ services, stackName }, both) => {
        const onStack = (stack: Stack | undefined): void => {
          this.#sighted(stackName, stack);
        };
        const context = { stackName, services, memory: this.#memory, onStack, onPart };
        return readWatch(wanted, context, both, fresh);
      }, signal),
    );
  }

  /** undefined before the first session */
  get place(): ScopePlace | undefined {
    return this.#place;
  }

  /** @returns false where the session is of another place; else the scope belongs to the session's from now on */
  admit(session: ScopePlace): boolean {
    const before = this.#place;
    if (before && (before.stackName !== session.stackName || !isSameConnection(before, session)))
      return false;
    this.#place = { ...before, ...scopePlace(session) };
    return true;
  }

  /**
   * Works quietly with the connection, as long as it is this scope's.
   * @param signal ends it earlier
   * @throws AbortError once there is another scope, also in place of an answer that came too late
   */
  async use<Result>(
    work: (session: PendingSession, signal: AbortSignal) => Promise<Result>,
    signal?: AbortSignal,
  ): Promise<Result> {
    const own = this.#control.signal;
    const both = signal ? AbortSignal.any([own, signal]) : own;
    both.throwIfAborted();
    try {
      return await this.#parts.connection.use(
        (session) => {
          if (!this.admit(session)) this.#parts.onOutdated(session);
          both.throwIfAborted();
          return work(session, both);
        },
        { ask: false, signal: both },
      );
    } finally {
      this.#assertPresent();
    }
  }

  /**
   * Reads something of the stack. Where it is not found, the stack is described again and `work` is run once more.
   * @param work only reads
   * @throws DeployError `not-deployed` where there is no whole stack, AwsError, AbortError
   */
  read<Result>(
    work: (services: CloudServices, pipeline: StackOutputs, signal: AbortSignal) => Promise<Result>,
    signal?: AbortSignal,
  ): Promise<Result> {
    return this.use(async (session, both) => {
      const { services } = session;
      try {
        return await work(services, await this.#outputs(session), both);
      } catch (error) {
        if (!(error instanceof AwsError) || error.code !== 'not-found') throw error;
        this.#memory.outputs = undefined;
        return work(services, await this.#outputs(session), both);
      }
    }, signal);
  }

  onNews(listener: (news: ScopeNews) => void): Disposable {
    return this.#news.on(listener);
  }

  /** Reads again what is demanded, without what is remembered: the stack may be another one by now. */
  refresh(): Promise<void> {
    this.#memory.outputs = undefined;
    return this.watch.refresh();
  }

  /** Dead letters have gone back to the work queue. */
  redriven(): void {
    this.#tell('redriven');
  }

  /** A batch has begun or grown. */
  enqueued(): void {
    void this.watch.refresh();
  }

  /** The connection has other clients. */
  reconnected(): void {
    this.#tell('reconnected');
  }

  dispose(): void {
    this.#control.abort();
    this.watch.dispose();
    this.#news.dispose();
  }

  #tell(news: ScopeNews): void {
    this.#news.emit(news);
    void this.watch.refresh();
  }

  /** One look for all who need the outputs at the same time. */
  async #outputs({ services, stackName }: PendingSession): Promise<StackOutputs> {
    const look = async (): Promise<StackOutputs | undefined> => {
      const stack = await services.stacks.describe(stackName, this.#control.signal);
      this.#sighted(stackName, stack);
      return wholeOutputs(stackName, stack);
    };
    this.#memory.outputs ??= await (this.#looking ??= look().finally(() => {
      this.#looking = undefined;
    }));
    if (!this.#memory.outputs) throw notDeployed(stackName);
    return this.#memory.outputs;
  }

  /** @throws AbortError when this is another stack than the one that was seen first */
  #sighted(stackName: string, stack: Stack | undefined): void {
    const id = wholeId(stackName, stack);
    this.#stackId ??= id;
    if (this.#stackId !== id) this.#parts.onOutdated(this.#place);
    this.#assertPresent();
  }

  #assertPresent(): void {
    this.#control.signal.throwIfAborted();
  }
}

/** @returns '' for a stack that is not whole or none of ours: it has nothing to show */
function wholeId(stackName: string, stack: Stack | undefined): string {
  try {
    return stack && wholeOutputs(stackName, stack) ? stack.id : '';
  } catch (error) {
    if (error instanceof DeployError) return '';
    throw error;
  }
}

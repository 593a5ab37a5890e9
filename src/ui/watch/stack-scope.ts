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
export type Poll = Pick<
  PipelineWatch,
  'demand' | 'error' | 'last' | 'onChange' | 'refresh' | 'silentSince' | 'dispose'
>;

/** The news that a scope passes on to the views. */
export type ScopeNews =
  /** dead letters have been sent back to the work queue */
  | 'redriven'
  /** the connection has new AWS clients, so a failed request may succeed now */
  | 'reconnected';

export interface ScopeParts {
  readonly connection: Pick<SharedConnection, 'use'>;
  readonly makePoll: (read: WatchOptions['read']) => Poll;
  /** epoch ms */
  readonly now?: (() => number) | undefined;
  /** the same object in all scopes of one connection, so that data of the connection survives a change of stack */
  readonly connectionId: object;
  /** called when the scope no longer belongs to the present connection and stack */
  readonly onOutdated: (now: ScopePlace | undefined) => void;
}

/**
 * Everything that belongs to one connection and one stack: the poll, its memory, and the functions that read. The first
 * reading shows which stack it is. When there is another one, the whole scope is thrown away: its requests end with an
 * AbortError, and late answers are dropped.
 */
export class StackScope implements Disposable {
  readonly watch: Poll;
  readonly connectionId: object;
  readonly #parts: ScopeParts;
  readonly #memory = new WatchMemory();
  readonly #news = new Emitter<ScopeNews>();
  readonly #control = new AbortController();
  #place: ScopePlace | undefined;
  /** the id of the complete stack, '' where there is none; undefined before AWS has described it */
  #stackId: string | undefined;
  #looking: Promise<StackOutputs | undefined> | undefined;

  constructor(parts: ScopeParts) {
    this.#parts = parts;
    this.connectionId = parts.connectionId;
    this.watch = parts.makePoll((wanted, signal, mode, onPart) =>
      this.use(({ services, stackName }, both) => {
        const onStack = (stack: Stack | undefined): void => {
          this.#checkStack(stackName, stack);
        };
        const { now = Date.now } = parts;
        const context = { stackName, services, memory: this.#memory, onStack, onPart, now };
        return readWatch(wanted, context, both, mode);
      }, signal),
    );
  }

  /** undefined before the first session */
  get place(): ScopePlace | undefined {
    return this.#place;
  }

  /** @returns false where the session is of another place; else the scope belongs to that place from now on */
  admit(session: ScopePlace): boolean {
    const before = this.#place;
    if (before && (before.stackName !== session.stackName || !isSameConnection(before, session)))
      return false;
    this.#place = { ...before, ...scopePlace(session) };
    return true;
  }

  /**
   * Uses the connection quietly, as long as it belongs to this scope.
   * @param signal ends the work earlier
   * @throws AbortError once there is another scope, also instead of an answer that came too late
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
   * Reads something of the stack. Where AWS does not find it, the stack is described again and `work` runs once more.
   * @param work only reads
   * @throws DeployError `not-deployed` where there is no complete stack, AwsError, AbortError
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

  /** Reads the demanded parts again, without remembered outputs: the stack may be another one by now. */
  refresh(): Promise<void> {
    this.#memory.outputs = undefined;
    return this.watch.refresh();
  }

  /** Says that dead letters have been sent back to the work queue. */
  redriven(): void {
    this.#tell('redriven');
  }

  /** Says that a batch has begun or grown. */
  enqueued(): void {
    void this.watch.refresh();
  }

  /** Says that the connection has new AWS clients. */
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

  /** Describes the stack once for all callers that need the outputs at the same time. */
  async #outputs({ services, stackName }: PendingSession): Promise<StackOutputs> {
    const look = async (): Promise<StackOutputs | undefined> => {
      const stack = await services.stacks.describe(stackName, this.#control.signal);
      this.#checkStack(stackName, stack);
      return wholeOutputs(stackName, stack);
    };
    this.#memory.outputs ??= await (this.#looking ??= look().finally(() => {
      this.#looking = undefined;
    }));
    if (!this.#memory.outputs) throw notDeployed(stackName);
    return this.#memory.outputs;
  }

  /** @throws AbortError where this is another stack than the first one */
  #checkStack(stackName: string, stack: Stack | undefined): void {
    const id = wholeId(stackName, stack);
    this.#stackId ??= id;
    if (this.#stackId !== id) this.#parts.onOutdated(this.#place);
    this.#assertPresent();
  }

  #assertPresent(): void {
    this.#control.signal.throwIfAborted();
  }
}

/** @returns '' for a stack that is not complete or not ours, which has nothing to show */
function wholeId(stackName: string, stack: Stack | undefined): string {
  try {
    return stack && wholeOutputs(stackName, stack) ? stack.id : '';
  } catch (error) {
    if (error instanceof DeployError) return '';
    throw error;
  }
}

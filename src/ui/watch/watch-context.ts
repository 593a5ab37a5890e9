import { dispatchOf, type PipelineSnapshot } from '../../app/stack/pipeline-snapshot.ts';
import type { Reading } from '../../app/watch/reading.ts';
import { Lifetime, type Disposable } from '../../core/lifetime.ts';
import { KnownStacks } from '../connection/known-stacks.ts';
import { isOperationOn } from './shown-operation.ts';
import type { ScopeContext } from './scope-context.ts';
import type { StackScope } from './stack-scope.ts';
import type { ContextKeys } from '../base/view-ids.ts';

type Presence = ContextKeys['mediaBatch.stack'];

/** What is known from the readings of one scope. */
interface Known {
  readonly presence: Presence;
  readonly reading: Reading | undefined;
}

const NOTHING: Known = { presence: 'unknown', reading: undefined };

/**
 * Keeps the context keys up to date with the present scope. When the next scope has the same stack name, the old values stay
 * until it has been read, so that no welcome content blinks. For another stack name nothing is known at first.
 */
export function followWatch(
  ui: Pick<ScopeContext, 'scopes' | 'connection' | 'operations' | 'contextKeys' | 'memory'>,
): Disposable {
  const { scopes, connection, operations, contextKeys } = ui;
  const lifetime = new Lifetime();
  const stacks = new KnownStacks(ui.memory.global);
  let shown = NOTHING;
  let wasRunning = operations.current?.running ?? false;
  const tell = (): void => {
    const { pipeline, deadLetters, batches } = shown.reading ?? {};
    contextKeys.set('mediaBatch.stack', isWorkedOn(ui) ? 'busy' : shown.presence);
    contextKeys.set('mediaBatch.dispatch', dispatchKey(pipeline));
    contextKeys.set('mediaBatch.hasDeadLetters', (deadLetters ?? 0) > 0);
    contextKeys.set('mediaBatch.hasBatches', (batches?.size ?? 0) > 0);
    contextKeys.set('mediaBatch.hasResults', hasResults(batches));
    const { state } = connection;
    const stack = state.kind === 'ready' ? stacks.get(state.session) : undefined;
    // What this user has stored is known without the right to look at the secret.
    contextKeys.set('mediaBatch.keyStored', pipeline?.apiKey === 'set' || (stack?.keyStored ?? false));
  };
  const remember = (presence: Presence): void => {
    const { state } = connection;
    if (state.kind !== 'ready' || presence === 'unknown') return;
    if (presence === 'none') void stacks.forget(state.session);
    else void stacks.note(state.session);
  };
  lifetime.use(
    scopes.follow((scope, before) => {
      if (!before || !isSameName(before, scope)) shown = NOTHING;
      let own = NOTHING;
      tell();
      return scope.watch.onChange(({ reading, error }) => {
        own = { presence: presenceAfter(own.presence, reading, own.reading), reading };
        if (reading) shown = own;
        if (error === undefined) remember(own.presence);
        tell();
      });
    }),
  );
  lifetime.use(connection.onChange(tell));
  lifetime.use(
    operations.onChange(() => {
      const running = operations.current?.running ?? false;
      if (running !== wasRunning) void scopes.present.refresh();
      wasRunning = running;
      tell();
    }),
  );
  return lifetime;
}

function isSameName(a: StackScope, b: StackScope): boolean {
  return a.connectionId === b.connectionId && a.place?.stackName === b.place?.stackName;
}

/**
 * Whether the chosen stack exists, after a reading. Where only the dead letters or the batches were read, they show it:
 * without a stack they cannot be counted.
 * @param current what was known before
 * @param before the previous reading; a part that is the same object was not read again
 */
export function presenceAfter(
  current: Presence,
  reading: Reading | undefined,
  before: Reading | undefined,
): Presence {
  if (!reading) return 'unknown';
  const { pipeline, problems } = reading;
  if (pipeline && pipeline !== before?.pipeline) return presenceOf(pipeline);
  for (const [key, part] of [
    ['deadLetters', 'dead-letters'],
    ['batches', 'batches'],
  ] as const) {
    const isNone = key in reading && reading[key] === undefined && problems[part] === undefined;
    if (isNone && (current === 'unknown' || before?.[key] !== undefined)) return 'none';
    const isNew = reading[key] !== undefined && before?.[key] === undefined;
    if (isNew && (current === 'unknown' || current === 'none')) return 'present';
  }
  return current;
}

function presenceOf({ stack, outputs }: PipelineSnapshot): Presence {
  if (!stack) return outputs ? 'present' : 'none';
  const { status } = stack;
  if (status === 'REVIEW_IN_PROGRESS' || status === 'DELETE_COMPLETE') return 'none';
  if (status.endsWith('_IN_PROGRESS')) return 'busy';
  return status === 'UPDATE_ROLLBACK_FAILED' ? 'rollback-failed' : 'present';
}

/** @returns true while this window watches an operation on the stack that is shown */
function isWorkedOn({ operations, connection }: Pick<ScopeContext, 'operations' | 'connection'>): boolean {
  const { current } = operations;
  const { state } = connection;
  return current?.running === true && state.kind === 'ready' && isOperationOn(current, state.session);
}

function dispatchKey(pipeline: PipelineSnapshot | undefined): ContextKeys['mediaBatch.dispatch'] {
  const state = pipeline ? dispatchOf(pipeline).state : 'unknown';
  if (state === 'unknown' || state === 'waiting') return state;
  return state === 'running' || state === 'resuming' ? 'running' : 'paused';
}

function hasResults(batches: Reading['batches']): boolean {
  return [...(batches?.values() ?? [])].some(
    ({ counts }) => counts.succeeded + counts.covered + counts.failed > 0,
  );
}

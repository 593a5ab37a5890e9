import { dispatchOf, type PipelineSnapshot } from '../../app/pipeline-snapshot.ts';
import type { Reading } from '../../app/reading.ts';
import { Lifetime, type Disposable } from '../../core/lifetime.ts';
import { KnownStacks } from '../connection/known-stacks.ts';
import { onNewSession } from '../connection/on-new-session.ts';
import type { UiContext } from '../ui-context.ts';
import type { ContextKeys } from './view-ids.ts';

type Presence = ContextKeys['mediaBatch.stack'];

/**
 * Keeps what the editor's `when` clauses ask in step with what is read, and the shared poll in step with the connection:
 * another account, region or stack starts it anew, and so does the end of what CloudFormation did with this one.
 */
export function followWatch(ui: UiContext): Disposable {
  const { watch, connection, activity, contextKeys } = ui;
  const lifetime = new Lifetime();
  const known = new KnownStacks(ui.memory.global);
  let reading: Reading | undefined;
  let presence: Presence = 'unknown';
  let wasRunning = activity.current?.running ?? false;
  const tell = (): void => {
    const { pipeline, deadLetters, batches } = reading ?? {};
    contextKeys.set('mediaBatch.stack', isWorkedOn(ui) ? 'busy' : presence);
    contextKeys.set('mediaBatch.dispatch', dispatchKey(pipeline));
    contextKeys.set('mediaBatch.hasDeadLetters', (deadLetters ?? 0) > 0);
    contextKeys.set('mediaBatch.hasBatches', (batches?.size ?? 0) > 0);
    contextKeys.set('mediaBatch.hasResults', hasResults(batches));
    const { state } = connection;
    const stack = state.kind === 'ready' ? known.get(state.session) : undefined;
    contextKeys.set('mediaBatch.keyStored', stack?.keyStored ?? false);
  };
  lifetime.use(
    watch.onChange((state) => {
      presence = presenceAfter(presence, state.reading, reading);
      ({ reading } = state);
      const { state: connected } = connection;
      if (connected.kind === 'ready' && state.error === undefined) {
        if (presence === 'none') void known.forget(connected.session);
        else if (presence !== 'unknown') void known.note(connected.session);
      }
      tell();
    }),
  );
  lifetime.use(
    onNewSession(connection, () => {
      watch.reset();
    }),
  );
  lifetime.use(connection.onChange(tell));
  lifetime.use(
    activity.onChange(() => {
      const running = activity.current?.running ?? false;
      if (running !== wasRunning) void watch.refresh();
      wasRunning = running;
      tell();
    }),
  );
  tell();
  return lifetime;
}

/**
 * Whether the chosen stack exists, after a reading. Where only the dead letters or the batches were read, they tell:
 * without a stack there are none to count.
 * @param current what was known before
 * @param before the reading before it: a part that has not changed was not read again
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

/** @returns true while this window watches CloudFormation work on the stack that is shown */
function isWorkedOn({ activity, connection }: Pick<UiContext, 'activity' | 'connection'>): boolean {
  const { current } = activity;
  const { state } = connection;
  return current?.running === true && state.kind === 'ready' && state.session.stackName === current.stackName;
}

function dispatchKey(pipeline: PipelineSnapshot | undefined): ContextKeys['mediaBatch.dispatch'] {
  const state = pipeline ? dispatchOf(pipeline).state : 'unknown';
  if (state === 'unknown') return state;
  return state === 'running' || state === 'resuming' ? 'running' : 'paused';
}

function hasResults(batches: Reading['batches']): boolean {
  return [...(batches?.values() ?? [])].some(({ counts }) => counts.succeeded + counts.failed > 0);
}

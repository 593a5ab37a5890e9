import { batchProgress } from '../../app/batch/batch-progress.ts';
import { lastEnd } from '../../app/batch/last-end.ts';
import { failedOf } from '../../app/batch/work-at-hand.ts';
import { messageOf } from '../../core/errors.ts';
import type { Disposable } from '../../core/lifetime.ts';
import type { CommandId } from '../base/command-ids.ts';
import { formatElapsed } from '../base/format.ts';
import { plainText } from '../base/register-command.ts';
import { KnownStacks } from '../connection/known-stacks.ts';
import type { Session } from '../connection/session.ts';
import type { StackScope } from '../watch/stack-scope.ts';
import { tookSeconds } from './batch-state.ts';
import type { BatchesContext } from './batches-context.ts';
import { END_MARK, endedBatches, endId, type EndedBatch } from './ended-batches.ts';
import { endWords, hasTrouble } from './end-words.ts';
import { followMoving, type SeenBatches } from './moving-batches.ts';

type Context = Pick<BatchesContext, 'vs' | 'log' | 'connection' | 'scopes' | 'memory' | 'enqueues'>;

/**
 * Shows one notification when a batch ends that was seen with files on its way. What was seen and what was told are in the
 * user's memory, so an end is told once: in one window, and also when it came while no window was open.
 */
export function noticeEnds(ui: Context): Disposable {
  const known = new KnownStacks(ui.memory.global);
  const session = (): Session | undefined => {
    const { state } = ui.connection;
    return state.kind === 'ready' ? state.session : undefined;
  };
  return followMoving(ui, {
    note: (seen) => {
      const present = session();
      if (present) noteEnds(ui, known, present, seen);
    },
    onEnqueue: () => {
      const present = session();
      if (!present) return;
      // A small batch may have ended when its counts are read first.
      const moving = known.ids(present, 'moving');
      const fresh = [...ui.enqueues.all.keys()].filter((batch) => !moving.includes(batch));
      if (fresh.length > 0) void known.note(present, { moving: [...moving, ...fresh] });
    },
    expected: () => {
      const present = session();
      return present !== undefined && known.ids(present, 'moving').length > 0;
    },
  });
}

function noteEnds(ui: Context, known: KnownStacks, session: Session, seen: SeenBatches): void {
  const [moved, told] = [known.ids(session, 'moving'), known.ids(session, 'ends')];
  const open = [...seen.batches.values()].flatMap((record) =>
    record.meta && !record.meta.brake?.cancelled && !batchProgress(record).settled ? [record.meta.batch] : [],
  );
  const unlisted = [...ui.enqueues.all.keys()].filter((batch) => !seen.batches.has(batch));
  const ended = endedBatches(seen).filter(({ meta }) => moved.includes(meta.batch));
  const fresh = ended.filter((end) => !told.includes(endId(end)));
  const moving = [...unlisted, ...open];
  const again = fresh.map(({ meta }) => meta.batch);
  const kept = told.filter((id) => seen.batches.has(batchOf(id)) && !again.includes(batchOf(id)));
  const ends = [...kept, ...fresh.map(endId)];
  if (moving.length + ends.length + moved.length + told.length === 0) return;
  void known.note(session, { moving, ends });
  const [first, ...others] = fresh;
  if (first) void tell(ui, ui.scopes.present, [first, ...others]);
}

function batchOf(id: string): string {
  return id.split(END_MARK)[0] ?? id;
}

async function tell(
  ui: Context,
  scope: StackScope,
  ended: readonly [EndedBatch, ...EndedBatch[]],
): Promise<void> {
  const { vs } = ui;
  const { t } = vs.l10n;
  const show = t('Show');
  const failures = t('Failures');
  const [first, ...others] = ended;
  const took = others.length === 0 ? await elapsed(ui, scope, first) : undefined;
  const text = plainText(endWords(vs, ended, took));
  const hasFailures = ended.some(({ progress }) => failedOf(progress) > 0);
  const buttons = hasFailures ? [show, failures] : [show];
  const choice = ended.some(hasTrouble)
    ? await vs.window.showWarningMessage(text, ...buttons)
    : await vs.window.showInformationMessage(text, ...buttons);
  if (choice === show) await vs.commands.executeCommand('mediaBatch.batches.focus');
  if (choice === failures) await vs.commands.executeCommand('mediaBatch.showDeadLetters' satisfies CommandId);
}

/** @returns how long the batch took, from its first file to its last; undefined where that is not known */
async function elapsed(
  { vs, log }: Context,
  scope: StackScope,
  { meta, progress, unclaimed }: EndedBatch,
): Promise<string | undefined> {
  if (unclaimed > 0) return undefined;
  try {
    const endedAt = await scope.read((services, pipeline, signal) =>
      lastEnd({ batch: meta.batch, counts: progress.counts }, pipeline, services.batches, signal),
    );
    const seconds = tookSeconds({ meta, endedAt });
    return seconds === undefined ? undefined : formatElapsed(vs, seconds);
  } catch (error) {
    log.debug(`when batch ${meta.batch} ended is not known: ${messageOf(error)}`);
    return undefined;
  }
}

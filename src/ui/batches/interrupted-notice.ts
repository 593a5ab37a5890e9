import { setTimeout as sleep } from 'node:timers/promises';
import { batchProgress } from '../../app/batch/batch-progress.ts';
import type { BatchMeta, BatchRecord } from '../../core/batch/batch.ts';
import { runOf } from '../../core/batch/cloud-run.ts';
import { isAbort, messageOf } from '../../core/errors.ts';
import { Lifetime, type Disposable } from '../../core/lifetime.ts';
import type { CommandId } from '../base/command-ids.ts';
import { formatCount } from '../base/format.ts';
import { plainText } from '../base/register-command.ts';
import type { StackScope } from '../watch/stack-scope.ts';
import type { BatchesContext } from './batches-context.ts';
import { batchNode } from './batch-node.ts';
import { batchTitle } from './batch-rows.ts';
import { followMoving } from './moving-batches.ts';

type Context = Pick<BatchesContext, 'vs' | 'log' | 'connection' | 'scopes' | 'enqueues'>;

/** An enqueue saves how far it has come after each page of 1,000 objects: after so long without that, nobody sends. In ms. */
const SILENT_MS = 10_000;

/** An enqueue that ended before its time. */
interface Interrupted {
  readonly meta: BatchMeta;
  readonly sent: number;
}

/**
 * Asks once for each batch and window what to do about an enqueue that was interrupted, such as by a window that was closed.
 * One that a window still runs, here or elsewhere, is none.
 * @param pause waits; its default is the clock
 */
export function noticeInterrupted(
  ui: Context,
  pause: (ms: number) => Promise<unknown> = (ms) => sleep(ms, undefined, { ref: false }),
): Disposable {
  /** batches that were told of, or sent by this window, which says itself how that ended */
  const known = new Set<string>();
  const lifetime = new Lifetime();
  lifetime.use(
    ui.enqueues.onChange(() => {
      for (const batch of ui.enqueues.all.keys()) known.add(batch);
    }),
  );
  lifetime.use(
    followMoving(ui, {
      note: ({ batches }) => {
        const found = [...batches.values()].filter((record) => isUnfinished(record, known));
        if (found.length === 0) return;
        for (const { meta } of found) if (meta) known.add(meta.batch);
        const scope = ui.scopes.present;
        const forget = (): void => {
          for (const { meta } of found) if (meta) known.delete(meta.batch);
        };
        void pause(SILENT_MS).then(() => tellSilent(ui, scope, found, forget));
      },
    }),
  );
  return lifetime;
}

function isUnfinished(record: BatchRecord, known: ReadonlySet<string>): boolean {
  const { meta } = record;
  if (!meta || known.has(meta.batch) || meta.brake?.cancelled) return false;
  // Step Functions goes on without a window, and its rows say where it stands.
  return !batchProgress(record).enqueued && !runOf(record.checkpoints);
}

/**
 * Tells of those that have not come further meanwhile.
 * @param forget called where that could not be read: the next reading asks again
 */
async function tellSilent(
  ui: Context,
  scope: StackScope,
  found: readonly BatchRecord[],
  forget: () => void,
): Promise<void> {
  try {
    const now = await scope.read((services, { resultsTable }, signal) =>
      Promise.all(found.map(({ meta }) => services.batches.read(resultsTable, meta?.batch ?? '', signal))),
    );
    const silent = now.flatMap((record, i): Interrupted[] => {
      const { meta } = record;
      const before = found[i];
      if (!meta || !before || !isUnfinished(record, new Set(ui.enqueues.all.keys()))) return [];
      const { listed, sent } = batchProgress(record);
      return batchProgress(before).listed === listed ? [{ meta, sent }] : [];
    });
    const [first, ...others] = silent;
    if (first) await (others.length === 0 ? askAbout(ui, first) : tellOf(ui, silent));
  } catch (error) {
    forget();
    if (!isAbort(error)) ui.log.warn(`whether an enqueue was interrupted is not known: ${messageOf(error)}`);
  }
}

async function askAbout({ vs }: Context, { meta, sent }: Interrupted): Promise<void> {
  const { t } = vs.l10n;
  const [resume, later, cancel] = [t('Resume'), t('Not Now'), t('Cancel Batch…')];
  const name = batchTitle(vs, meta);
  const text =
    meta.planned === undefined
      ? t('The enqueue of {0} was interrupted after {1} files.', name, formatCount(vs, sent))
      : t(
          'The enqueue of {0} was interrupted at {1} of about {2} files.',
          name,
          formatCount(vs, sent),
          formatCount(vs, Math.max(meta.planned, sent)),
        );
  const choice = await vs.window.showWarningMessage(plainText(text), resume, later, cancel);
  if (choice !== resume && choice !== cancel) return;
  const id = (choice === resume ? 'mediaBatch.resumeEnqueue' : 'mediaBatch.cancelBatch') satisfies CommandId;
  await vs.commands.executeCommand(id, batchNode(meta.batch));
}

async function tellOf({ vs }: Context, silent: readonly Interrupted[]): Promise<void> {
  const { t } = vs.l10n;
  const show = t('Show');
  const text = t(
    '{0} enqueues were interrupted: their rows can resume or cancel them.',
    formatCount(vs, silent.length),
  );
  if ((await vs.window.showWarningMessage(text, show)) === show) {
    await vs.commands.executeCommand('mediaBatch.batches.focus');
  }
}

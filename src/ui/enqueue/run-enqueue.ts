import type { EnqueueOptions, EnqueueProgress } from '../../app/batch/enqueue-files.ts';
import { isAbort, MediaBatchError } from '../../core/errors.ts';
import { visibleText } from '../../core/visible-text.ts';
import type { CommandId } from '../base/command-ids.ts';
import { formatCount } from '../base/format.ts';
import { plainText } from '../base/register-command.ts';
import { skipWords } from './skip-words.ts';
import type { BatchesContext } from '../batches/batches-context.ts';
import type { ViewNode } from '../base/node.ts';

/** How an enqueue ended, as far as the user has to know. */
export type EnqueueOutcome =
  | { readonly kind: 'done'; readonly progress: EnqueueProgress }
  /** cancelled; `progress` is undefined where no page was confirmed */
  | { readonly kind: 'stopped'; readonly progress: EnqueueProgress | undefined }
  /** AWS or the network ended it midway; the batch can be resumed */
  | { readonly kind: 'broken'; readonly progress: EnqueueProgress | undefined; readonly error: Error };

export interface Sending {
  readonly title: string;
  /** about how many files there will be, undefined where nobody has counted them */
  readonly total: number | undefined;
  readonly begin: (options: EnqueueOptions) => Promise<EnqueueProgress>;
}

/**
 * Runs an enqueue with a notification that shows how far it is and can stop it; the Batches view shows it as well.
 * @throws MediaBatchError where nothing was begun that could be resumed
 */
export async function runEnqueue(
  ui: BatchesContext,
  { title, total, begin }: Sending,
): Promise<EnqueueOutcome> {
  const { vs, enqueues } = ui;
  // Another stack that is chosen meanwhile has nothing to do with it.
  const scope = ui.scopes.present;
  const controller = new AbortController();
  const stop = (): void => {
    controller.abort();
  };
  let latest: EnqueueProgress | undefined;
  const options = { location: vs.ProgressLocation.Notification, title, cancellable: true };
  try {
    const progress = await vs.window.withProgress(options, async (notification, token) => {
      const listener = token.onCancellationRequested(stop);
      const line = progressLine(ui, total);
      try {
        return await begin({
          signal: controller.signal,
          onProgress: (now) => {
            if (!latest) scope.enqueued();
            const increment = total ? (100 * (now.sent - (latest?.sent ?? 0))) / total : 0;
            latest = now;
            enqueues.set(now.batch, { progress: now, stop });
            notification.report({ message: line(now), increment });
          },
        });
      } finally {
        listener.dispose();
      }
    });
    return { kind: 'done', progress };
  } catch (error) {
    if (isAbort(error)) return { kind: 'stopped', progress: latest };
    if (error instanceof MediaBatchError && error.code === 'enqueue-incomplete') {
      return { kind: 'broken', progress: latest, error };
    }
    throw error;
  } finally {
    if (latest) enqueues.set(latest.batch, undefined);
    scope.enqueued();
  }
}

/** @returns a writer of lines such as `sent 12,000 of about 50,000, 850 files/s`; the rate begins with the second page */
function progressLine({ vs }: BatchesContext, total: number | undefined): (now: EnqueueProgress) => string {
  const { t } = vs.l10n;
  let first: { readonly sent: number; readonly at: number } | undefined;
  return ({ sent }) => {
    const at = performance.now();
    first ??= { sent, at };
    const seconds = (at - first.at) / 1000;
    const rate = seconds > 0 ? Math.round((sent - first.sent) / seconds) : 0;
    const so =
      total === undefined
        ? t('sent {0}', formatCount(vs, sent))
        : t('sent {0} of about {1}', formatCount(vs, sent), formatCount(vs, Math.max(total, sent)));
    return rate > 0 ? t('{0}, {1} files/s', so, formatCount(vs, rate)) : so;
  };
}

/** Says how an enqueue ended, and offers what comes next: the batches, or to resume. */
export async function showEnqueueOutcome(ui: BatchesContext, outcome: EnqueueOutcome): Promise<void> {
  const { vs, log, contextKeys } = ui;
  const { t } = vs.l10n;
  const { progress } = outcome;
  const showBatches = t('Show Batches');
  const resume = t('Resume');
  let choice: string | undefined;
  if (outcome.kind === 'done') {
    contextKeys.set('mediaBatch.hasBatches', true);
    choice = await vs.window.showInformationMessage(doneText(ui, outcome.progress), showBatches);
  } else if (outcome.kind === 'broken') {
    log.error(outcome.error.message);
    const text = plainText(visibleText(outcome.error.message, 1_000));
    choice = await vs.window.showErrorMessage(text, resume, showBatches);
  } else if (progress && progress.sent > 0) {
    const text = t(
      'Stopped after {0} files, which stay sent. The rest can be sent later.',
      formatCount(vs, progress.sent),
    );
    choice = await vs.window.showInformationMessage(text, resume, showBatches);
  } else {
    const text = t('Stopped. If files were sent already, their batch can be resumed from the Batches view.');
    choice = await vs.window.showInformationMessage(text, showBatches);
  }
  if (choice === showBatches) await vs.commands.executeCommand('mediaBatch.batches.focus');
  if (choice === resume) {
    const id = 'mediaBatch.resumeEnqueue' satisfies CommandId;
    await vs.commands.executeCommand(id, ...(progress ? [batchNode(progress.batch)] : []));
  }
}

function doneText({ vs }: BatchesContext, { sent, listed, skipped }: EnqueueProgress): string {
  const { t } = vs.l10n;
  const words = skipWords(vs, skipped);
  const objects = formatCount(vs, listed);
  const text =
    sent === 1
      ? t('1 file is in the queue; objects looked at: {0}.', objects)
      : t('{0} files are in the queue, of {1} objects.', formatCount(vs, sent), objects);
  return words === '' ? text : `${text} ${t('Skipped: {0}.', words)}`;
}

/** A row as commands take one, for a batch that no view shows. */
function batchNode(batch: string): ViewNode {
  return { id: batch, label: batch, tokens: [], data: { batch } };
}

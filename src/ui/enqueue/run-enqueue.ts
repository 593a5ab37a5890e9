import type * as vscode from 'vscode';
import type { EnqueueOptions, EnqueueProgress } from '../../app/batch/enqueue-files.ts';
import { isAbort, MediaBatchError } from '../../core/errors.ts';
import { visibleText } from '../../core/visible-text.ts';
import type { CommandId } from '../base/command-ids.ts';
import { formatCount } from '../base/format.ts';
import { plainText } from '../base/register-command.ts';
import { withCancel } from '../base/with-cancel.ts';
import { askLogin } from './ask-login.ts';
import { skipWords } from './skip-words.ts';
import { batchNode } from '../batches/batch-node.ts';
import type { BatchesContext } from '../batches/batches-context.ts';

/** How an enqueue ended, for the user. */
export type EnqueueOutcome =
  | { readonly kind: 'done'; readonly progress: EnqueueProgress }
  /** cancelled; `progress` is undefined when no page was confirmed */
  | { readonly kind: 'stopped'; readonly progress: EnqueueProgress | undefined }
  /** the user has cancelled the batch, here or in another window: it cannot be resumed */
  | { readonly kind: 'cancelled'; readonly progress: EnqueueProgress; readonly error: Error }
  /** AWS or the network failed before the end; the batch can be resumed */
  | { readonly kind: 'broken'; readonly progress: EnqueueProgress | undefined; readonly error: Error };

export interface Sending {
  readonly title: string;
  /** about how many files there will be; undefined when they were not counted */
  readonly total: number | undefined;
  readonly begin: (options: EnqueueOptions) => Promise<EnqueueProgress>;
}

/**
 * Runs an enqueue with a notification that shows its progress and can stop it. The Batches view shows the progress, too.
 * @throws MediaBatchError when the enqueue failed before it wrote anything to resume
 */
export async function runEnqueue(
  ui: Pick<BatchesContext, 'vs' | 'log' | 'connection' | 'scopes' | 'enqueues'>,
  { title, total, begin }: Sending,
): Promise<EnqueueOutcome> {
  const { vs, enqueues } = ui;
  // The user may choose another stack meanwhile: the files go to this one.
  const scope = ui.scopes.present;
  let latest: EnqueueProgress | undefined;
  try {
    const progress = await withCancel(vs, title, (notification, controller) => {
      const line = progressLine(vs, total);
      const stop = (): void => {
        controller.abort();
      };
      return begin({
        signal: controller.signal,
        onExpired: (error) => askLogin(ui, error, controller.signal),
        onProgress: (now) => {
          if (!latest) scope.enqueued();
          const increment = total ? (100 * (now.sent - (latest?.sent ?? 0))) / total : 0;
          latest = now;
          enqueues.set(now.batch, { progress: now, stop });
          notification.report({ message: line(now), increment });
        },
      });
    });
    return { kind: 'done', progress };
  } catch (error) {
    if (isAbort(error)) return { kind: 'stopped', progress: latest };
    if (error instanceof MediaBatchError && error.code === 'batch-cancelled' && latest) {
      return { kind: 'cancelled', progress: latest, error };
    }
    if (error instanceof MediaBatchError && error.code === 'enqueue-incomplete') {
      return { kind: 'broken', progress: latest, error };
    }
    throw error;
  } finally {
    if (latest) {
      const { batch, sent, listed } = latest;
      ui.log.info(`enqueue of batch ${batch} ended: ${sent} sent of ${listed} listed`);
      enqueues.set(batch, undefined);
    }
    scope.enqueued();
  }
}

/** @returns a function that makes lines such as `sent 12,000 of about 50,000, 850 files/s`; the first line has no rate */
function progressLine(vs: typeof vscode, total: number | undefined): (now: EnqueueProgress) => string {
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

/** Says how an enqueue ended, and offers to show the batches or to resume. */
export async function showEnqueueOutcome(
  { vs, log, contextKeys }: Pick<BatchesContext, 'vs' | 'log' | 'contextKeys'>,
  outcome: EnqueueOutcome,
): Promise<void> {
  const { t } = vs.l10n;
  const { progress } = outcome;
  const showBatches = t('Show Batches');
  const resume = t('Resume');
  const rest = t('Enqueue the Rest…');
  let choice: string | undefined;
  if (outcome.kind === 'done') {
    contextKeys.set('mediaBatch.hasBatches', true);
    choice = await vs.window.showInformationMessage(doneText(vs, outcome.progress), showBatches);
  } else if (outcome.kind === 'cancelled') {
    const text = plainText(visibleText(outcome.error.message, 1_000));
    choice = await vs.window.showInformationMessage(text, rest, showBatches);
  } else if (outcome.kind === 'broken') {
    log.error(outcome.error.message);
    const text = plainText(visibleText(outcome.error.message, 1_000));
    choice = await vs.window.showErrorMessage(text, resume, showBatches);
  } else if (progress && progress.sent > 0) {
    const text = t(
      'Stopped after {0} files, which stay sent. You can send the rest later.',
      formatCount(vs, progress.sent),
    );
    choice = await vs.window.showInformationMessage(text, resume, showBatches);
  } else {
    const text = t('Stopped. If files were sent already, you can resume their batch in the Batches view.');
    choice = await vs.window.showInformationMessage(text, showBatches);
  }
  if (choice === showBatches) await vs.commands.executeCommand('mediaBatch.batches.focus');
  if (choice === resume || choice === rest) {
    const id = (choice === rest ? 'mediaBatch.enqueueRest' : 'mediaBatch.resumeEnqueue') satisfies CommandId;
    await vs.commands.executeCommand(id, ...(progress ? [batchNode(progress.batch)] : []));
  }
}

function doneText(vs: typeof vscode, { sent, listed, skipped }: EnqueueProgress): string {
  const { t } = vs.l10n;
  const words = skipWords(vs, skipped);
  const objects = formatCount(vs, listed);
  const text =
    sent === 1
      ? t('1 file is in the queue, of {0} objects.', objects)
      : t('{0} files are in the queue, of {1} objects.', formatCount(vs, sent), objects);
  return words === '' ? text : `${text} ${t('Skipped: {0}.', words)}`;
}

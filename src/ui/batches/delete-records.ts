import { setTimeout as sleep } from 'node:timers/promises';
import type * as vscode from 'vscode';
import {
  deleteRecords,
  planDeletion,
  type DeletionProgress,
  type DeletionServices,
} from '../../app/batch/delete-records.ts';
import type { BatchProgress } from '../../app/batch/batch-progress.ts';
import type { BatchMeta } from '../../core/batch/batch.ts';
import { isAbort } from '../../core/errors.ts';
import { prefixUri } from '../../core/files/s3-location.ts';
import type { StackOutputs } from '../../core/stack/stack-contract.ts';
import { visibleText } from '../../core/visible-text.ts';
import { cancelled } from '../base/ask.ts';
import { formatCount } from '../base/format.ts';
import type { ViewNode } from '../base/node.ts';
import { plainText } from '../base/register-command.ts';
import { withCancel } from '../base/with-cancel.ts';
import type { Session } from '../connection/session.ts';
import { withSessionToWrite } from '../connection/with-session.ts';
import type { BatchesContext } from './batches-context.ts';
import { batchLines, batchToMark } from './stored-batch.ts';

/** How a deletion ended; a cancel is not an error. */
interface Ended extends DeletionProgress {
  readonly isStopped: boolean;
}

/**
 * "Delete Batch Records…": deletes what the table holds of a batch that is over, after a question that says what is lost
 * and what stays. Run again, it goes on where it was stopped.
 * @param node the batch; absent: the user chooses one that is over
 * @param onDeleted draws the list of batches anew
 * @param pause waits; its default is the clock
 * @throws as `batchToMark` and `deleteRecords`; AbortError on Escape
 */
export async function deleteRecordsCommand(
  ui: BatchesContext,
  onDeleted: () => void,
  node?: ViewNode,
  pause: DeletionServices['pause'] = (ms, signal) => sleep(ms, undefined, { ...(signal && { signal }) }),
): Promise<void> {
  const { vs, scopes } = ui;
  const { t } = vs.l10n;
  const text = await withSessionToWrite(ui, async (session) => {
    const scope = scopes.present;
    const found = await batchToMark(ui, session, node, {
      title: t('Delete Batch Records'),
      fits: ({ settled }) => settled,
      detail: ({ ended }) => t('{0} files ended', formatCount(vs, ended)),
    });
    if (!found) return t('No batch is over.');
    const { pipeline } = found;
    const { batch } = found.meta;
    const { batches, eraser, ledgers, queues } = session.services;
    const ledger = ledgers.of(pipeline.resultsTable);
    const services = { batches, eraser, ledger, queues, now: () => Date.now(), pause };
    const plan = await planDeletion(batch, pipeline, services);
    await confirm(vs, session, plan);
    try {
      return outcome(vs, batch, await run(ui, batch, pipeline, services));
    } finally {
      onDeleted();
      void scope.refresh();
    }
  });
  await vs.window.showInformationMessage(plainText(text));
}

async function confirm(
  vs: typeof vscode,
  session: Session,
  { meta, progress }: { readonly meta: BatchMeta; readonly progress: BatchProgress },
): Promise<void> {
  const { t } = vs.l10n;
  const go = t('Delete Records');
  const { succeeded, failed, covered, cancelled: ended, dead } = progress.counts;
  const count = (files: number): string => formatCount(vs, files);
  const detail = [
    ...batchLines(vs, session, meta),
    t(
      'Deleted: what the batch was asked for, and the records of {0} failed, {1} covered and {2} cancelled files, with their reasons.',
      ...[failed, covered, ended].map(count),
    ),
    ...(dead > 0
      ? [t('Dead files: {0}. They end as cancelled, and their dead letters go.', count(dead))]
      : []),
    t(
      'Kept: the records of {0} files that succeeded, found by their key. So nothing is paid again: enqueued again, such a file ends as covered, also where a dry run counts it as not yet done.',
      count(succeeded),
    ),
    '',
    t('Enqueued again, the other files are sent again, and paid. This cannot be undone.'),
  ].join('\n');
  const question = plainText(t('Delete the records of the batch of {0}?', visibleText(prefixUri(meta), 200)));
  if ((await vs.window.showWarningMessage(question, { modal: true, detail }, go)) !== go) throw cancelled();
}

async function run(
  { vs, log }: Pick<BatchesContext, 'vs' | 'log'>,
  batch: string,
  pipeline: StackOutputs,
  services: DeletionServices,
): Promise<Ended> {
  const { t } = vs.l10n;
  const name = visibleText(batch, 100);
  let done: DeletionProgress = { deleted: 0, kept: 0 };
  const ended = await withCancel(vs, t('Deleting the records of {0}', name), async (bar, { signal }) => {
    bar.report({ message: t('waiting for calls in flight') });
    const onProgress = (now: DeletionProgress): void => {
      done = now;
      bar.report({ message: t('{0} deleted', formatCount(vs, now.deleted)) });
    };
    try {
      return {
        ...(await deleteRecords(batch, pipeline, services, { signal, onProgress })),
        isStopped: false,
      };
    } catch (error) {
      if (isAbort(error) && signal.aborted) return { ...done, isStopped: true };
      throw error;
    }
  });
  log.info(`delete records of ${name}: ${JSON.stringify(ended)}`);
  return ended;
}

function outcome(vs: typeof vscode, batch: string, { deleted, kept, isStopped }: Ended): string {
  const { t } = vs.l10n;
  const name = visibleText(batch, 100);
  const count = formatCount(vs, deleted);
  return isStopped
    ? t(
        'Stopped: {0} records of batch {1} are deleted. Run "Delete Batch Records…" again to go on.',
        count,
        name,
      )
    : t(
        'The records of batch {0} are deleted: {1} files. {2} stay, so that nothing is paid again.',
        name,
        count,
        formatCount(vs, kept),
      );
}

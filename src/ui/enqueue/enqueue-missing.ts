import type * as vscode from 'vscode';
import {
  enqueueMissing,
  findMissing,
  type MissingFiles,
  type MissingProgress,
} from '../../app/batch/enqueue-missing.ts';
import type { KeyFile } from '../../app/batch/key-file.ts';
import { findPipeline } from '../../app/stack/pipeline.ts';
import { isAbort } from '../../core/errors.ts';
import { prefixUri } from '../../core/files/s3-location.ts';
import type { StackOutputs } from '../../core/stack/stack-contract.ts';
import { visibleText } from '../../core/visible-text.ts';
import { cancelled } from '../base/ask.ts';
import { formatCount } from '../base/format.ts';
import { withCancel } from '../base/with-cancel.ts';
import { connectionLine, type Session } from '../connection/session.ts';
import { withSessionToWrite } from '../connection/with-session.ts';
import { askBatch } from '../batches/ask-batch.ts';
import type { BatchesContext } from '../batches/batches-context.ts';
import type { BatchData } from '../batches/batch-rows.ts';
import type { ViewNode } from '../base/node.ts';
import { keyFileFor } from './key-list.ts';

/** How a run ended; a cancel is not an error. */
interface Ended {
  readonly missing: number;
  readonly progress: MissingProgress;
  readonly isStopped: boolean;
}

/**
 * "Enqueue the Missing…": sends the files of a batch again that were sent and that no consumer has claimed.
 * @param node the batch; absent: the user chooses one that has such files
 * @throws DeployError as `findPipeline`, MediaBatchError as `findMissing`, AwsError, AbortError on Escape
 */
export async function enqueueMissingCommand(ui: BatchesContext, node?: ViewNode): Promise<void> {
  const { vs, scopes } = ui;
  const { t } = vs.l10n;
  const ended = await withSessionToWrite(ui, async (session) => {
    // The user may choose another stack meanwhile: the files go to this one.
    const scope = scopes.present;
    const { services } = session;
    const pipeline = await findPipeline(session.stackName, services.stacks);
    const given = (node?.data as Partial<BatchData> | undefined)?.batch;
    const batch = given ?? (await askIncomplete(ui, session, pipeline));
    if (batch === undefined) return undefined;
    const found = await findMissing(batch, pipeline, services);
    await confirm(vs, session, found, pipeline);
    const keyFile = await keyFileFor(vs, found.meta);
    try {
      return await send(ui, session, pipeline, { ...found, keyFile });
    } finally {
      scope.enqueued();
    }
  });
  if (ended) ui.log.info(`enqueue the missing: ${ended.progress.sent} sent of ${ended.missing} missing`);
  const text = ended ? outcomeWords(vs, ended) : t('No batch has files that were sent and never claimed.');
  await vs.window.showInformationMessage(text);
}

function askIncomplete(
  ui: BatchesContext,
  session: Session,
  pipeline: StackOutputs,
): Promise<string | undefined> {
  const { vs } = ui;
  const { t } = vs.l10n;
  return askBatch(ui, session, pipeline, {
    title: t('Enqueue the Missing'),
    fits: ({ enqueued, queued }, brake) => enqueued && queued > 0 && !brake?.cancelled,
    detail: ({ sent, queued }) =>
      t('{0} of {1} files not claimed', formatCount(vs, queued), formatCount(vs, sent)),
  });
}

async function confirm(
  vs: typeof vscode,
  session: Session,
  { meta, missing }: MissingFiles,
  pipeline: StackOutputs,
): Promise<void> {
  const { t } = vs.l10n;
  const go = t('Enqueue the Missing');
  const question =
    missing === 1
      ? t('Send the 1 file again that was sent and never claimed?')
      : t('Send the {0} files again that were sent and never claimed?', formatCount(vs, missing));
  const detail = [
    connectionLine(vs, session),
    t('Batch {0}, {1}', visibleText(meta.batch), visibleText(prefixUri(meta))),
    '',
    t(
      'The work queue is empty: a message lives 14 days at most. The prefix is listed again, and each file that the batch has no result of is sent, also one that has come since.',
    ),
    pipeline.reconcilerFunction === undefined
      ? t('Ittybit charges for each of them.')
      : t('Ittybit charges for what no other batch has done, or is doing.'),
  ].join('\n');
  if ((await vs.window.showWarningMessage(question, { modal: true, detail }, go)) !== go) throw cancelled();
}

async function send(
  { vs }: Pick<BatchesContext, 'vs'>,
  { services }: Session,
  pipeline: StackOutputs,
  { meta, missing, keyFile }: MissingFiles & { readonly keyFile: KeyFile | undefined },
): Promise<Ended> {
  const { t } = vs.l10n;
  const name = visibleText(prefixUri(meta));
  let progress: MissingProgress = { listed: 0, sent: 0, skipped: {} };
  return withCancel(vs, t('Looking for missing files of {0}', name), async (notification, { signal }) => {
    const onProgress = (now: MissingProgress): void => {
      progress = now;
      const [sent, listed] = [formatCount(vs, now.sent), formatCount(vs, now.listed)];
      notification.report({ message: t('{0} sent, {1} objects listed', sent, listed) });
    };
    try {
      await enqueueMissing({ meta }, pipeline, services, { signal, onProgress, keyFile });
      return { missing, progress, isStopped: false };
    } catch (error) {
      if (isAbort(error) && signal.aborted) return { missing, progress, isStopped: true };
      throw error;
    }
  });
}

function outcomeWords(vs: typeof vscode, { missing, progress, isStopped }: Ended): string {
  const { t } = vs.l10n;
  const { sent, skipped } = progress;
  const count = formatCount(vs, sent);
  if (isStopped)
    return t('Stopped after {0} files, which stay sent. Run it again to send the others.', count);
  const done = skipped.done ?? 0;
  return [
    sent === 1 ? t('1 file is in the queue again.') : t('{0} files are in the queue again.', count),
    ...(done > 0 ? [t('{0} are done or under way in other batches.', formatCount(vs, done))] : []),
    ...(sent + done < missing
      ? [
          t(
            '{0} were not found: they were deleted, or do not match any more.',
            formatCount(vs, missing - sent - done),
          ),
        ]
      : []),
  ].join(' ');
}

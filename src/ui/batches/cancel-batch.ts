import type * as vscode from 'vscode';
import { cancelEnqueue } from '../../app/batch/cloud-enqueue.ts';
import { dispatchOf } from '../../app/stack/pipeline-snapshot.ts';
import { InvalidInputError } from '../../core/errors.ts';
import { prefixUri } from '../../core/files/s3-location.ts';
import { visibleText } from '../../core/visible-text.ts';
import { cancelled } from '../base/ask.ts';
import { formatCount } from '../base/format.ts';
import type { ViewNode } from '../base/node.ts';
import { plainText } from '../base/register-command.ts';
import { sinceLines, whenAndBy } from '../base/when-and-by.ts';
import type { Session } from '../connection/session.ts';
import { withSessionToWrite } from '../connection/with-session.ts';
import { holdLines, sharesOf } from './batch-state.ts';
import type { BatchesContext } from './batches-context.ts';
import { batchLines, batchToMark, type StoredBatch } from './stored-batch.ts';

/**
 * "Cancel Batch…": what has no job gets none any more, after a question that says how many files stand where.
 * @param node the batch; absent: the user chooses one that still has files on their way
 * @throws as `batchToMark`; InvalidInputError for a batch that has ended or is cancelled, AbortError on Escape
 */
export async function cancelBatchCommand(ui: BatchesContext, node?: ViewNode): Promise<void> {
  const { vs, log, scopes } = ui;
  const { t } = vs.l10n;
  const text = await withSessionToWrite(ui, async (session) => {
    const scope = scopes.present;
    const found = await batchToMark(ui, session, node, {
      title: t('Cancel Batch'),
      fits: ({ settled }, brake) => !settled && !brake?.cancelled,
      detail: ({ ended, sent }) => t('{0} of {1} files ended', formatCount(vs, ended), formatCount(vs, sent)),
      sending: true,
    });
    if (!found) return t('No batch has files on their way.');
    const { meta, pipeline } = found;
    const name = visibleText(meta.batch, 100);
    checkOpen(vs, found, name);
    const { state, standsStill, since } = await stillness(vs, session, found);
    await confirm(vs, session, found, standsStill === undefined ? [] : [standsStill, ...since]);
    const late = await cancelEnqueue(meta.batch, pipeline, session.services);
    log.info(`cancelled batch ${name}: ${JSON.stringify(sharesOf(found.progress))}, dispatch ${state}`);
    void scope.refresh();
    return [
      t('Batch {0} is cancelled: its files leave the queue without a job.', name),
      ...(late > 0
        ? [t('Up to {0} more may still arrive from the cloud, and get none either.', formatCount(vs, late))]
        : []),
      ...(standsStill === undefined ? [] : [standsStill]),
    ].join(' ');
  });
  await vs.window.showInformationMessage(plainText(text));
}

function checkOpen(vs: typeof vscode, { meta, progress }: StoredBatch, name: string): void {
  const { t } = vs.l10n;
  const mark = meta.brake?.cancelled;
  if (mark) {
    throw new InvalidInputError(
      'batch',
      t('Batch {0} is cancelled already ({1}).', name, whenAndBy(vs, mark)),
    );
  }
  if (progress.settled) {
    throw new InvalidInputError(
      'batch',
      t('Every file of batch {0} has ended, so there is nothing to cancel.', name),
    );
  }
}

/** @returns the state of dispatch, and where nothing leaves the queue now, that and since when; what cannot be read is not said */
async function stillness(
  vs: typeof vscode,
  { services }: Session,
  { pipeline }: StoredBatch,
): Promise<{ state: string; standsStill: string | undefined; since: readonly string[] }> {
  const { t } = vs.l10n;
  const [mapping, dispatch] = await Promise.allSettled([
    services.dispatch.mapping(pipeline.eventSourceMapping),
    services.dispatch.readState(pipeline),
  ]);
  const { state, ...stopped } = dispatchOf({
    mapping: mapping.status === 'fulfilled' ? mapping.value : undefined,
    dispatch: dispatch.status === 'fulfilled' ? dispatch.value : undefined,
    outputs: pipeline,
  });
  const isPaused = state === 'paused' || state === 'pausing';
  const standsStill = isPaused
    ? t('Dispatch is paused: nothing is drained until it is resumed.')
    : state === 'waiting'
      ? t('Dispatch waits: nothing is drained until it goes on.')
      : undefined;
  return { state, standsStill, since: sinceLines(vs, stopped) };
}

async function confirm(
  vs: typeof vscode,
  session: Session,
  { meta, progress }: StoredBatch,
  standsStill: readonly string[],
): Promise<void> {
  const { t } = vs.l10n;
  const go = t('Cancel Batch');
  const { withoutJob, atIttybit, done } = sharesOf(progress);
  const detail = [
    ...batchLines(vs, session, meta),
    t('Not sent to Ittybit: {0}. They end as cancelled, and are not paid.', formatCount(vs, withoutJob)),
    t('At Ittybit: {0}. Their jobs run on and are paid, and their results come.', formatCount(vs, atIttybit)),
    t('Done: {0}. They stay as they are.', formatCount(vs, done)),
    '',
    ...(progress.enqueued ? [] : [t('The enqueue has not sent the whole prefix, and sends no more.')]),
    ...(meta.brake?.hold ? holdLines(vs, meta.brake.hold).map(plainText) : []),
    ...standsStill,
    t('Other batches go on. This cannot be undone; "Enqueue the Rest…" can send the rest as a new batch.'),
  ].join('\n');
  const question = plainText(t('Cancel the batch of {0}?', visibleText(prefixUri(meta), 200)));
  if ((await vs.window.showWarningMessage(question, { modal: true, detail }, go)) !== go) throw cancelled();
}

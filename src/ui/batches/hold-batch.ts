import type * as vscode from 'vscode';
import { ASKED_FOR, holdBatch, resumeBatch } from '../../app/batch/stop-batch.ts';
import type { Hold } from '../../core/batch/brake.ts';
import { InvalidInputError } from '../../core/errors.ts';
import { prefixUri } from '../../core/files/s3-location.ts';
import { visibleText } from '../../core/visible-text.ts';
import { cancelled } from '../base/ask.ts';
import { formatCount } from '../base/format.ts';
import type { ViewNode } from '../base/node.ts';
import { pickText } from '../base/pick-text.ts';
import { plainText } from '../base/register-command.ts';
import { whenAndBy } from '../base/when-and-by.ts';
import type { Session } from '../connection/session.ts';
import { withSessionToWrite } from '../connection/with-session.ts';
import { heldWords, holdLines, reasonOf } from './batch-state.ts';
import type { BatchesContext } from './batches-context.ts';
import { batchLines, batchToMark, type StoredBatch } from './stored-batch.ts';

/**
 * "Hold Batch": nothing of one batch is submitted until it is resumed. We do not ask first, as nothing is lost.
 * @param node the batch; absent: the user chooses one that still has files on their way
 * @throws as `batchToMark`; InvalidInputError for a batch that is cancelled or held, or has ended
 */
export async function holdBatchCommand(ui: BatchesContext, node?: ViewNode): Promise<void> {
  const { vs, log, scopes } = ui;
  const { t } = vs.l10n;
  const text = await withSessionToWrite(ui, async (session) => {
    const scope = scopes.present;
    const found = await batchToMark(ui, session, node, {
      title: t('Hold Batch'),
      fits: ({ settled }, brake) => !settled && !brake?.cancelled && !brake?.hold,
      detail: ({ ended, sent }) => t('{0} of {1} files ended', formatCount(vs, ended), formatCount(vs, sent)),
      sending: true,
    });
    if (!found) return t('No batch has files on their way.');
    const { meta, progress, pipeline } = found;
    const name = nameOf(vs, found);
    if (meta.brake?.hold) {
      const words = [heldWords(vs, meta.brake.hold), whenAndBy(vs, meta.brake.hold)] as const;
      throw new InvalidInputError('batch', t('Batch {0} stands still already, {1} ({2}).', name, ...words));
    }
    if (progress.settled) {
      throw new InvalidInputError('batch', t('Every file of batch {0} has ended, so nothing is held.', name));
    }
    await holdBatch(meta.batch, pipeline, session.services.batches);
    log.info(`held batch ${name}`);
    void scope.refresh();
    return t('Batch {0} is held: its files wait in the queue, and other batches go on.', name);
  });
  await vs.window.showInformationMessage(plainText(text));
}

/**
 * "Resume Batch" and "Resume Batch Anyway…": files of a held batch are submitted again. Where the user did not hold it,
 * a question says first why it stands still.
 * @param node the batch; absent: the user chooses one that is held
 * @throws as `batchToMark`; InvalidInputError for a batch that is cancelled or not held, AbortError on Escape
 */
export async function resumeBatchCommand(ui: BatchesContext, node?: ViewNode): Promise<void> {
  const { vs, log, scopes } = ui;
  const { t } = vs.l10n;
  const text = await withSessionToWrite(ui, async (session) => {
    const scope = scopes.present;
    const found = await batchToMark(ui, session, node, {
      title: t('Resume Batch'),
      fits: (_, brake) => brake?.hold !== undefined && !brake.cancelled,
      detail: (_, brake) => (brake?.hold ? pickText(heldWords(vs, brake.hold)) : ''),
      sending: true,
    });
    if (!found) return t('No batch is held.');
    const name = nameOf(vs, found);
    const hold = found.meta.brake?.hold;
    if (!hold) throw new InvalidInputError('batch', t('Batch {0} is not held.', name));
    if (hold.cause !== ASKED_FOR) await confirm(vs, session, found, hold);
    await resumeBatch(found.meta.batch, hold, found.pipeline, session.services.batches);
    log.info(`resumed batch ${name}, which was held: ${reasonOf(vs, hold)}`);
    void scope.refresh();
    return t('Batch {0} is resumed. Its files come back within minutes to hours.', name);
  });
  await vs.window.showInformationMessage(plainText(text));
}

/** @throws InvalidInputError for a batch that is cancelled: it can neither be held nor resumed */
function nameOf(vs: typeof vscode, { meta }: StoredBatch): string {
  const name = visibleText(meta.batch, 100);
  const mark = meta.brake?.cancelled;
  if (!mark) return name;
  throw new InvalidInputError(
    'batch',
    vs.l10n.t(
      'Batch {0} is cancelled ({1}): "Enqueue the Rest…" sends the rest as a new batch.',
      name,
      whenAndBy(vs, mark),
    ),
  );
}

async function confirm(
  vs: typeof vscode,
  session: Session,
  { meta }: StoredBatch,
  hold: Hold,
): Promise<void> {
  const { t } = vs.l10n;
  const go = t('Resume Anyway');
  const detail = [
    ...batchLines(vs, session, meta),
    ...holdLines(vs, hold).map(plainText),
    '',
    t('This cause no longer holds the batch; another one still does.'),
    t('Its files come back from the queue within minutes to hours, the longer the hold, the later.'),
  ].join('\n');
  const question = plainText(t('Resume the batch of {0} anyway?', visibleText(prefixUri(meta), 200)));
  if ((await vs.window.showWarningMessage(question, { modal: true, detail }, go)) !== go) throw cancelled();
}

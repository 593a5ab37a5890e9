import type * as vscode from 'vscode';
import { giveUp } from '../../app/batch/give-up.ts';
import { findPipeline } from '../../app/stack/pipeline.ts';
import type { ResultItem } from '../../core/batch/result-item.ts';
import { MediaBatchError } from '../../core/errors.ts';
import { visibleText } from '../../core/visible-text.ts';
import { cancelled } from '../base/ask.ts';
import { formatDuration } from '../base/format.ts';
import type { ViewNode } from '../base/node.ts';
import { plainText } from '../base/register-command.ts';
import { connectionLine, type Session } from '../connection/session.ts';
import { withSessionToWrite } from '../connection/with-session.ts';
import type { BatchesContext } from './batches-context.ts';
import { atIttybitMs } from './file-row.ts';
import { fileOf } from './result-commands.ts';

/**
 * "Give Up on Job…": no longer waits for a job that hangs at Ittybit, after a question that says what may still come.
 * @param node the file
 * @throws DeployError as `findPipeline`, MediaBatchError for a stack that would drop a late result, AwsError, AbortError
 * on Escape
 */
export async function giveUpJobCommand(ui: BatchesContext, node?: ViewNode): Promise<void> {
  const { vs, log, scopes } = ui;
  const { t } = vs.l10n;
  const text = await withSessionToWrite(ui, async (session) => {
    const scope = scopes.present;
    const { services, stackName } = session;
    const pipeline = await findPipeline(stackName, services.stacks);
    if (pipeline.reconcilerFunction === undefined) {
      throw new MediaBatchError(
        'unsupported',
        t(
          'This stack would drop a late result: run "Deploy Pipeline…" to update it, then give up on the job.',
        ),
      );
    }
    const { item, value } = fileOf(vs, node);
    await confirm(vs, session, item);
    const { isGivenUp, status } = await giveUp(item, services.ledgers.of(pipeline.resultsTable), () =>
      Date.now(),
    );
    const name = visibleText(value);
    log.info(`give up ${visibleText(item.batch)} ${name}: ${isGivenUp ? 'done' : (status ?? 'no item')}`);
    void scope.refresh();
    return isGivenUp
      ? t('{0} counts as cancelled. A late result is still taken over.', name)
      : t('{0} has no open job at Ittybit any more, so nothing was changed.', name);
  });
  // A message may stay on screen for hours: the connection is released before it.
  await vs.window.showInformationMessage(plainText(text));
}

async function confirm(vs: typeof vscode, session: Session, item: ResultItem): Promise<void> {
  const { t } = vs.l10n;
  const go = t('Give Up');
  const ms = atIttybitMs(item, Date.now());
  const detail = [
    connectionLine(vs, session),
    '',
    ...(ms === undefined ? [] : [t('The job has been at Ittybit for {0}.', formatDuration(vs, ms / 1000))]),
    t(
      'It may still end there, and is paid then. The file counts as cancelled from now on; a late result is still taken over.',
    ),
  ].join('\n');
  const question = plainText(t('Give up on the job of {0}?', visibleText(item.key, 200)));
  if ((await vs.window.showWarningMessage(question, { modal: true, detail }, go)) !== go) throw cancelled();
}

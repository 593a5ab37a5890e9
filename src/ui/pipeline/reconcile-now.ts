import type * as vscode from 'vscode';
import { findPipeline } from '../../app/stack/pipeline.ts';
import { reconcileNow } from '../../app/stack/reconcile-now.ts';
import type { ReconcilerSummary } from '../../core/stack/reconciler-run.ts';
import type { ViewNode } from '../base/node.ts';
import { plainText } from '../base/register-command.ts';
import { withViewProgress } from '../base/view-progress.ts';
import { withSessionToWrite } from '../connection/with-session.ts';
import type { ScopeContext } from '../watch/scope-context.ts';
import { didWords } from './reconciler-words.ts';

/**
 * "Reconcile Now": asks Ittybit at once about the files without a callback, of one batch or of all. We do not ask first,
 * as the reconciler does the same each minute.
 * @param node a batch of the Batches view; any other row, or none: the whole stack
 * @throws DeployError as `findPipeline`, and `no-reconciler`; MediaBatchError `reconcile-failed`, AwsError
 */
export async function reconcileNowCommand(
  ui: Pick<ScopeContext, 'vs' | 'log' | 'connection' | 'memory' | 'scopes'>,
  node?: ViewNode,
): Promise<void> {
  const { vs, log, scopes } = ui;
  const batch = batchOf(node);
  const summary = await withSessionToWrite(ui, async ({ stackName, services }) => {
    const title = vs.l10n.t('Reconciling…');
    const done = await withViewProgress(
      vs,
      batch === undefined ? 'mediaBatch.pipeline' : 'mediaBatch.batches',
      title,
      async () =>
        reconcileNow(stackName, await findPipeline(stackName, services.stacks), services.reconciler, batch),
    );
    log.info(`${stackName}: reconciled ${batch ?? 'all batches'}: ${JSON.stringify(done)}`);
    return done;
  });
  void scopes.present.refresh();
  await vs.window.showInformationMessage(plainText(outcomeWords(vs, summary)));
}

function outcomeWords(vs: typeof vscode, { busy, did }: ReconcilerSummary): string {
  const { t } = vs.l10n;
  if (busy) return t('The reconciler is at work already: look again in a minute.');
  const words = didWords(vs, did);
  return words.length > 0
    ? t('The reconciler ran: {0}.', words.join(', '))
    : t('The reconciler ran and found nothing to do.');
}

function batchOf(node: ViewNode | undefined): string | undefined {
  const { batch } = (node?.data ?? {}) as { batch?: unknown };
  return node?.tokens.includes('batch') && typeof batch === 'string' ? batch : undefined;
}

import { askItem } from '../base/ask.ts';
import { formatCount } from '../base/format.ts';
import type { BatchesContext } from '../batches/batches-context.ts';
import type { BatchData } from '../batches/batch-rows.ts';
import type { ViewNode } from '../base/node.ts';

/**
 * "Stop Enqueue": ends the enqueue, which then says how to resume it. Files that were sent stay sent.
 * @param node the batch; absent: the user chooses one when several run
 * @throws AbortError on Escape
 */
export async function stopEnqueueCommand(
  { vs, enqueues }: Pick<BatchesContext, 'vs' | 'enqueues'>,
  node?: ViewNode,
): Promise<void> {
  const { t } = vs.l10n;
  const batch = (node?.data as Partial<BatchData> | undefined)?.batch;
  const runs = [...enqueues.all].filter(([id]) => batch === undefined || id === batch);
  const [first] = runs;
  if (!first) {
    await vs.window.showInformationMessage(t('No enqueue runs in this window.'));
    return;
  }
  if (runs.length === 1) {
    first[1].stop();
    return;
  }
  const items = runs.map(([id, run]) => ({
    label: id,
    description: t('{0} files sent', formatCount(vs, run.progress.sent)),
    run,
  }));
  (await askItem(vs, items, { title: t('Stop Enqueue') })).run.stop();
}

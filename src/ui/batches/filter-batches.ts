import { askItem, askText } from '../base/ask.ts';
import type { BatchesContext } from './batches-context.ts';
import type { BatchesView } from './batches-view.ts';

/**
 * "Filter Batches…": shows only the batches whose bucket or prefix contains a text, or only those with failures.
 * @throws AbortError on Escape, which leaves the filter as it is
 */
export async function filterBatchesCommand(
  { vs }: Pick<BatchesContext, 'vs'>,
  view: Pick<BatchesView, 'filter' | 'setFilter'>,
): Promise<void> {
  const { t } = vs.l10n;
  const title = t('Filter Batches');
  const byText = { label: t('By bucket or prefix…') };
  const byFailure = { label: t('With failed or dead files') };
  const all = { label: t('Show all') };
  const items = [byText, byFailure, ...(view.filter ? [all] : [])];
  const choice = await askItem(vs, items, { title, placeHolder: t('Which batches should be shown?') });
  if (choice === all) view.setFilter(undefined);
  else if (choice === byFailure) view.setFilter({ text: '', failed: true });
  else {
    const text = await askText(vs, {
      title,
      prompt: t('Part of the bucket or the prefix; case does not matter'),
      value: view.filter?.text ?? '',
    });
    view.setFilter(text === '' ? undefined : { text, failed: false });
  }
}

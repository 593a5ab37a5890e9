import type * as vscode from 'vscode';
import { prefixUri } from '../../core/files/s3-location.ts';
import { askItem } from '../base/ask.ts';
import { readPins, removePin } from './pins.ts';
import { pickText } from '../base/pick-text.ts';
import { placeOf } from './bucket-rows.ts';
import type { ViewNode } from '../base/node.ts';

/**
 * "Unpin": removes a place from the top of the Buckets view; nothing in S3 changes.
 * @param node the pinned row; absent: the user chooses one
 * @throws AbortError on Escape
 */
export async function unpinLocationCommand({ vs }: { vs: typeof vscode }, node?: ViewNode): Promise<void> {
  const { t } = vs.l10n;
  const given = placeOf(node);
  if (given) {
    await removePin(vs, given);
    return;
  }
  const items = readPins(vs).map((place) => ({ label: pickText(prefixUri(place)), place }));
  if (items.length === 0) {
    await vs.window.showInformationMessage(t('Nothing is pinned.'));
    return;
  }
  const { place } = await askItem(vs, items, { title: t('Unpin') });
  await removePin(vs, place);
}

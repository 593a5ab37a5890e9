import type * as vscode from 'vscode';
import { InvalidInputError, messageOf } from '../../core/errors.ts';
import { parseS3Prefix, prefixUri, type S3Prefix } from '../../core/files/s3-location.ts';
import { visibleText } from '../../core/visible-text.ts';
import { askText } from '../base/ask.ts';
import { placeOf } from './bucket-rows.ts';
import type { BucketsView } from './buckets-view.ts';
import type { ViewNode } from '../base/node.ts';

type Filtered = Pick<BucketsView, 'filter' | 'filterOf' | 'selected'>;

/**
 * "Filter by Prefix…": lets S3 list only keys that start with a text, so one file among 100,000 is on the first page.
 * @param node the bucket, pin or prefix; absent: the selected row
 * @throws AbortError on Escape
 */
export async function filterPrefixCommand(
  { vs }: { vs: typeof vscode },
  view: Filtered,
  node?: ViewNode,
): Promise<void> {
  const { t } = vs.l10n;
  const row = node ?? view.selected;
  const place = placeOf(row);
  if (!row || !place) {
    await vs.window.showInformationMessage(t('Select a bucket or a prefix in the Buckets view first.'));
    return;
  }
  const present = view.filterOf(row)?.slice(place.prefix.length) ?? '';
  const text = await askText(vs, {
    title: t('Filter by Prefix'),
    prompt: t(
      'How the names under {0} start, or a whole S3 address. Case-sensitive; empty shows everything.',
      visibleText(prefixUri(place)),
    ),
    value: present,
    placeHolder: '1999/reel',
    validate: (value) => problemOf(place, value),
  });
  // A user who accepts the text unchanged keeps the filter: the box cannot hold every character of a key.
  if (text === present.trim()) return;
  const prefix = filteredPrefix(place, text);
  view.filter(row, prefix === place.prefix ? undefined : prefix);
}

/** "Clear Prefix Filter": shows everything on that level again. */
export function clearPrefixFilterCommand(view: Filtered, node?: ViewNode): void {
  const row = node ?? view.selected;
  if (row) view.filter(row, undefined);
}

/**
 * Builds the key prefix to ask S3 for: the level's prefix and the text, unless the text is a whole address or path.
 * @param text `re`, `s3://bucket/1999/re`, or `1999/re` on the level `1999/`
 * @throws InvalidInputError for an address outside the level
 */
export function filteredPrefix({ bucket, prefix }: S3Prefix, text: string): string {
  if (!/^s3:\/\//i.test(text)) {
    const isPath = prefix !== '' && text.startsWith(prefix);
    return isPath ? text : prefix + text;
  }
  const place = parseS3Prefix(text);
  if (place.bucket === bucket && place.prefix.startsWith(prefix)) return place.prefix;
  throw new InvalidInputError(
    'filter',
    `This address is not under ${prefixUri({ bucket, prefix })}: filter its own bucket or prefix.`,
  );
}

function problemOf(place: S3Prefix, text: string): string | undefined {
  try {
    filteredPrefix(place, text);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

import type * as vscode from 'vscode';
import { isAbort, MediaBatchError, messageOf } from '../../core/errors.ts';
import type { Bucket, Level } from '../../core/files/bucket-store.ts';
import { parsePlaceAddress } from '../../core/files/object-address.ts';
import { prefixUri, type S3Prefix } from '../../core/files/s3-location.ts';
import { readPins, samePlace } from '../buckets/pins.ts';
import { pickText } from '../base/pick-text.ts';
import { BACK, pickOne, type StepFrame } from '../base/wizard.ts';
import type { EnqueueFlow } from './enqueue-flow.ts';

/** Folders a page. */
const FOLDERS = 1000;

/** An answer: a place, the file with keys instead, or where to look on. */
interface PlaceItem extends vscode.QuickPickItem {
  readonly take?: S3Prefix | 'file';
  readonly open?: S3Prefix;
}

type Flow = Pick<EnqueueFlow, 'ui' | 'session' | 'memory'>;

/**
 * Asks for a bucket and a prefix: by folders that are listed, or by an address, an ARN or a URL that is typed or pasted.
 * @param from where to begin; undefined: with all buckets
 * @returns the place, `file` for a file with keys instead of it, or BACK
 * @throws AbortError on Escape
 */
export async function askPlace(
  flow: Flow,
  frame: StepFrame,
  from: S3Prefix | undefined,
): Promise<S3Prefix | 'file' | typeof BACK> {
  const { vs } = flow.ui;
  let roots: Promise<PlaceItem[]> | undefined;
  const path: S3Prefix[] = from ? [from] : [];
  for (;;) {
    const place = path.at(-1);
    const items = place ? await folderItems(flow, place) : await (roots ??= rootItems(flow));
    const item = await pickOne(vs, frame, {
      placeHolder: place
        ? vs.l10n.t('All files under {0}, or a folder in it?', pickText(prefixUri(place)))
        : vs.l10n.t(
            'Which bucket or prefix? An s3:// address, an ARN or a URL of the AWS console can be typed',
          ),
      items,
      active: items[0],
      isInert: ({ open, take }) => !open && !take,
      typed: (text) => typedItems(vs, text, place, items),
    });
    if (item === BACK) {
      if (path.length === 0) return BACK;
      // Above the first one are all buckets.
      path.pop();
    } else if (item.open) path.push(item.open);
    else if (item.take) return item.take;
  }
}

async function rootItems(flow: Flow): Promise<PlaceItem[]> {
  const { vs } = flow.ui;
  const { t } = vs.l10n;
  const pins = readPins(vs);
  const last = flow.memory.last?.place;
  const buckets = await listBuckets(flow);
  const isNew = last && !pins.some((pin) => samePlace(pin, last));
  return [
    ...(isNew
      ? [{ label: `$(history) ${pickText(prefixUri(last))}`, description: t('last time'), open: last }]
      : []),
    ...pins.map((place) => ({ label: `$(pin) ${pickText(prefixUri(place))}`, open: place })),
    ...buckets.map(({ name, region }) => ({
      label: `$(database) ${pickText(name)}`,
      ...(region !== undefined && { description: region }),
      open: { bucket: name, prefix: '' },
    })),
    {
      label: t('$(list-unordered) From a File with Keys…'),
      description: t('JSON Lines, CSV, or a key a line'),
      take: 'file',
    },
  ];
}

/** Lists one page of buckets. Without the right to list them, the user can still type an address. */
async function listBuckets({ ui: { vs, log }, session }: Flow): Promise<readonly Bucket[]> {
  const options = { location: vs.ProgressLocation.Window, title: vs.l10n.t('Media Batch: listing buckets') };
  try {
    return (await vs.window.withProgress(options, () => session.services.buckets.buckets())).items;
  } catch (error) {
    if (isAbort(error)) throw error;
    log.warn(messageOf(error));
    return [];
  }
}

async function folderItems(flow: Flow, place: S3Prefix): Promise<PlaceItem[]> {
  const { t } = flow.ui.vs.l10n;
  const level = await listFolders(flow, place);
  const all: PlaceItem = {
    label: t('$(check) All files under {0}', pickText(prefixUri(place))),
    ...(level instanceof Error && { detail: pickText(level.message) }),
    take: place,
  };
  if (level instanceof Error) return [all];
  const { bucket, prefix } = place;
  const folders = level.prefixes.map((folder) => ({
    label: `$(folder) ${pickText(folder.slice(prefix.length))}`,
    open: { bucket, prefix: folder },
  }));
  const more = level.next === undefined ? [] : [{ label: t('There are more folders: type the name of one') }];
  return [all, ...folders, ...more];
}

async function listFolders({ ui: { vs, log }, session }: Flow, place: S3Prefix): Promise<Level | Error> {
  const options = { location: vs.ProgressLocation.Window, title: vs.l10n.t('Media Batch: listing folders') };
  try {
    return await vs.window.withProgress(options, () =>
      session.services.buckets.level({ ...place, max: FOLDERS }),
    );
  } catch (error) {
    if (isAbort(error) || !(error instanceof MediaBatchError)) throw error;
    log.warn(messageOf(error));
    return error;
  }
}

/** An address comes first. Within a place, any other text is the beginning of a name, and what is listed comes first. */
function typedItems(
  vs: typeof vscode,
  text: string,
  place: S3Prefix | undefined,
  items: readonly PlaceItem[],
): readonly PlaceItem[] {
  const { t } = vs.l10n;
  if (text === '') return items;
  const isAddress = /^(s3:\/\/|https?:\/\/|arn:)/i.test(text);
  const typed = place && !isAddress ? { ...place, prefix: place.prefix + text } : readAddress(text);
  if (typed instanceof Error) {
    // While a name is typed to filter the list, it need not be an address.
    return isAddress ? [{ label: `$(error) ${pickText(typed.message)}`, alwaysShow: true }] : items;
  }
  const label = t('$(edit) Everything that starts with {0}', pickText(prefixUri(typed)));
  const item: PlaceItem = { label, alwaysShow: true, take: typed };
  return isAddress ? [item, ...items] : [...items, item];
}

function readAddress(text: string): S3Prefix | MediaBatchError {
  try {
    return parsePlaceAddress(text);
  } catch (error) {
    if (error instanceof MediaBatchError) return error;
    throw error;
  }
}

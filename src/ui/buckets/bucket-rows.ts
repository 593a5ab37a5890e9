import type * as vscode from 'vscode';
import type { MediaBatchError } from '../../core/errors.ts';
import { formatBytes } from '../../core/files/byte-size.ts';
import type { Bucket, S3Object } from '../../core/files/bucket-store.ts';
import type { BatchFile } from '../../core/files/batch-file.ts';
import { prefixUri, s3Uri, type S3Location, type S3Prefix } from '../../core/files/s3-location.ts';
import { visibleText } from '../../core/visible-text.ts';
import { formatDay } from '../base/format.ts';
import type { ViewNode } from '../base/node.ts';
import { statusWords, type ObjectResult } from './object-status.ts';

/** How many prefixes and objects one request returns at most. */
export const PAGE_SIZE = 200;

/** The data of a row in the Buckets view, for commands: a level has a `prefix`, an object a `key`. */
export interface LevelData extends S3Prefix {
  /** the raw S3 address, for Copy Value */
  readonly value: string;
}
export interface ObjectData extends S3Location {
  readonly value: string;
  /** where its newest result is; absent where none is known */
  readonly result?: BatchFile;
}

/** The kinds of rows at the top. */
export type RootKind = 'pin' | 'bucket' | 'visit';

/** Where a level is: under which row at the top, and what it lists. */
export interface LevelPlace extends S3Prefix {
  /** id of the row at the top; it ends with `]`, so no part of a key can be mistaken for it */
  readonly root: string;
  readonly kind: RootKind | 'prefix';
}

export interface LevelLook {
  readonly region?: string | undefined;
  /** key prefix to ask S3 for instead of the row's own; it starts with the row's own */
  readonly filter?: string | undefined;
  /** prefix of the level above; the label leaves it out */
  readonly above?: string | undefined;
  readonly children: NonNullable<ViewNode['children']>;
}

const ICONS: Readonly<Record<LevelPlace['kind'], string>> = {
  pin: 'pin',
  bucket: 'database',
  visit: 'history',
  prefix: 'folder',
};

/** @returns a row at the top */
export function rootPlace(kind: RootKind, place: S3Prefix): LevelPlace {
  const { bucket, prefix } = place;
  return { bucket, prefix, kind, root: JSON.stringify([kind, bucket, prefix]) };
}

/** @returns the row's id; the ids of the levels below it in the same tree start with it */
export function levelId({ root, prefix }: Pick<LevelPlace, 'root' | 'prefix'>): string {
  return `${root}p${prefix}`;
}

/** @returns the row of a bucket, a pin or a prefix */
export function levelRow(vs: typeof vscode, place: LevelPlace, look: LevelLook): ViewNode {
  const { bucket, prefix, kind } = place;
  const { t } = vs.l10n;
  const { filter, region, above = '' } = look;
  const uri = prefixUri(place);
  const label = kind === 'prefix' ? prefix.slice(above.length) : prefix ? `${bucket}/${prefix}` : bucket;
  const shownFilter =
    filter === undefined ? undefined : t('filter: {0}', visibleText(filter.slice(prefix.length)));
  return {
    id: levelId(place),
    label: visibleText(label),
    description: [region, shownFilter].filter(Boolean).join(' · ') || undefined,
    tooltip: visibleText(uri, 2_000),
    icon: { id: ICONS[kind] },
    tokens: [
      'level',
      'value',
      kind,
      ...(kind === 'pin' ? ['pinned'] : []),
      ...(filter === undefined ? [] : ['filtered']),
    ],
    children: look.children,
    emptyHint:
      filter === undefined
        ? t('Nothing under this prefix: {0}', visibleText(uri))
        : t(
            'No key starts with {0}: change or clear the filter.',
            visibleText(prefixUri({ bucket, prefix: filter })),
          ),
    data: { bucket, prefix, value: uri } satisfies LevelData,
  };
}

/** @returns the place of a listed bucket */
export function bucketPlace({ name }: Bucket): LevelPlace {
  return rootPlace('bucket', { bucket: name, prefix: '' });
}

/**
 * @param result the object's newest result; undefined when it is not known
 * @returns the row of an object
 */
export function objectRow(
  vs: typeof vscode,
  { root, bucket }: Pick<LevelPlace, 'root' | 'bucket'>,
  object: S3Object,
  { above, result }: { above: string; result?: ObjectResult | undefined },
): ViewNode {
  const { key, size, lastModified, storageClass } = object;
  const uri = s3Uri({ bucket, key });
  const name = visibleText(key.slice(above.length)) || vs.l10n.t('(folder marker)');
  const status = statusWords(vs, result?.status);
  const facts = [formatBytes(size), lastModified && formatDay(vs, lastModified), status].filter(Boolean);
  const file = result && { batch: result.batch, bucket, key };
  return {
    id: `${root}o${key}`,
    label: name,
    description: facts.join(', '),
    tooltip: [visibleText(uri, 2_000), [...facts, storageClass].filter(Boolean).join(', ')].join('\n'),
    icon: { id: 'file' },
    tokens: [
      ...['object', 'value'],
      ...(file ? ['result'] : []),
      ...(result?.status === 'failed' || result?.status === 'dead' ? ['retriable'] : []),
    ],
    data: { bucket, key, value: uri, ...(file && { result: file }) } satisfies ObjectData,
  };
}

/** @returns the row to show when the buckets cannot be listed; pins next to it stay usable */
export function noBucketsRow(vs: typeof vscode, error: MediaBatchError): ViewNode {
  const advice =
    error.code === 'missing-permission'
      ? vs.l10n.t('Or pin a bucket or prefix that you may list.')
      : undefined;
  return {
    id: '/error',
    label: visibleText(error.message),
    description: advice,
    spoken: [visibleText(error.message), advice].filter(Boolean).join(' '),
    open: 'mediaBatch.showLog',
    tooltip: [error.message, advice].filter(Boolean).join('\n'),
    icon: { id: 'error', color: 'errorForeground' },
    tokens: ['error'],
    data: error,
  };
}

/** @returns the bucket and prefix of a row; undefined when it has none */
export function placeOf(node: ViewNode | undefined): S3Prefix | undefined {
  const { bucket, prefix } = (node?.data ?? {}) as Partial<Record<keyof LevelData, unknown>>;
  return typeof bucket === 'string' && typeof prefix === 'string' ? { bucket, prefix } : undefined;
}

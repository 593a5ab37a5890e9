import pMap from 'p-map';
import type { BatchMeta, BatchRecord } from '../../core/batch/batch.ts';
import type { BatchStore } from '../../core/batch/batch-store.ts';
import type { ResultItem } from '../../core/batch/result-item.ts';
import { keyParts } from '../../core/files/key-parts.ts';
import type { ObjectAddress } from '../../core/files/object-address.ts';
import { s3Uri, type S3Location } from '../../core/files/s3-location.ts';
import { batchProgress } from './batch-progress.ts';

/** How many of the newest batches are known by one request: 200 records of about 1 kB stay below its limit of 1 MB. */
const NEWEST = 200;
/** A bare key is asked for in this many places at most, all at once. */
const MAX_PLACES = 8;

/** What is known before a file is looked for. */
export interface KnownBatches {
  /** newest first */
  readonly metas: readonly BatchMeta[];
  /** records that have been read already, by batch */
  readonly records?: ReadonlyMap<string, BatchRecord> | undefined;
}

/** A batch that may still have the file in the work queue. */
export interface MayCome {
  readonly meta: BatchMeta;
  /** files of the batch that were sent and are not claimed yet */
  readonly queued: number;
  /** false: its enqueue has not finished, so the file may not have been sent yet */
  readonly enqueued: boolean;
}

export interface FoundFile {
  /** one for each batch that has claimed the file, newest first; empty where none has */
  readonly results: readonly ResultItem[];
  /** the objects that were asked for */
  readonly asked: readonly S3Location[];
  /** true: the key was not asked for in all buckets of the batches */
  readonly isPartial: boolean;
  /** where nothing was found: the batches whose prefix has the file */
  readonly mayCome: readonly MayCome[];
}

/** Reads the newest batches with one request. */
export async function newestBatches(
  table: string,
  batches: Pick<BatchStore, 'list'>,
  signal?: AbortSignal,
): Promise<readonly BatchMeta[]> {
  return (await batches.list(table, { limit: NEWEST }, signal)).items;
}

/**
 * Finds a file in all of its batches, however large the table is: one request for each place it may be at, which is one
 * for each bucket of the batches where the address names none. Where no batch has claimed it, one more at most tells
 * whether it may still come.
 * @throws AwsError, the signal's reason
 */
export async function findFile(
  address: ObjectAddress,
  known: KnownBatches,
  table: string,
  batches: Pick<BatchStore, 'resultsOf' | 'read'>,
  signal?: AbortSignal,
): Promise<FoundFile> {
  const places = placesOf(address, known.metas);
  const asked = places.slice(0, MAX_PLACES);
  const found = await pMap(asked, (place) => batches.resultsOf(table, place, signal), {
    concurrency: MAX_PLACES,
  });
  const results = found.flat().sort((a, b) => (a.created_at < b.created_at ? 1 : -1));
  const mayCome = results.length > 0 ? [] : await whatMayCome(asked, known, table, batches, signal);
  return { results, asked, isPartial: asked.length < places.length, mayCome };
}

/** A bare key may be in each bucket of the batches, and may have begun with the bucket: rows show it so. */
function placesOf({ bucket, key }: ObjectAddress, metas: readonly BatchMeta[]): S3Location[] {
  if (bucket !== undefined) return [{ bucket, key }];
  const buckets = [...new Set(metas.map((meta) => meta.bucket))];
  const named = buckets.filter((name) => key.startsWith(`${name}/`) && key.length > name.length + 1);
  return [
    ...named.map((name) => ({ bucket: name, key: key.slice(name.length + 1) })),
    ...buckets.map((name) => ({ bucket: name, key })),
  ];
}

/** Reads the newest batch that is not known to have ended, as what is known of it may be old. */
async function whatMayCome(
  places: readonly S3Location[],
  { metas, records }: KnownBatches,
  table: string,
  batches: Pick<BatchStore, 'read'>,
  signal: AbortSignal | undefined,
): Promise<MayCome[]> {
  const fitting = metas.filter(
    (meta) => !meta.brake?.cancelled && places.some((place) => takes(meta, place)),
  );
  const hasEnded = (record: BatchRecord | undefined): boolean =>
    record !== undefined && batchProgress(record).settled;
  const unread = fitting.find(({ batch }) => !hasEnded(records?.get(batch)));
  const read = unread && (await batches.read(table, unread.batch, signal));
  return fitting.flatMap((meta) => {
    const record = meta === unread ? read : records?.get(meta.batch);
    if (!record || record.meta?.brake?.cancelled) return [];
    const { queued, enqueued } = batchProgress(record);
    return queued > 0 || !enqueued ? [{ meta, queued, enqueued }] : [];
  });
}

function takes({ bucket, prefix, extensions }: BatchMeta, place: S3Location): boolean {
  const isUnder = s3Uri(place).startsWith(s3Uri({ bucket, key: prefix }));
  return isUnder && extensions.includes(keyParts(place.key).ext.toLowerCase());
}

import { fieldsOf, isAmount, isText } from '../foreign-json.ts';
import type { S3Object } from './bucket-store.ts';

/**
 * Reads an object as the reader of Step Functions' Distributed Map gives it (Developer Guide, "ItemReader", Amazon S3
 * objects): `Key`, `Size`, `Etag` in quotes, `LastModified` in seconds, `StorageClass`. The reader does not say whether an
 * archived object is restored.
 * @returns an object whose key is empty where it cannot be named
 */
export function readListedItem(item: unknown): S3Object {
  const { Key, Size, Etag, LastModified, StorageClass } = fieldsOf(item) ?? {};
  // U+FFFD stands for bytes that are no UTF-8, so the key may not be the stored one.
  const key = isText(Key) && !Key.includes('\uFFFD') ? Key : '';
  return {
    key,
    size: isAmount(Size) ? Size : 0,
    etag: isText(Etag) ? Etag.replaceAll('"', '') : '',
    lastModified: readDate(LastModified),
    storageClass: isText(StorageClass) ? StorageClass : undefined,
    restoring: false,
    restoredUntil: undefined,
  };
}

function readDate(value: unknown): Date | undefined {
  if (isAmount(value)) return new Date(value * 1000);
  const date = isText(value) ? new Date(value) : undefined;
  return date && !Number.isNaN(date.getTime()) ? date : undefined;
}

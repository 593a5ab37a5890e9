import { MediaBatchError } from '../errors.ts';
import { isText, type Fields } from '../foreign-json.ts';
import type { OutputOwner, SourceRecord } from './ledger.ts';
import { readResult, storedResult } from './result-codec.ts';
import { batchPk } from './table-keys.ts';

/**
 * Reads everything under a source's key.
 * @param items plain items, with their keys
 * @param batch the batch whose file is claimed
 * @throws MediaBatchError `unreadable-item` where the item of this batch, or of a batch that owns work, cannot be read
 */
export function readSourceItems(items: readonly Fields[], batch: string): SourceRecord {
  const owners = readOwners(items);
  const needed = new Set([batch, ...owners.values()].map(batchPk));
  const results = items.filter(({ sk }) => isText(sk) && sk.startsWith(batchPk('')));
  return {
    items: results.flatMap((item) => {
      if (needed.has(String(item['sk']))) return [storedResult(item)];
      return readResult(item) ?? [];
    }),
    owners,
  };
}

/** @returns the owning batch by work, of all items under a source's key; a work item that cannot be read is left out */
export function readOwners(items: readonly Fields[]): ReadonlyMap<string, string> {
  const owners = new Map<string, string>();
  for (const { sk, owner } of items) {
    if (isText(sk) && sk.startsWith('work#') && isText(owner)) owners.set(sk, owner);
  }
  return owners;
}

/** @throws MediaBatchError `unreadable-item` for an item that does not name an owner: a guess could lose a result */
export function readOutputOwner({ batch, bucket, key }: Fields, address: string): OutputOwner {
  if (isText(batch) && isText(bucket) && isText(key)) return { address, batch, bucket, key };
  throw new MediaBatchError(
    'unreadable-item',
    `The owner of ${address} cannot be read: correct or remove its item.`,
  );
}

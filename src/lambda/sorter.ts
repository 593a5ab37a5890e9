import { S3Client } from '@aws-sdk/client-s3';
import { FolderReader } from '../app/batch/folder-reader.ts';
import { sortListed, type SortedPart } from '../app/batch/sort-listed.ts';
import { plainListing } from '../aws/plain-listing.ts';
import { readRunOrder } from '../core/batch/cloud-run.ts';
import { fieldsOf } from '../core/foreign-json.ts';
import { readListedItem } from '../core/files/listed-item.ts';

const buckets = plainListing(new S3Client({}));
/** What the last run's folders hold: its next part is often in the same one. */
let known: { readonly run: string; readonly folders: FolderReader } | undefined;

/**
 * The one function of the cloud enqueue: decides about a part of a listing.
 * @param event `BatchInput.run`, and `Items` as the reader of the map gives them
 * @throws InvalidInputError for another event
 */
export async function sorter(event: unknown): Promise<SortedPart> {
  const { BatchInput, Items } = fieldsOf(event) ?? {};
  const order = readRunOrder(fieldsOf(BatchInput)?.['run']);
  const items = (Array.isArray(Items) ? Items : []).map(readListedItem);
  const run = `${order.batch}/${order.ordinal}`;
  if (known?.run !== run) known = { run, folders: new FolderReader(order, buckets) };
  return sortListed(order, items, known.folders, buckets);
}

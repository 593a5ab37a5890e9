import { countUpdate, type CountUpdate, type RunOrder } from '../../core/batch/cloud-run.ts';
import { encodeQueueMessage } from '../../core/batch/queue-message.ts';
import type { BucketStore, S3Object } from '../../core/files/bucket-store.ts';
import { keyParts } from '../../core/files/key-parts.ts';
import { OpenStems } from '../../core/files/open-stems.ts';
import { sharesStem } from '../../core/ittybit/output-address.ts';
import type { FolderReader } from './folder-reader.ts';
import { sortPages, type SortPage } from './page-sorter.ts';

/** SQS takes 10 messages a call (SQS API, SendMessageBatch). */
const CALL = 10;

/** What becomes of one part of a listing. Each message is `head` and one of the texts. */
export interface SortedPart {
  /** with what all messages begin: Step Functions carries it once, because an answer has at most 256 KiB */
  readonly head: string;
  readonly tens: readonly (readonly string[])[];
  readonly count: CountUpdate;
}

/**
 * Decides about one part of a listing as the enqueue in the editor does, with the same messages.
 * @param items one part of the listing, in its order and without gaps
 * @param folders those of the listing; the parts of one run may share it
 * @throws InvalidInputError `glob`; AwsError or the SDK's own error where a folder cannot be read
 */
export async function sortListed(
  order: RunOrder,
  items: readonly S3Object[],
  folders: FolderReader,
  buckets: Pick<BucketStore, 'pages'>,
): Promise<SortedPart> {
  const { batch, bucket } = order;
  const sort = sortPages(order, { folders });
  const stems = sharesStem(order.job) ? await stemsBefore(order, items, sort, buckets) : [];
  const { files, skipped } = await sort(items, stems);
  const bodies = files.map(({ key, etag, size }) => encodeQueueMessage({ batch, bucket, key, etag, size }));
  const head = commonStart(bodies);
  const tails = bodies.map((body) => body.slice(head.length));
  const tens = Array.from({ length: Math.ceil(tails.length / CALL) }, (_, i) =>
    tails.slice(i * CALL, (i + 1) * CALL),
  );
  const part = { order, firstKey: firstNamed(items), listed: items.length, sent: files.length, skipped };
  return { head, tens, count: countUpdate(part) };
}

/**
 * Finds the stems that are open before a part: only those that its first key begins with, because S3 lists by bytes. Where
 * the part has a key of such a stem, the keys before it are listed.
 * @returns what `OpenStems` packs
 */
async function stemsBefore(
  { bucket, prefix }: RunOrder,
  items: readonly S3Object[],
  sort: SortPage,
  buckets: Pick<BucketStore, 'pages'>,
): Promise<readonly string[]> {
  const first = firstNamed(items);
  const asked = new Set(items.map(({ key }) => keyParts(key).stem));
  const open = new OpenStems();
  for (const { index } of first.matchAll(/\./g)) {
    const stem = first.slice(0, index);
    if (!asked.has(stem) || !stem.startsWith(prefix.slice(0, stem.length))) continue;
    const start = prefix.startsWith(`${stem}.`) ? prefix : `${stem}.`;
    const before: S3Object[] = [];
    for await (const page of buckets.pages({ bucket, prefix: start, level: true })) {
      // What has another stem, as `clip.b.mov`, cannot be its first key.
      before.push(...page.filter(({ key }) => isBefore(key, first) && keyParts(key).stem === stem));
      if (page.some(({ key }) => key !== '' && !isBefore(key, first))) break;
    }
    const [taken] = (await sort(before, [])).files;
    if (taken) open.firstWithStem(taken.key);
  }
  return open.pack();
}

/** @returns the first key that can be read, which names the part among those of its run; empty without one */
function firstNamed(items: readonly S3Object[]): string {
  return items.find(({ key }) => key !== '')?.key ?? '';
}

/** In the order of a listing, by bytes. */
function isBefore(key: string, other: string): boolean {
  return Buffer.compare(Buffer.from(key), Buffer.from(other)) < 0;
}

/** @returns the longest text that all begin with and that does not end inside a character; empty for none */
function commonStart([first = '', ...others]: readonly string[]): string {
  let length = first.length;
  for (const other of others) {
    let same = 0;
    while (same < length && first[same] === other[same]) same += 1;
    length = same;
  }
  const start = first.slice(0, length);
  return start.isWellFormed() ? start : start.slice(0, -1);
}

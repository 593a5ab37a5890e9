import { isUnclear, isEnded, STATUSES, type ResultItem } from '../../core/batch/result-item.ts';
import { sum, type BatchProgress } from '../../app/batch/batch-progress.ts';
import { canonicalJson } from '../../core/ittybit/canonical-json.ts';
import { s3Uri } from '../../core/files/s3-location.ts';
import { LOCAL_TUNING } from '../cloud/deploy-locally.ts';
import type { CreateRequest } from '../ittybit/job-book.ts';
import type { JobEntry } from '../ittybit/job-entry.ts';

/** What must not happen. */
export const PROMISES = [
  'lost',
  'paidTwice',
  'forgedAccepted',
  'withoutReason',
  'open',
  'countsDiffer',
  'falseEnd',
  'sentAfterCancel',
] as const;
export type Promised = (typeof PROMISES)[number];

/** An invocation that has read of a batch before its cancel ends within this time: the consumer's limit. */
const IN_FLIGHT_MS = 20_000;
/** So many files are in flight at most. */
const IN_FLIGHT_FILES = LOCAL_TUNING.batchSize * LOCAL_TUNING.maximumConcurrency;

/** A promise that was broken, with everything that is known about it. */
export interface Broken {
  readonly promise: Promised;
  readonly what: string;
  readonly items: readonly ResultItem[];
  readonly jobs: readonly JobEntry[];
}

/** A dead letter as it lies in its queue. */
export interface FoundLetter {
  readonly input: string | undefined;
  readonly batch: string | undefined;
  /** undefined where its message names none */
  readonly reason: string | undefined;
}

/** What the stand-in, the table and the queue hold at the end. */
export interface Evidence {
  /** the files that each batch was to send, by its id; none of a cancelled one, which sends as many as it happens to */
  readonly wanted: ReadonlyMap<string, readonly string[]>;
  readonly items: readonly ResultItem[];
  /** what the product shows of each batch */
  readonly progress: ReadonlyMap<string, BatchProgress>;
  /** when the cancel of a batch was confirmed, epoch ms */
  readonly cancelledAt: ReadonlyMap<string, number>;
  /** dead letters at the end */
  readonly letters: readonly FoundLetter[];
  /** all dead letters that were seen on the way, too */
  readonly seenLetters: readonly FoundLetter[];
  readonly jobs: readonly JobEntry[];
  /** requests that would create a job */
  readonly creates: readonly CreateRequest[];
  readonly forgedAccepted: number;
  /** batches whose user said that what is done is paid again */
  readonly again: ReadonlySet<string>;
}

/** Judges the end of a run by what Ittybit, the table and the queues hold; the product's own numbers are only compared. */
export function audit(evidence: Evidence): Broken[] {
  const jobsOf = Map.groupBy(evidence.jobs, ({ input }) => input);
  const itemsOf = Map.groupBy(evidence.items, (item) => s3Uri(item));
  const about = (promise: Promised, what: string, input: string): Broken => ({
    ...{ promise, what },
    items: itemsOf.get(input) ?? [],
    jobs: jobsOf.get(input) ?? [],
  });
  return [
    ...lost(evidence).map(([batch, input]) => about('lost', `${input} of ${batch} has no end`, input)),
    ...paidTwice(evidence).map(([what, input]) => about('paidTwice', what, input)),
    ...withoutReason(evidence).map(([what, input]) => about('withoutReason', what, input)),
    ...evidence.items
      .filter(isOpen)
      .map((item) => about('open', `${s3Uri(item)} of ${item.batch} is ${item.status}`, s3Uri(item))),
    ...evidence.items.flatMap((item) => {
      const input = s3Uri(item);
      const what = falseEnd(item, { jobs: jobsOf.get(input) ?? [], items: itemsOf.get(input) ?? [] });
      return what === undefined ? [] : [about('falseEnd', what, input)];
    }),
    ...countsDiffer(evidence).map((what) => whole('countsDiffer', what)),
    ...sentAfterCancel(evidence).map((what) => whole('sentAfterCancel', what)),
    ...(evidence.forgedAccepted > 0
      ? [whole('forgedAccepted', `${evidence.forgedAccepted} forged callbacks were answered with 2xx`)]
      : []),
  ];
}

/** @returns true for a file that the product has to bring to an end */
export function isOpen(item: ResultItem): boolean {
  return (
    !isEnded(item.status) && !(item.status === 'dead' && (!isUnclear(item) || item.cannot_tell === true))
  );
}

/** A promise that is broken for no file in particular. */
function whole(promise: Promised, what: string): Broken {
  return { promise, what, items: [], jobs: [] };
}

/** Files with neither an item that has ended or still may, nor a letter with a reason. */
function lost({ wanted, items, letters }: Evidence): [batch: string, input: string][] {
  const known = new Set(items.map((item) => `${item.batch} ${s3Uri(item)}`));
  for (const { batch, input, reason } of letters) if (reason !== undefined) known.add(`${batch} ${input}`);
  return [...wanted].flatMap(([batch, inputs]) =>
    inputs
      .filter((input) => !known.has(`${batch} ${input}`))
      .map((input): [string, string] => [batch, input]),
  );
}

/** Two paid jobs for one file and one job content, or for one run of a file in one batch. */
function paidTwice({ jobs, again }: Evidence): [what: string, input: string][] {
  const paid = jobs.filter(({ status }) => status !== 'failed' && status !== 'cancelled');
  const contentOf = ({ input, kind, options, output, connection, metadata }: JobEntry) => {
    const { batch = '' } = metadata;
    return canonicalJson([input, kind, options, output, connection, again.has(batch) ? batch : null]);
  };
  // The path without its signature names the batch, the run and the file; its host is another one after a takeover.
  const runOf = ({ webhookUrl }: JobEntry) =>
    webhookUrl === null ? '' : new URL(webhookUrl).pathname.split('/').slice(0, -1).join('/');
  const doubled = [contentOf, runOf].flatMap((nameOf) =>
    [...Map.groupBy(paid, nameOf)].filter(([name, those]) => name !== '' && those.length > 1),
  );
  const inputs = new Map(doubled.map(([, those]) => [those[0]?.input ?? '', those.length]));
  return [...inputs].map(([input, count]) => [`${count} paid jobs for ${input}`, input]);
}

function withoutReason({ items, seenLetters }: Evidence): [what: string, input: string][] {
  const bare = seenLetters.filter(({ reason }) => reason === undefined);
  const dead = items.filter(({ status, error = '' }) => status === 'dead' && error === '');
  return [
    ...bare.map(({ input = '?' }): [string, string] => [`a letter of ${input} has no reason`, input]),
    ...dead.map((item): [string, string] => [`${s3Uri(item)} is dead without a reason`, s3Uri(item)]),
  ];
}

/**
 * @param of the jobs and the items of the item's file
 * @returns how the end of an item differs from what Ittybit did
 */
function falseEnd(item: ResultItem, of: Pick<Evidence, 'jobs' | 'items'>): string | undefined {
  const name = `${s3Uri(item)} of ${item.batch}`;
  if (item.status === 'succeeded' && !of.jobs.some(({ status }) => status === 'succeeded'))
    return `${name} succeeded without a job that has`;
  if (
    item.status === 'failed' &&
    item.covered_by === undefined &&
    !of.jobs.some(({ status }) => status === 'failed')
  )
    return `${name} failed without a job that has`;
  if (item.status === 'covered') {
    const owner = of.items.find(({ batch }) => batch === item.covered_by);
    if (owner?.status !== 'succeeded')
      return `${name} is covered by ${item.covered_by}, which has not succeeded`;
  }
  if (item.status !== 'dead' || isUnclear(item)) return undefined;
  const mine = of.jobs.find(
    ({ reference, status }) => reference === item.reference && status === 'succeeded',
  );
  return mine && `${name} is dead, and its job ${mine.id} has succeeded`;
}

/** What the product shows of a batch, beside its items. The counts leave out `submitting`. */
function countsDiffer({ wanted, items, progress, cancelledAt }: Evidence): string[] {
  const itemsOf = Map.groupBy(items, ({ batch }) => batch);
  return [...progress].flatMap(([batch, { sent, counts }]) => {
    const own = Map.groupBy(itemsOf.get(batch) ?? [], ({ status }) => status);
    const isCancelled = cancelledAt.has(batch);
    const counted = STATUSES.filter((status) => status !== 'submitting');
    const claimed = sum(counted.map((status) => own.get(status)?.length ?? 0));
    const differing = counted.flatMap((status) => {
      // Of a cancelled batch, what nobody has claimed is cancelled, and has no item.
      const unclaimed = isCancelled && status === 'cancelled' ? sent - claimed : 0;
      const there = (own.get(status)?.length ?? 0) + unclaimed;
      const told = counts[status];
      return told === there ? [] : [`batch ${batch} counts ${told} ${status}, and has ${there}`];
    });
    const planned = wanted.get(batch)?.length ?? 0;
    const isExact = isCancelled ? sent >= claimed : sent === planned;
    return isExact
      ? differing
      : [...differing, `batch ${batch} says that it sent ${sent}, of ${isCancelled ? claimed : planned}`];
  });
}

/** Requests for a cancelled batch that cannot have been in flight when it was cancelled: too late, or too many. */
function sentAfterCancel({ creates, cancelledAt }: Evidence): string[] {
  const ofBatch = Map.groupBy(creates, ({ batch }) => batch);
  return [...cancelledAt].flatMap(([batch, since]) => {
    const after = (ofBatch.get(batch) ?? []).filter(({ at }) => at > since);
    const late = after.filter(({ at }) => at > since + IN_FLIGHT_MS).length;
    const files = new Set(after.map(({ input }) => input)).size;
    return [
      ...(late > 0
        ? [`batch ${batch} has ${late} requests later than ${IN_FLIGHT_MS} ms after its cancel`]
        : []),
      ...(files > IN_FLIGHT_FILES ? [`batch ${batch} asks for ${files} files after its cancel`] : []),
    ];
  });
}

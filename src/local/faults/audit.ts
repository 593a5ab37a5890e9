import { isUnclear, isEnded, STATUSES, type ResultItem } from '../../core/batch/result-item.ts';
import type { StatusCounts } from '../../core/batch/batch.ts';
import { canonicalJson } from '../../core/ittybit/canonical-json.ts';
import { s3Uri } from '../../core/files/s3-location.ts';
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
] as const;
export type Promised = (typeof PROMISES)[number];

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
  /** the files that each batch was to send, by its id */
  readonly wanted: ReadonlyMap<string, readonly string[]>;
  readonly items: readonly ResultItem[];
  /** the counts of each batch */
  readonly counts: ReadonlyMap<string, StatusCounts>;
  /** dead letters at the end */
  readonly letters: readonly FoundLetter[];
  /** all dead letters that were seen on the way, too */
  readonly seenLetters: readonly FoundLetter[];
  readonly jobs: readonly JobEntry[];
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
      const what = falseEnd(item, evidence);
      return what === undefined ? [] : [about('falseEnd', what, s3Uri(item))];
    }),
    ...countsDiffer(evidence).map((what): Broken => ({ promise: 'countsDiffer', what, items: [], jobs: [] })),
    ...(evidence.forgedAccepted > 0
      ? [forged(`${evidence.forgedAccepted} forged callbacks were answered with 2xx`)]
      : []),
  ];
}

/** @returns true for a file that the product has to bring to an end */
export function isOpen(item: ResultItem): boolean {
  return (
    !isEnded(item.status) && !(item.status === 'dead' && (!isUnclear(item) || item.cannot_tell === true))
  );
}

function forged(what: string): Broken {
  return { promise: 'forgedAccepted', what, items: [], jobs: [] };
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
  // The address without its signature names the batch, the run and the file.
  const runOf = ({ webhookUrl }: JobEntry) => webhookUrl?.split('/').slice(0, -1).join('/') ?? '';
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

/** @returns how the end of an item differs from what Ittybit did */
function falseEnd(item: ResultItem, { jobs, items }: Evidence): string | undefined {
  const name = `${s3Uri(item)} of ${item.batch}`;
  const ofFile = jobs.filter(({ input }) => input === s3Uri(item));
  if (item.status === 'succeeded' && !ofFile.some(({ status }) => status === 'succeeded'))
    return `${name} succeeded without a job that has`;
  if (
    item.status === 'failed' &&
    item.covered_by === undefined &&
    !ofFile.some(({ status }) => status === 'failed')
  )
    return `${name} failed without a job that has`;
  if (item.status === 'covered') {
    const owner = items.find(
      ({ batch, bucket, key }) => batch === item.covered_by && s3Uri({ bucket, key }) === s3Uri(item),
    );
    if (owner?.status !== 'succeeded')
      return `${name} is covered by ${item.covered_by}, which has not succeeded`;
  }
  if (item.status !== 'dead' || isUnclear(item)) return undefined;
  const mine = ofFile.find(({ reference, status }) => reference === item.reference && status === 'succeeded');
  return mine && `${name} is dead, and its job ${mine.id} has succeeded`;
}

/** The counts leave out `submitting`. */
function countsDiffer({ items, counts }: Evidence): string[] {
  return [...counts].flatMap(([batch, told]) =>
    STATUSES.filter((status) => status !== 'submitting').flatMap((status) => {
      const there = items.filter((item) => item.batch === batch && item.status === status).length;
      return told[status] === there
        ? []
        : [`batch ${batch} counts ${told[status]} ${status}, and has ${there}`];
    }),
  );
}

import { isDeepStrictEqual } from 'node:util';
import pMap from 'p-map';
import { DEFAULT_JOB_OPTIONS, parseJobOptions, type JobOptions } from '../../core/ittybit/job-options.ts';
import type { BatchStore, IndexedWork } from '../../core/batch/batch-store.ts';
import type { SourceRecord } from '../../core/batch/ledger.ts';
import { DEFAULT_BATCH } from '../../core/batch/queue-message.ts';
import { STATUSES, type ResultItem, type Status } from '../../core/batch/result-item.ts';
import { workOf, type FileVersion } from '../../core/batch/work.ts';
import { s3Uri } from '../../core/files/s3-location.ts';
import type { StackOutputs } from '../../core/stack/stack-contract.ts';
import { eachBatch } from './all-batches.ts';
import { planIndex, readIndex, type IndexedBatch, type IndexList, type IndexPlan } from './done-index.ts';

/** The reads that find the earlier results of files. */
export type EarlierResults = Pick<BatchStore, 'list' | 'source' | 'read' | 'works'>;

/** An end without a result. All other statuses are one with a result, or none yet. */
const WITHOUT_RESULT: readonly Status[] = ['dead', 'failed', 'cancelled'];

/** A file in one of these has no job, and ends as cancelled where its batch is cancelled. */
const WITHOUT_JOB: readonly Status[] = ['submitting', 'retrying', 'waiting'];

/** Look-ups of earlier results under way at once: about 2 s for a page of 1,000 at 60 ms each. */
const LOOKUPS = 32;
/** So many files may be kept in memory, in about 150 bytes each; beyond them each file is looked up. */
const INDEX_LIMIT = 1_000_000;

/** Says of each file of a page, in this version, whether it is done or under way. */
export type AreDone = (page: readonly FileVersion[]) => Promise<readonly boolean[]>;

/**
 * Finds the files that need not be enqueued again: those whose work, which is this version of the file and this job
 * through the stack's present connection, is done or under way in another batch. Results of older stacks name no work
 * and no version; they count where their batch has exactly the same job. It does not see files that no consumer has
 * claimed yet, which the claim then keeps from being paid twice.
 * @param except the batch that is being enqueued; files that it has an item of do not count as done
 * @returns a look-up: a query for each file, until to read the index of the batches takes no more queries than were made. It
 * makes no request where no batch can have done the work
 * @throws AwsError
 */
export async function findDoneBefore(
  job: JobOptions,
  except: string | undefined,
  { resultsTable, connectionId }: Pick<StackOutputs, 'resultsTable' | 'connectionId'>,
  batches: EarlierResults,
  signal?: AbortSignal,
): Promise<AreDone> {
  // After parsing, both jobs have only the fields that are set.
  const wanted = parseJobOptions(job);
  const like = await batchesLike(wanted, except, resultsTable, batches, signal);
  const { same, similar, cancelled } = like;
  if (similar.size === 0) return (page) => Promise.resolve(page.map(() => false));
  const nameWork = (file: FileVersion): string => {
    // Some stores give no ETag, and an empty one counts as none in a message.
    const version = { ...file, etag: file.etag === '' ? undefined : file.etag };
    return workOf(version, { job: wanted, connectionId });
  };
  const hasResultOrMay = ({ status, batch }: ResultItem): boolean =>
    statusesOf(batch, cancelled).includes(status);
  const isDone = async (file: FileVersion): Promise<boolean> => {
    const source = await batches.source(resultsTable, file, signal);
    if (source.items.some(({ batch }) => batch === except)) return false;
    const owner = ownerOf(source, nameWork(file));
    if (owner && hasResultOrMay(owner)) return true;
    return source.items.some(
      (item) => item.work === undefined && same.has(item.batch) && hasResultOrMay(item),
    );
  };
  const index = new DoneIndex({ like, except, resultsTable, batches, signal });
  return async (page) => {
    const done = await index.ask(page.length);
    if (done) return page.map((file) => done(file, nameWork(file)));
    return pMap(page, isDone, { concurrency: LOOKUPS, ...(signal && { signal }) });
  };
}

/** @returns the statuses with a result, or with one to come */
function statusesOf(batch: string, cancelled: ReadonlySet<string>): readonly Status[] {
  const without = cancelled.has(batch) ? [...WITHOUT_RESULT, ...WITHOUT_JOB] : WITHOUT_RESULT;
  return STATUSES.filter((status) => !without.includes(status));
}

interface IndexParts {
  readonly like: LikeBatches;
  readonly except: string | undefined;
  readonly resultsTable: string;
  readonly batches: EarlierResults;
  readonly signal: AbortSignal | undefined;
}

type Judge = (file: FileVersion, work: string) => boolean;

/** What the index says of all files at once. It is read when that is cheaper than what was asked one by one. */
class DoneIndex {
  readonly #parts: IndexParts;
  /** the batches to read, and in which statuses; of the batch itself all, because its files do not count as done */
  readonly #wanted: readonly IndexedBatch[];
  #files = 0;
  #plan: IndexPlan | undefined;
  #judge: Judge | undefined;

  constructor(parts: IndexParts) {
    this.#parts = parts;
    const { like, except } = parts;
    const others = [...like.similar].filter((batch) => batch !== except);
    this.#wanted = others.map((batch) => ({ batch, statuses: statusesOf(batch, like.cancelled) }));
    if (except !== undefined) this.#wanted = [...this.#wanted, { batch: except, statuses: STATUSES }];
  }

  /** @param files how many are asked about now @returns undefined while a look-up for each is cheaper */
  async ask(files: number): Promise<Judge | undefined> {
    const { resultsTable, batches, signal } = this.#parts;
    this.#files += files;
    if (this.#judge) return this.#judge;
    if (this.#files <= 2 * this.#wanted.length) return undefined;
    this.#plan ??= await planIndex(resultsTable, this.#wanted, batches, signal);
    const items = this.#plan.lists.reduce((sum, list) => sum + list.files, 0);
    if (this.#plan.queries > this.#files || items > INDEX_LIMIT) return undefined;
    this.#judge = await this.#read(this.#plan);
    return this.#judge;
  }

  async #read(plan: IndexPlan): Promise<Judge> {
    const { like, except, resultsTable, batches, signal } = this.#parts;
    const own = new Set<string>();
    const done = new Set<string>();
    const take = ({ batch, status }: IndexList, works: readonly IndexedWork[]): void => {
      for (const { bucket, key, work } of works) {
        const file = s3Uri({ bucket, key });
        if (batch === except) own.add(file);
        // One that waits has another owner, which counts.
        else if (work !== undefined && status !== 'waiting') done.add(`${file} ${work}`);
        else if (work === undefined && like.same.has(batch)) done.add(file);
      }
    };
    await readIndex(resultsTable, plan, batches, take, signal);
    return (place, work) => {
      const file = s3Uri(place);
      return !own.has(file) && (done.has(`${file} ${work}`) || done.has(file));
    };
  }
}

/** An owner whose item names another work is no owner. */
function ownerOf({ items, owners }: SourceRecord, work: string): ResultItem | undefined {
  const owner = items.find(({ batch }) => batch === owners.get(work));
  return owner?.work === undefined || owner.work === work ? owner : undefined;
}

/** Batches by id; nothing else of them is kept in memory. */
interface LikeBatches {
  /** those with exactly this job; all but the excepted one are in `similar` */
  readonly same: ReadonlySet<string>;
  /** those that ask for the same result, which may be the same work by another connection or output */
  readonly similar: ReadonlySet<string>;
  readonly cancelled: ReadonlySet<string>;
}

async function batchesLike(
  wanted: JobOptions,
  except: string | undefined,
  table: string,
  batches: EarlierResults,
  signal: AbortSignal | undefined,
): Promise<LikeBatches> {
  const same = new Set<string>();
  const similar = new Set<string>();
  const cancelled = new Set<string>();
  // The batch of bare messages has no record unless a user wrote one.
  if (isDeepStrictEqual(wanted, DEFAULT_JOB_OPTIONS)) same.add(DEFAULT_BATCH);
  for await (const { batch, job, brake } of eachBatch(table, batches, signal)) {
    if (brake?.cancelled) cancelled.add(batch);
    if (isDeepStrictEqual(job, wanted)) same.add(batch);
    else same.delete(batch);
    const asksTheSame = job.kind === wanted.kind && isDeepStrictEqual(job.options, wanted.options);
    if (batch !== except && asksTheSame) similar.add(batch);
  }
  if (same.has(DEFAULT_BATCH)) similar.add(DEFAULT_BATCH);
  return { same, similar, cancelled };
}

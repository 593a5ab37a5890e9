import { isDeepStrictEqual } from 'node:util';
import { DEFAULT_JOB_OPTIONS, parseJobOptions, type JobOptions } from '../../core/ittybit/job-options.ts';
import type { BatchStore } from '../../core/batch/batch-store.ts';
import type { SourceRecord } from '../../core/batch/ledger.ts';
import { DEFAULT_BATCH } from '../../core/batch/queue-message.ts';
import type { ResultItem, Status } from '../../core/batch/result-item.ts';
import { workOf, type FileVersion } from '../../core/batch/work.ts';
import type { StackOutputs } from '../../core/stack/stack-contract.ts';

/** The two reads that find the earlier results of a file. */
export type EarlierResults = Pick<BatchStore, 'list' | 'source'>;

/** The index is read in pages of this size. */
const PAGE = 1000;
/** An end without a result. All other statuses are one with a result, or none yet. */
const WITHOUT_RESULT: readonly Status[] = ['dead', 'failed', 'cancelled'];

/** A file in one of these has no job, and ends as cancelled where its batch is cancelled. */
const WITHOUT_JOB: readonly Status[] = ['submitting', 'retrying', 'waiting'];

/** Says of a version of a file whether it is done or under way; one query for each. */
type IsDone = (file: FileVersion) => Promise<boolean>;

/**
 * Finds the files that need not be enqueued again: those whose work, which is this version of the file and this job
 * through the stack's present connection, is done or under way in another batch. Results of older stacks name no work
 * and no version; they count where their batch has exactly the same job. It does not see files that no consumer has
 * claimed yet, which the claim then keeps from being paid twice.
 * @param except the batch that is being enqueued; files that it has an item of do not count as done
 * @returns a look-up for one file; it makes no request where no batch can have done the work
 * @throws AwsError
 */
export async function findDoneBefore(
  job: JobOptions,
  except: string | undefined,
  { resultsTable, connectionId }: Pick<StackOutputs, 'resultsTable' | 'connectionId'>,
  batches: EarlierResults,
  signal?: AbortSignal,
): Promise<IsDone> {
  // After parsing, both jobs have only the fields that are set.
  const wanted = parseJobOptions(job);
  const { same, similar, cancelled } = await batchesLike(wanted, except, resultsTable, batches, signal);
  if (!similar) return () => Promise.resolve(false);
  const hasResultOrMay = ({ status, batch }: ResultItem) =>
    !WITHOUT_RESULT.includes(status) && !(cancelled.has(batch) && WITHOUT_JOB.includes(status));
  return async (file) => {
    const source = await batches.source(resultsTable, file, signal);
    if (source.items.some(({ batch }) => batch === except)) return false;
    // Some stores give no ETag, and an empty one counts as none in a message.
    const version = { ...file, etag: file.etag === '' ? undefined : file.etag };
    const owner = ownerOf(source, workOf(version, { job: wanted, connectionId }));
    if (owner && hasResultOrMay(owner)) return true;
    return source.items.some(
      (item) => item.work === undefined && same.has(item.batch) && hasResultOrMay(item),
    );
  };
}

/** An owner whose item names another work is no owner. */
function ownerOf({ items, owners }: SourceRecord, work: string): ResultItem | undefined {
  const owner = items.find(({ batch }) => batch === owners.get(work));
  return owner?.work === undefined || owner.work === work ? owner : undefined;
}

/**
 * @returns `same`: the ids of the batches with exactly this job; nothing else of them is kept in memory. `similar`:
 * there is one that asks for the same result, which may be the same work by another connection or output; `cancelled`:
 * the ids of the cancelled ones
 */
async function batchesLike(
  wanted: JobOptions,
  except: string | undefined,
  table: string,
  batches: EarlierResults,
  signal: AbortSignal | undefined,
): Promise<{ same: ReadonlySet<string>; similar: boolean; cancelled: ReadonlySet<string> }> {
  const same = new Set<string>();
  const cancelled = new Set<string>();
  let similar = false;
  // The batch of bare messages has no record unless a user wrote one.
  if (isDeepStrictEqual(wanted, DEFAULT_JOB_OPTIONS)) same.add(DEFAULT_BATCH);
  let next: string | undefined;
  do {
    const page = await batches.list(table, { limit: PAGE, next }, signal);
    for (const { batch, job, brake } of page.items) {
      if (brake?.cancelled) cancelled.add(batch);
      if (isDeepStrictEqual(job, wanted)) same.add(batch);
      else same.delete(batch);
      similar ||=
        batch !== except && job.kind === wanted.kind && isDeepStrictEqual(job.options, wanted.options);
    }
    next = page.next;
  } while (next !== undefined);
  return { same, similar: similar || same.has(DEFAULT_BATCH), cancelled };
}

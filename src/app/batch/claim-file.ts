import { claimStep, type ClaimFacts, type ClaimOutcome, type ClaimRequest } from '../../core/batch/claim.ts';
import type { Ledger, OutputOwner, SourceRecord } from '../../core/batch/ledger.ts';
import { isUnclear, type ResultItem } from '../../core/batch/result-item.ts';
import { RANK } from '../../core/batch/transitions.ts';
import { canonicalJson } from '../../core/ittybit/canonical-json.ts';
import { outputFor, type JobOptions } from '../../core/ittybit/job-options.ts';
import { s3Uri, type S3Location } from '../../core/files/s3-location.ts';
import { MAX_TRIES, tooManyRaces } from './change-item.ts';

/** What a claim reads besides the request. */
export interface ClaimServices {
  readonly ledger: Ledger;
  /** @returns the job of any batch; undefined where it is not known */
  readonly jobOf: (batch: string) => Promise<JobOptions | undefined>;
  readonly now: () => number;
}

/**
 * Claims a file: its item, its work and its output address in one transaction. The first try reads nothing, because
 * nearly always there is nothing.
 * @throws MediaBatchError `conflict` after 10 lost races, `unreadable-item`, and the table's own errors
 */
export async function claimFile(request: ClaimRequest, services: ClaimServices): Promise<ClaimOutcome> {
  const { ledger } = services;
  let facts = (await ledger.holdsOldResults()) ? await readFacts(request, services) : undefined;
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const { write, outcome } = claimStep(request, facts, services.now());
    if (!write || (await ledger.write(write))) return outcome;
    facts = await readFacts(request, services);
  }
  throw tooManyRaces();
}

async function readFacts(request: ClaimRequest, services: ClaimServices): Promise<ClaimFacts> {
  const { message, job } = request;
  const source = await services.ledger.readSource(message, message.batch);
  const adopted = await adoptedOwner(request, source, services);
  const address = outputFor(job, message);
  const owner = address === undefined ? undefined : await services.ledger.readOutput(address);
  if (!owner) return { source, adopted, output: undefined };
  const isSame = s3Uri(owner) === s3Uri(message);
  return { source, adopted, output: { owner, writers: isSame ? [] : await writersOf(owner, services) } };
}

/** The items of an address's owner, in all batches, that write to it, or may: their batch may be unknown. */
async function writersOf(owner: OutputOwner, services: ClaimServices): Promise<ResultItem[]> {
  const { items } = await services.ledger.readSource(owner, owner.batch);
  const jobs = await Promise.all(items.map(({ batch }) => services.jobOf(batch)));
  return items.filter((item, i) => {
    const job = jobs[i];
    return !job || outputFor(job, item) === owner.address;
  });
}

/**
 * Finds a batch of an older stack that did this work, or else one that may do it. Its items do not say with which
 * connection.
 */
async function adoptedOwner(
  { message, job, again }: ClaimRequest,
  { items }: SourceRecord,
  services: ClaimServices,
): Promise<string | undefined> {
  if (again) return undefined;
  const old = items.filter((one) => one.batch !== message.batch && mayOwn(one));
  for (const item of old.toSorted((a, b) => Number(isDone(b)) - Number(isDone(a)))) {
    const other = await services.jobOf(item.batch);
    if (other && sameResult(job, other, message)) return item.batch;
  }
  return undefined;
}

function mayOwn(item: ResultItem): boolean {
  if (item.work !== undefined || item.status === 'failed' || item.status === 'cancelled') return false;
  return RANK[item.status] > 0 || isUnclear(item);
}

function isDone({ status }: ResultItem): boolean {
  return status === 'succeeded';
}

function sameResult(one: JobOptions, other: JobOptions, file: S3Location): boolean {
  const [a, b] = [one, other].map((job) =>
    canonicalJson([job.kind, job.options, outputFor(job, file) ?? null]),
  );
  return a === b;
}

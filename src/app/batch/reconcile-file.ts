import type { BatchFile } from '../../core/files/batch-file.ts';
import { s3Uri } from '../../core/files/s3-location.ts';
import { later, postponed } from '../../core/batch/item-step.ts';
import { isEnded, isUnclear, type ResultItem } from '../../core/batch/result-item.ts';
import { repeatOf } from '../../core/batch/sent-request.ts';
import { lookedUp, mayLookAt, type LookUp } from '../../core/batch/look-up.ts';
import { cancelledUnpaid, reported, sentAgain } from '../../core/batch/transitions.ts';
import { MediaBatchError } from '../../core/errors.ts';
import { testimony, type PostOutcome } from '../../core/ittybit/dispatch-rules.ts';
import { followOwner } from './follow-owner.ts';
import { readableOrder } from './readable-order.ts';
import { fail, write, type ReconcileRun } from './reconcile-run.ts';
import type { StoredOrder } from '../../core/batch/batch-codec.ts';
import type { ReconcileServices } from './reconcile-services.ts';

/** One request to Ittybit may take this long, in ms. */
const CALL_MS = 10_000;
/** The same for the cheapest request. */
const WITNESS_MS = 5_000;
/** A job is silent for very long after this many times the wait for its callback. */
const SILENT_AFTER = 8;
/** Statuses of a wrong key, an unpaid account and a rate limit. */
const ABOUT_ALL = [401, 402, 429];

/** Looks at one file, and brings it on where it can. */
export async function reconcileFile(file: BatchFile, run: ReconcileRun): Promise<void> {
  const { services, summary, request } = run;
  const now = services.now();
  const item = await services.ledger.read(file);
  if (!item || !isOpen(item)) return;
  if (request.everything !== true && Date.parse(item.next_look_at ?? item.updated_at) > now) return;
  summary.looked += 1;
  if (item.job_id !== undefined && (item.status === 'submitted' || item.status === 'processing')) {
    const isEnd = await askForJob(item, item.job_id, run);
    if (!isEnd && now - Date.parse(item.updated_at) > SILENT_AFTER * services.patience.reconcileAfterMs)
      summary.silent += 1;
    return;
  }
  const order = await readableOrder(item.batch, services);
  const isCancelled = order?.brake.cancelled !== undefined && item.status !== 'dead';
  if (item.status === 'waiting' && !isCancelled) return followOwner(item, run);
  if (
    isUnclear(item) &&
    (item.status === 'dead' || isCancelled || !(await isRepeatable(item, order, services)))
  ) {
    return lookUp(item, isCancelled, run);
  }
  if (isCancelled) await write(item, cancelledUnpaid(item, now), run);
  else if (item.status === 'retrying' || item.status === 'submitting') await sendAgain(item, order, run);
}

function isOpen(item: ResultItem): boolean {
  return !isEnded(item.status) && (item.status !== 'dead' || isUnclear(item));
}

/** @returns true where the job has ended */
async function askForJob(item: ResultItem, jobId: string, run: ReconcileRun): Promise<boolean> {
  const { services } = run;
  const key = await keyFor(run);
  if (key === undefined) return false;
  const answer = await services.api.get(key, jobId, CALL_MS);
  const now = services.now();
  if ('failure' in answer) {
    // A job that is not there says nothing about the other requests.
    if (!isMissing(answer.failure)) await hear(key, answer.failure, run);
    await write(item, later(item, services.patience, now), run);
    return false;
  }
  // The id is that of our job, whatever its metadata says.
  const { reference, ...report } = answer.found;
  const next = reported(item, item, item.run, report, now);
  await write(item, next ?? later(item, services.patience, now), run);
  return next !== undefined && isEnded(next.status);
}

/** Only here is Ittybit asked whether there is a job, and only once no POST can be on its way any more. */
async function lookUp(item: ResultItem, isCancelled: boolean, run: ReconcileRun): Promise<void> {
  const { services } = run;
  const { patience, api } = services;
  const from = mayLookAt(item, patience);
  if (from > services.now()) {
    await write(item, postponed(item, from), run);
    return;
  }
  const key = await keyFor(run);
  if (key === undefined) return;
  const search: Awaited<ReturnType<typeof api.find>> =
    item.reference === undefined
      ? { unknown: 'the item has no reference' }
      : await api.find(key, item.reference, s3Uri(item), CALL_MS);
  // Where others are answered, such as with a key that makes the address too long, nobody will ever tell.
  const isTold = !('failure' in search) || (await hear(key, search.failure, run));
  const now = services.now();
  if (!isTold) {
    await write(item, postponed(item, now + patience.settleMs), run);
    return;
  }
  const said: LookUp = !('found' in search)
    ? 'cannot-tell'
    : search.found
      ? { found: search.found }
      : 'no-job';
  const isEnd = isCancelled && said === 'no-job';
  const next = isEnd
    ? cancelledUnpaid(item, now)
    : (lookedUp(item, said, patience, now) ?? later(item, patience, now));
  if ((await write(item, next, run)) && said === 'no-job' && next.status === 'retrying') {
    await sendAgain(next, await readableOrder(item.batch, services), run);
  }
}

/** The message is gone: the condition first, then one copy. A second copy would be harmless, a lost one would not. */
async function sendAgain(item: ResultItem, order: StoredOrder | undefined, run: ReconcileRun): Promise<void> {
  const { services, summary } = run;
  const { patience } = services;
  const now = services.now();
  const from = Date.parse(item.due_at ?? item.updated_at) + patience.settleMs;
  const isHeld = order?.brake.hold !== undefined;
  const free = isHeld ? Infinity : Math.max(from, await dispatchesSince(services));
  if (free > now) {
    await write(item, postponed(item, Math.min(free, now + patience.settleMs)), run);
    return;
  }
  if (!(await write(item, sentAgain(item, patience, now), run))) return;
  await services.send(item);
  summary.sentAgain += 1;
}

/** While dispatch is stopped, messages wait in the queue; after it resumes, they take some time to come back. */
async function dispatchesSince(services: ReconcileServices): Promise<number> {
  const { settleMs } = services.patience;
  const { state, at } = await services.dispatch();
  if (state !== 'running') return services.now() + settleMs;
  const resumedAt = Date.parse(at ?? '');
  return Number.isNaN(resumedAt) ? 0 : resumedAt + settleMs;
}

async function isRepeatable(
  item: ResultItem,
  order: StoredOrder | undefined,
  services: ReconcileServices,
): Promise<boolean> {
  if (!order) return false;
  try {
    return repeatOf(item, order.job, await services.sender(), services.now()) !== undefined;
  } catch (error) {
    // Without a usable signing key nothing can be repeated, so the job is looked for.
    if (error instanceof MediaBatchError) return false;
    throw error;
  }
}

/** @returns the API key; undefined where Ittybit is not to be asked in this run */
async function keyFor(run: ReconcileRun): Promise<string | undefined> {
  if (run.isAway) return undefined;
  try {
    const key = await run.services.apiKey();
    run.isAway = key === '';
    if (run.isAway) return undefined;
    run.summary.asked += 1;
    return key;
  } catch (error) {
    run.isAway = true;
    fail(error, run.failures);
    return undefined;
  }
}

function isMissing(failure: PostOutcome): boolean {
  return 'status' in failure && failure.status === 404;
}

/**
 * Is a failure about one request, or about all? A witness tells, but not of a key or a limit, which are about all.
 * @returns true where others are answered
 */
async function hear(key: string, failure: PostOutcome, run: ReconcileRun): Promise<boolean> {
  const isOfAll = 'status' in failure && ABOUT_ALL.includes(failure.status);
  const witness = isOfAll ? failure : await run.services.api.witness(key, WITNESS_MS);
  run.isAway = isOfAll || testimony('', witness).action !== 'reject';
  return !run.isAway;
}

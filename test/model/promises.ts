import { isEnded, type ResultItem } from '../../src/core/batch/result-item.ts';
import type { LedgerWrite } from '../../src/core/batch/ledger.ts';
import { isHeld } from '../../src/core/stack/dispatch-rules.ts';
import { runOf, type Job, type Request } from './model-ittybit.ts';
import type { Process } from './process.ts';
import type { World } from './world.ts';

/** A history that breaks a promise. */
export class BrokenPromise extends Error {
  override readonly name = 'BrokenPromise';

  constructor(promise: string, detail: string) {
    super(`${promise}: ${detail}`);
  }
}

/** A job is made: nothing is paid twice, and no two sources write to one address. */
export function checkJob(world: World, job: Job): void {
  world.say(`Ittybit makes ${job.id} for ${job.reference.replace(/^0+/, '')}`);
  const others = world.ittybit.jobs.filter((one) => one !== job && isPaid(one));
  const isOurs = (one: Job) => !world.writtenOff.has(one.reference);
  const twin = others.find((one) => one.identity === job.identity && isOurs(one));
  if (twin && isOurs(job)) throw new BrokenPromise('PAID TWICE', `${twin.id} and ${job.id}: ${job.identity}`);
  for (const one of world.ittybit.jobs) {
    if ((one.identity === job.identity) !== (one.work === job.work) && one.work !== '' && job.work !== '') {
      throw new BrokenPromise('WORK', `${one.identity} is ${one.work}, and ${job.identity} is ${job.work}`);
    }
  }
  const { output, input } = job.body;
  const rival = others.find(
    (one) => one.body['output'] === output && one.body['input'] !== input && isOurs(one),
  );
  if (output !== undefined && rival && isOurs(job)) {
    throw new BrokenPromise('OUTPUT TWICE', `${rival.id} and ${job.id} write to ${JSON.stringify(output)}`);
  }
}

/** A failed job costs nothing and writes nothing. */
function isPaid({ status }: Job): boolean {
  return status !== 'failed' && status !== 'cancelled';
}

/** A file's state changes: never back within a run, never dead without a reason, never covered by nothing. */
export function checkWrite(world: World, { before, next }: LedgerWrite): void {
  const name = `${next.batch}/${next.key}#${next.run}`;
  const writer = world.running;
  const isMoved = before?.status !== next.status;
  if (before && isMoved && isEnded(before.status) && before.run === next.run && before.given_up !== true) {
    throw new BrokenPromise('GOES BACK', `${name} ${before.status} -> ${next.status}`);
  }
  if (before && next.run < before.run) throw new BrokenPromise('GOES BACK', `${name} from run ${before.run}`);
  if (next.status === 'dead' && !next.error) throw new BrokenPromise('NO REASON', name);
  if (before?.status === 'dead' && next.status === 'submitting' && writer?.redrivenMs === undefined) {
    throw new BrokenPromise('REVIVED', `${name}: a stray copy brings back a dead file`);
  }
  if (next.status === 'covered' && isMoved && !covers(world, next)) {
    throw new BrokenPromise('FALSELY COVERED', `${name}: no job of ${String(next.work)} has succeeded`);
  }
  const job = world.ittybit.jobs.find(({ id }) => id === next.job_id);
  if (job && (runOf(job) !== next.run || !isSource(job, next))) {
    throw new BrokenPromise('WRONG JOB', `${name} takes ${job.id} of run ${runOf(job)}`);
  }
  if (writer && next.status === 'submitting') {
    writer.isRepeating = before !== undefined && before.reference === next.reference;
  }
  writeOff(world, writer, { before, next });
}

/**
 * Who redrives or retries a file whose cause is gone does not get the refusal of before. Only who must repeat what may
 * have been accepted can.
 */
export function checkReplay(world: World, { job, atMs }: { job: string | undefined; atMs: number }): void {
  const isOlder = atMs < (world.running?.redrivenMs ?? -Infinity);
  const isAnswered = isOlder && world.running?.isRepeating !== true;
  if (job === undefined && (world.isMended || isAnswered)) {
    throw new BrokenPromise(
      'OLD REFUSAL',
      `the ${String(world.running?.what)} is answered from a key's memory`,
    );
  }
}

function covers(world: World, item: ResultItem): boolean {
  const { work = '' } = item;
  return world.ittybit.jobs.some(
    (job) =>
      job.status === 'succeeded' && isSource(job, item) && (job.work === '' || job.work.endsWith(` ${work}`)),
  );
}

/** The jobs of files that a user gave up, or pays for again, are the user's to bear. */
function writeOff(world: World, writer: Process | undefined, { before, next }: LedgerWrite): void {
  const isGivenUp = writer?.what === 'giving up' && next.given_up === true && before?.given_up !== true;
  const isPaidAgain = writer?.what === 'pay again' && before !== undefined && before.run < next.run;
  if ((isGivenUp || isPaidAgain) && before?.reference !== undefined) world.writtenOff.add(before.reference);
}

function isSource({ body }: Request, { bucket, key }: ResultItem): boolean {
  return body['input'] === `s3://${bucket}/${key}`;
}

/** The counts are those of the items, at each moment. */
export function checkCounts({ ledger, deleted }: World): void {
  const items = ledger.recount();
  for (const [batch, counts] of ledger.counts) {
    // A late report of a deleted batch makes a count of its own, which nobody reads.
    if (deleted.has(batch)) continue;
    for (const [status, count] of Object.entries(counts)) {
      const real = items.get(batch)?.[status as ResultItem['status']] ?? 0;
      if (real !== count)
        throw new BrokenPromise('COUNTS', `${batch} ${status}: ${count}, and ${real} items`);
    }
  }
}

/** Nothing is sent while dispatch or the batch is stopped, by an invocation that has read of it after the stop. */
export function checkMaySend(world: World, process: Process, batch: string): void {
  const { dispatch, dispatchWrittenAt } = process.stack;
  if (isHeld(dispatch, world.now) && dispatchWrittenAt < process.readAt) {
    throw new BrokenPromise('SENT WHILE STOPPED', String(dispatch.reason));
  }
  const readAt = process.readOrders.get(batch) ?? 0;
  if ((world.cancelledAt.get(batch) ?? Infinity) < readAt)
    throw new BrokenPromise('SENT AFTER CANCEL', batch);
  if ((world.heldAt.get(batch) ?? Infinity) < readAt) throw new BrokenPromise('SENT WHILE HELD', batch);
}

/** Once faults have stopped and time has passed, every history has ended, and nothing is lost. */
export function checkEnd(world: World): void {
  for (const item of world.items) {
    const name = `${item.batch}/${item.key}#${item.run} is ${item.status}`;
    if (!isEnded(item.status) && item.status !== 'dead') throw new BrokenPromise('OPEN FOR EVER', name);
    if (item.status === 'succeeded' || item.status === 'covered') {
      if (item.output_url === undefined) throw new BrokenPromise('NO OUTPUT', name);
    }
  }
  for (const id of world.planned.keys()) {
    const [batch = '', key = ''] = id.split('/');
    // What was cancelled before its claim gets no item: it is counted as sent.
    if (!world.item(batch, key) && !world.cancelledAt.has(batch))
      throw new BrokenPromise('LOST', `${id} has no item`);
  }
  for (const job of world.ittybit.jobs) checkPaidJob(world, job);
  if (world.queue.work.length > 0) throw new BrokenPromise('OPEN FOR EVER', 'a message in the queue');
  for (const { attributes, body } of world.queue.letters) {
    if (!attributes['failure_reason']) throw new BrokenPromise('NO REASON', `the letter ${body}`);
  }
}

/** The result of a job that was paid is known to its file, unless the user has let it go. */
function checkPaidJob(world: World, job: Job): void {
  if (job.status !== 'succeeded' || world.writtenOff.has(job.reference)) return;
  const item = world.items.find((one) => one.reference === job.reference);
  const isKnown = item?.status === 'succeeded' || (item?.status === 'dead' && item.cannot_tell === true);
  if (!isKnown) {
    throw new BrokenPromise('PAID AND LOST', `${job.id}: its file is ${String(item?.status)}`);
  }
}

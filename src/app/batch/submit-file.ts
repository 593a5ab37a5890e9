import type { Granted } from '../../core/batch/claim.ts';
import { reasonAttributes, type FailureClass } from '../../core/batch/dead-letter.ts';
import { BRAKE_AFTER } from '../../core/batch/brake.ts';
import { DEFAULT_BATCH, type QueueMessage } from '../../core/batch/queue-message.ts';
import type { ResultItem } from '../../core/batch/result-item.ts';
import { accepted, buried, released } from '../../core/batch/transitions.ts';
import {
  decide,
  hiddenWaitMs,
  isWaitOfAll,
  MAX_SLEEP_MS,
  testimony,
  type Decision,
} from '../../core/ittybit/dispatch-rules.ts';
import { changeItem } from './change-item.ts';
import type { Delivery, DispatchServices, Disposal, Invocation } from './dispatch-services.ts';
import type { Turn } from './shared-pace.ts';
import { NO_SLOT_FREE } from './slots.ts';

/** One call to Ittybit may take this long, in ms; the function's own limit is 20 s. */
const CALL_MS = 10_000;
/** What is left of the invocation after a call, in ms: enough to write the table and to hide a message. */
const RESERVE_MS = 3_000;

/** Where no slot came in time, it comes back soon; each time later. */
const NO_SLOT: Decision = { action: 'not-yet', ms: 1_000, reason: NO_SLOT_FREE, mayHaveJob: false };
const NO_ANSWER = { networkError: NO_SLOT_FREE };

/** A file whose claim this invocation holds. */
export interface ClaimedFile extends Granted {
  readonly message: QueueMessage;
  readonly delivery: Delivery;
  readonly claim: string;
  readonly apiKey: string;
  readonly turn: Turn;
  /** files of the batch have ended in a row before this one */
  readonly streak: boolean;
}

/** POSTs until a decision ends the work of this invocation, and records it. */
export async function submitFile(
  file: ClaimedFile,
  invocation: Invocation,
  services: DispatchServices,
): Promise<Disposal> {
  for (let key = file.apiKey, isReread = false, isRefused = false; ;) {
    if (!(await hasSlot(file.turn))) return settle(file, NO_SLOT, services);
    const decision = await ask(file, key, invocation, services);
    if (decision.action === 'pause' && !isReread) {
      isReread = true;
      const stored = await services.apiKey(true);
      if (stored !== key && stored !== '') {
        key = stored;
        continue;
      }
    }
    if (decision.action === 'wait') {
      // A refusal that the pace does not learn of is at least kept by this file.
      const isLowest = await file.turn.refused(decision.ms).catch(() => undefined);
      if (isWaitOfAll(decision.ms, isLowest ?? false)) return stopForAll(file, decision, services);
      if (isLowest !== undefined && !isRefused) {
        isRefused = true;
        continue;
      }
    }
    return settle(file, decision, services);
  }
}

/** A pace that AWS does not give now is no slot: the claim of the file must be given back, and no attempt counted. */
function hasSlot(turn: Turn): Promise<boolean> {
  return turn.take().catch(() => false);
}

/** One POST. Where its status may be about all files, another request is asked to tell. */
async function ask(
  file: ClaimedFile,
  key: string,
  invocation: Invocation,
  services: DispatchServices,
): Promise<Decision> {
  const time = () => Math.max(1, Math.min(CALL_MS, invocation.deadlineMs - RESERVE_MS - services.now()));
  const { request, next } = file;
  const outcome = await services.api.post(key, next.reference ?? '', request.body, time());
  const decision = decide(outcome, next.attempts, services.random(), services.now());
  if (decision.action !== 'witness') return decision;
  const isFree = await hasSlot(file.turn);
  return testimony(decision.reason, isFree ? await services.api.witness(key, time()) : NO_ANSWER);
}

/** Records the decision and says what happens to the message. */
async function settle(file: ClaimedFile, decision: Decision, services: DispatchServices): Promise<Disposal> {
  switch (decision.action) {
    case 'accept':
      await record(file, decision.jobId, services);
      if (file.streak) await services.brakes.succeeded(file.message.batch);
      return { done: true, note: 'submitted' };
    case 'reject':
      return die(file, 'rejected', decision.reason, services);
    case 'retry':
      if (file.next.attempts >= services.maxAttempts) {
        return die({ ...file, wasUnclear: true }, 'attempts-exhausted', decision.reason, services);
      }
      return release(file, { ...decision, unclear: true, counts: true }, services);
    case 'not-yet': {
      // No attempt is counted, so the receives are what makes the pause grow.
      const ms = hiddenWaitMs(decision.ms, file.delivery.receiveCount);
      return release(file, { ...decision, ms, unclear: decision.mayHaveJob, counts: false }, services);
    }
    case 'wait': {
      const ms = hiddenWaitMs(decision.ms, file.delivery.receiveCount);
      return release(file, { ...decision, ms, unclear: file.wasUnclear, counts: false }, services);
    }
    case 'witness':
    case 'pause': {
      const { reason } = decision;
      const back = { ms: services.patience.settleMs, reason, unclear: file.wasUnclear, counts: false };
      const disposal = await release(file, back, services);
      await services.stop(reason);
      return { ...disposal, note: `dispatch paused: ${reason}` };
    }
  }
}

/** A quota, or a limit that no rate keeps: dispatch waits, longer each time that it is still there. */
async function stopForAll(
  file: ClaimedFile,
  { ms, reason }: { readonly ms: number; readonly reason: string },
  services: DispatchServices,
): Promise<Disposal> {
  const waitMs = Math.max(ms, MAX_SLEEP_MS);
  const disposal = await release(
    file,
    { ms: waitMs, reason, unclear: file.wasUnclear, counts: false },
    services,
  );
  await services.stop(reason, waitMs);
  return disposal;
}

async function record(file: ClaimedFile, jobId: string, services: DispatchServices): Promise<void> {
  const { ledger, patience, now } = services;
  const { reference = '' } = file.next;
  const change = (item: ResultItem | undefined) => accepted(item, { reference, jobId }, patience, now());
  await changeItem(ledger, file.message, change, { item: file.next });
}

/** Gives the claim back. */
async function release(
  file: ClaimedFile,
  { ms, reason, unclear, counts }: { ms: number; reason: string; unclear: boolean; counts: boolean },
  { ledger, patience, now }: DispatchServices,
): Promise<Disposal> {
  const attempt = { error: reason, unclear: unclear || file.wasUnclear, counts, backMs: ms };
  const change = (item: ResultItem | undefined) => released(item, file.claim, attempt, patience, now());
  await changeItem(ledger, file.message, change, { item: file.next });
  return { done: false, hideMs: ms, note: reason };
}

/** The copy goes out first: a crash in between costs a second dead letter, never the only one. */
export async function die(
  file: ClaimedFile,
  failureClass: FailureClass,
  reason: string,
  services: DispatchServices,
): Promise<Disposal> {
  const { ledger, patience, now } = services;
  await services.bury(file.delivery, reasonsOf(failureClass, reason, file.attempts + 1, now()));
  const end = { error: reason, unclear: file.wasUnclear, failureClass };
  const change = (item: ResultItem | undefined) => buried(item, file.claim, end, patience, now());
  await changeItem(ledger, file.message, change, { item: file.next });
  const inRow = await services.brakes.failed(file.message, reason);
  // Nobody could see that bare messages are held, so dispatch pauses for all, and says why.
  if (file.message.batch === DEFAULT_BATCH && inRow >= BRAKE_AFTER) {
    await services.stop(`${inRow} bare messages in a row ended so: ${reason}`);
  }
  return { done: true, note: `${failureClass}: ${reason}` };
}

/** @returns the reason of a dead letter as message attributes */
export function reasonsOf(
  failureClass: FailureClass,
  reason: string,
  attempts: number,
  now: number,
): Record<string, string> {
  return reasonAttributes({ failureClass, reason, attempts, failedAt: new Date(now).toISOString() });
}

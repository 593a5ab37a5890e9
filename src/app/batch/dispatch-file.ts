import { setTimeout as sleep } from 'node:timers/promises';
import type { ClaimRequest, Granted } from '../../core/batch/claim.ts';
import type { StoredOrder } from '../../core/batch/batch-codec.ts';
import { isRedriven } from '../../core/batch/dead-letter.ts';
import { heldHideMs } from '../../core/batch/brake.ts';
import { decodeQueueMessage, type QueueMessage } from '../../core/batch/queue-message.ts';
import type { Sender } from '../../core/batch/sent-request.ts';
import { unsendable } from '../../core/batch/transitions.ts';
import { InvalidInputError, MediaBatchError } from '../../core/errors.ts';
import { MAX_SLEEP_MS, noTurnHideMs } from '../../core/ittybit/dispatch-rules.ts';
import type { JobOptions } from '../../core/ittybit/job-options.ts';
import { unusableOutput } from '../../core/ittybit/output-address.ts';
import type { DispatchState } from '../../core/stack/dispatch-control.ts';
import { isHeld } from '../../core/stack/dispatch-rules.ts';
import { cancelFile } from './cancel-file.ts';
import { changeItem } from './change-item.ts';
import { claimFile } from './claim-file.ts';
import type { Delivery, DispatchServices, Disposal, Invocation } from './dispatch-services.ts';
import { readableOrder } from './readable-order.ts';
import type { Turn } from './shared-pace.ts';
import { NO_SLOT_FREE } from './slots.ts';
import { die, reasonsOf, submitFile } from './submit-file.ts';

/** SQS moves a message after 100 receives, without a reason. Ten fewer leave room for invocations that die. */
const LAST_RECEIVE = 90;

/** Codes of errors that are wrong for every file. */
const WRONG_FOR_ALL: readonly string[] = ['unusable-stack', 'unusable-signing-secret'];

const NO_KEY = 'no usable Ittybit API key is stored: run "Media Batch: Set Ittybit API Key"';

/**
 * Takes one message through the dispatch rules: claim, POST, record, and the answer for SQS.
 * @throws the error of AWS; the message then comes back after the visibility timeout, so nothing is lost
 */
export async function dispatchFile(
  delivery: Delivery,
  invocation: Invocation,
  services: DispatchServices,
): Promise<Disposal> {
  try {
    return await dispatch(delivery, invocation, services);
  } catch (error) {
    if (!(error instanceof MediaBatchError)) throw error;
    if (WRONG_FOR_ALL.includes(error.code)) return await paused(error.message, services);
    // A lost race says nothing about the file, which may be paid for.
    if (delivery.receiveCount < LAST_RECEIVE || error.code === 'conflict') throw error;
    return bury(delivery, error.message, services);
  }
}

async function dispatch(
  delivery: Delivery,
  invocation: Invocation,
  services: DispatchServices,
): Promise<Disposal> {
  const state = await services.slots.dispatch();
  if (state.state === 'waiting') await occupy(state, services);
  if (isHeld(state, services.now())) return heldBack(state, services);
  const turn = await services.slots.turn(delivery.receiveCount);
  // The invocation has waited, so the mapping has not taken the whole queue meanwhile.
  if (!turn) return noTurn(delivery);
  try {
    return await dispatchInTurn(delivery, invocation, turn, services);
  } finally {
    turn.leave();
  }
}

async function dispatchInTurn(
  delivery: Delivery,
  invocation: Invocation,
  turn: Turn,
  services: DispatchServices,
): Promise<Disposal> {
  const readable = await read(delivery, services);
  if ('disposal' in readable) return readable.disposal;
  const stopped = await stopOf(readable.message, readable.order, delivery, services);
  if (stopped) return stopped;
  // Before the claim: a secret that cannot be read must not count as an attempt.
  const [apiKey, sender] = await Promise.all([services.apiKey(false), services.sender()]);
  if (apiKey === '') return paused(NO_KEY, services);

  const { message, order } = readable;
  const request = claimRequest(delivery, invocation, message, order, sender, services);
  const outcome = await claimFile(request, {
    ledger: services.ledger,
    now: () => services.now(),
    // The job of another batch must not decide about this file where it cannot be read.
    jobOf: async (batch) => (await readableOrder(batch, services))?.job,
  });
  switch (outcome.type) {
    case 'done':
      return { done: true, note: outcome.note };
    case 'busy':
      return {
        done: false,
        hideMs: outcome.untilMs - services.now() + 1000,
        note: 'claimed by another delivery',
      };
    case 'granted': {
      const streak = order.brake.streak !== undefined;
      const file = { delivery, message, apiKey, turn, claim: request.claim, streak, ...outcome };
      const last = lastReason(outcome, order.job, delivery, services);
      return last
        ? die(file, last.failureClass, last.reason, services)
        : submitFile(file, invocation, services);
    }
  }
}

/** While an invocation waits, the mapping does not give it, and so hide and receive again, one message after the other. */
async function occupy({ until }: DispatchState, { now }: DispatchServices): Promise<void> {
  const leftMs = Date.parse(until ?? '') - now();
  if (leftMs > 0) await sleep(Math.min(leftMs, MAX_SLEEP_MS));
}

function noTurn({ receiveCount }: Delivery): Disposal {
  return { done: false, hideMs: noTurnHideMs(receiveCount), note: NO_SLOT_FREE };
}

/** A pause ends by hand, a wait at its time. */
function heldBack(
  { state, until, reason = '' }: DispatchState,
  { now, patience }: DispatchServices,
): Disposal {
  const { settleMs: pauseMs } = patience;
  if (state === 'paused') return { done: false, hideMs: pauseMs, note: `dispatch is paused: ${reason}` };
  const left = Date.parse(until ?? '') - now();
  return { done: false, hideMs: Math.min(left, pauseMs), note: `dispatch waits: ${reason}` };
}

/** A batch that is cancelled drains without a call; one that is held waits. */
async function stopOf(
  message: QueueMessage,
  { brake }: StoredOrder,
  { receiveCount }: Delivery,
  services: DispatchServices,
): Promise<Disposal | undefined> {
  if (brake.cancelled) return cancelFile(message, services);
  if (!brake.hold) return undefined;
  return {
    done: false,
    hideMs: heldHideMs(receiveCount, services.patience.settleMs),
    note: `batch ${message.batch} is held: ${brake.hold.reason}`,
  };
}

/** Why a claimed file is not submitted but becomes a dead letter. */
function lastReason(
  { attempts, error, refusal, next }: Granted,
  job: JobOptions,
  { receiveCount }: Delivery,
  { maxAttempts }: DispatchServices,
): { failureClass: 'attempts-exhausted' | 'rejected' | 'receive-count'; reason: string } | undefined {
  if (attempts >= maxAttempts) {
    // The last attempt ended without a record, for example in a crash.
    const reason = error ?? 'the consumer ended before it could submit the file';
    return { failureClass: 'attempts-exhausted', reason };
  }
  if (receiveCount >= LAST_RECEIVE) {
    return { failureClass: 'receive-count', reason: `received too often: ${error ?? 'no answer'}` };
  }
  const unusable = unusableOutput(job, next) ?? refusal;
  return unusable === undefined ? undefined : { failureClass: 'rejected', reason: unusable };
}

async function read(
  delivery: Delivery,
  services: DispatchServices,
): Promise<{ message: QueueMessage; order: StoredOrder } | { disposal: Disposal }> {
  let message: QueueMessage | undefined;
  try {
    message = decodeQueueMessage(delivery.body);
    const order = await services.order(message.batch);
    if (order) return { message, order };
    const reason = `The results table has no batch "${message.batch}".`;
    const disposal = await bury(delivery, reason, services);
    // The batch may have been removed since the file was claimed, but one that never was gets no item.
    await recordUnsendable(message, reason, false, services);
    return { disposal };
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    const disposal = await bury(delivery, error.message, services);
    if (message) await recordUnsendable(message, error.message, true, services);
    return { disposal };
  }
}

/**
 * The dead item is the record; without it the file would count as queued for ever.
 * @param mayMake false: only an item that is there becomes dead
 */
async function recordUnsendable(
  message: QueueMessage,
  reason: string,
  mayMake: boolean,
  { ledger, now, patience }: DispatchServices,
): Promise<void> {
  await changeItem(ledger, message, (item) =>
    item || mayMake ? unsendable(item, message, reason, patience, now()) : undefined,
  );
}

async function bury(delivery: Delivery, reason: string, services: DispatchServices): Promise<Disposal> {
  await services.bury(delivery, reasonsOf('unreadable', reason, 0, services.now()));
  return { done: true, note: `unreadable: ${reason}` };
}

async function paused(reason: string, services: DispatchServices): Promise<Disposal> {
  await services.stop(reason);
  return { done: false, hideMs: services.patience.settleMs, note: `dispatch paused: ${reason}` };
}

function claimRequest(
  delivery: Delivery,
  { id, deadlineMs, visibleAgainMs }: Invocation,
  message: QueueMessage,
  { job, again }: StoredOrder,
  sender: Sender,
  services: DispatchServices,
): ClaimRequest {
  return {
    ...{ message, job, again, sender, patience: services.patience, newReference: services.newReference() },
    isRedriven: isRedriven(delivery.attributes),
    claim: `${id}/${delivery.id}`,
    leaseUntilMs: deadlineMs + 1000,
    dueMs: visibleAgainMs,
  };
}

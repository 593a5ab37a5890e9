import { setTimeout as sleep } from 'node:timers/promises';
import { reasonAttributes, type FailureClass } from '../../core/batch/dead-letter.ts';
import { decide, PAUSE_HIDE_MS, type Decision, type PostOutcome } from '../../core/ittybit/dispatch-rules.ts';
import { InvalidInputError } from '../../core/errors.ts';
import { jobReference } from '../../core/ittybit/job-reference.ts';
import { webhookPath } from '../../core/ittybit/signed-address.ts';
import { jobRequest, replacedInOutput, type JobOptions } from '../../core/ittybit/job-options.ts';
import type { JobsApi } from '../../core/ittybit/jobs-api.ts';
import type { Ledger } from '../../core/batch/ledger.ts';
import { decodeQueueMessage, type QueueMessage } from '../../core/batch/queue-message.ts';
import { s3Uri } from '../../core/files/s3-location.ts';
import { IDEMPOTENCY_MS } from '../../core/batch/transitions.ts';

/** One call to Ittybit may take this long, in ms; the function's own limit is 20 s. */
const CALL_MS = 10_000;
/** What is left of the invocation after a call, in ms: enough to write the table and to hide a message. */
const RESERVE_MS = 3_000;

/** One delivery of one queue message. */
export interface Delivery {
  readonly id: string;
  readonly body: string;
  /** the message's fair-queue group, which its dead letter keeps */
  readonly group: string | undefined;
}

/** What the rules need; the consumer connects it to AWS, tests connect it to memory. */
export interface DispatchServices {
  readonly ledger: Ledger;
  readonly api: JobsApi;
  readonly connectionId: string;
  readonly webhookUrl: string;
  readonly maxAttempts: number;
  /** @returns the batch's job options, undefined where the batch is not known */
  jobOptions(batch: string): Promise<JobOptions | undefined>;
  /** @param fresh read past the cache. @returns empty where no key is stored */
  apiKey(fresh: boolean): Promise<string>;
  signingKey(): Promise<string>;
  /** Sends a copy to the dead-letter queue with the reason. */
  bury(delivery: Delivery, attributes: Record<string, string>): Promise<void>;
  /** Stops the event source mapping and records why. */
  pause(reason: string): Promise<void>;
  now(): number;
  random(): number;
}

/** The invocation that a file is dispatched in. */
export interface Invocation {
  readonly id: string;
  /** epoch ms at which Lambda ends it */
  readonly deadlineMs: number;
}

/** What happens to the message: it is deleted, or it is visible again after `hideMs`. */
export type Disposal = { done: true; note: string } | { done: false; hideMs: number; note: string };

/** A file whose claim this invocation holds. */
interface Claimed {
  readonly message: QueueMessage;
  readonly delivery: Delivery;
  readonly claim: string;
  readonly reference: string;
  readonly attempts: number;
  readonly apiKey: string;
  readonly body: unknown;
}

/**
 * Takes one message through the dispatch rules: claim, POST, record, and the answer for SQS.
 * @throws the error of AWS; the message then comes back after the visibility timeout, so nothing is lost
 */
export async function dispatchFile(
  delivery: Delivery,
  invocation: Invocation,
  services: DispatchServices,
): Promise<Disposal> {
  const readable = await read(delivery, services);
  if ('unreadable' in readable) {
    await services.bury(delivery, reasons('unreadable', readable.unreadable, 0, services.now()));
    return { done: true, note: `unreadable: ${readable.unreadable}` };
  }
  const { message, job } = readable;
  // Before the claim: a secret that cannot be read must not count as an attempt.
  const [apiKey, signingKey] = await Promise.all([services.apiKey(false), services.signingKey()]);
  const claim = `${invocation.id}/${delivery.id}`;
  const { next, refusal } = await services.ledger.apply(message, {
    type: 'claim',
    claim,
    leaseUntilMs: invocation.deadlineMs + 1000,
    reference: (run) => jobReference(message, job, run),
    kind: job.kind,
    maxAttempts: services.maxAttempts,
  });
  if (refusal?.type === 'busy') {
    return {
      done: false,
      hideMs: refusal.untilMs - services.now() + 1000,
      note: 'another delivery holds the claim',
    };
  }
  if (!next) return { done: true, note: 'already submitted' };

  const { reference, attempts } = next;
  const webhookUrl = `${services.webhookUrl}/${webhookPath(signingKey, message, next.run)}`;
  const { connectionId } = services;
  const body = jobRequest(job, { file: message, reference, webhookUrl, connectionId });
  const file: Claimed = { message, delivery, claim, reference, attempts, apiKey, body };
  if (refusal?.type === 'exhausted') {
    return die(file, 'attempts-exhausted', refusal.error, refusal.attempts, services);
  }
  const replaced = replacedInOutput(job, message);
  if (replaced !== undefined) {
    const reason = `Ittybit replaces names in braces in the output: rename the file or choose another output (${replaced}).`;
    return die(file, 'rejected', reason, attempts, services);
  }
  const firstPost = Date.parse(next.first_post_at ?? '');
  return submit(file, services.now() - firstPost > IDEMPOTENCY_MS, invocation, services);
}

async function read(
  delivery: Delivery,
  services: DispatchServices,
): Promise<{ message: QueueMessage; job: JobOptions } | { unreadable: string }> {
  try {
    const message = decodeQueueMessage(delivery.body);
    const job = await services.jobOptions(message.batch);
    return job ? { message, job } : { unreadable: `The results table has no batch "${message.batch}".` };
  } catch (error) {
    if (error instanceof InvalidInputError) return { unreadable: error.message };
    throw error;
  }
}

/** POSTs until a decision ends the work of this invocation. */
async function submit(
  file: Claimed,
  pastIdempotency: boolean,
  invocation: Invocation,
  services: DispatchServices,
): Promise<Disposal> {
  for (let key = file.apiKey, reread = false; ;) {
    const decision = await ask(file, key, pastIdempotency, invocation, services);
    if (decision.action === 'pause' && !reread) {
      reread = true;
      const stored = await services.apiKey(true);
      if (stored !== key) {
        key = stored;
        continue;
      }
    }
    const left = invocation.deadlineMs - services.now();
    if (decision.action === 'wait' && decision.ms + CALL_MS + RESERVE_MS < left) {
      await sleep(decision.ms);
      continue;
    }
    return settle(file, decision, services);
  }
}

/**
 * One call to Ittybit. After the idempotency key has expired it first looks for the job, because a second POST would be
 * paid.
 */
async function ask(
  file: Claimed,
  key: string,
  pastIdempotency: boolean,
  invocation: Invocation,
  services: DispatchServices,
): Promise<Decision> {
  if (key === '') {
    return {
      action: 'pause',
      httpStatus: 401,
      reason: 'no usable Ittybit API key is stored: run "Media Batch: Set Ittybit API Key"',
    };
  }
  const rule = (outcome: PostOutcome) => decide(outcome, file.attempts, services.random(), services.now());
  const time = () => Math.max(1, Math.min(CALL_MS, invocation.deadlineMs - RESERVE_MS - services.now()));
  if (pastIdempotency) {
    const found = await services.api.find(key, file.reference, s3Uri(file.message), time());
    if ('failure' in found) return notYetKnown(rule(found.failure));
    if (found.jobId !== undefined) return { action: 'accept', jobId: found.jobId };
  }
  return rule(await services.api.post(key, file.reference, file.body, time()));
}

/** A failed look-up says nothing about the file, so the look-up is repeated before the file is submitted. */
function notYetKnown(decision: Decision): Decision {
  if (decision.action !== 'reject' && decision.action !== 'accept') return decision;
  const reason = decision.action === 'reject' ? decision.reason : 'the list of jobs cannot be read';
  return { action: 'retry', ms: PAUSE_HIDE_MS, reason };
}

/** Records the decision and says what happens to the message. */
async function settle(file: Claimed, decision: Decision, services: DispatchServices): Promise<Disposal> {
  const { message, claim, reference, attempts } = file;
  switch (decision.action) {
    case 'accept':
      await services.ledger.apply(message, { type: 'submitted', reference, jobId: decision.jobId });
      return { done: true, note: 'submitted' };
    case 'wait':
      await services.ledger.apply(message, { type: 'deferred', claim, error: decision.reason });
      return { done: false, hideMs: decision.ms, note: decision.reason };
    case 'retry':
      if (attempts >= services.maxAttempts)
        return die(file, 'attempts-exhausted', decision.reason, attempts, services);
      await services.ledger.apply(message, { type: 'attempt-failed', claim, error: decision.reason });
      return { done: false, hideMs: decision.ms, note: decision.reason };
    case 'pause':
      await services.ledger.apply(message, { type: 'deferred', claim, error: decision.reason });
      await services.pause(decision.reason);
      return { done: false, hideMs: PAUSE_HIDE_MS, note: `dispatch paused: ${decision.reason}` };
    case 'reject':
      return die(file, 'rejected', decision.reason, attempts, services);
  }
}

/** The copy goes out first: a crash in between costs a second dead letter, never the only one. */
async function die(
  file: Claimed,
  failureClass: FailureClass,
  reason: string,
  attempts: number,
  services: DispatchServices,
): Promise<Disposal> {
  await services.bury(file.delivery, reasons(failureClass, reason, attempts, services.now()));
  await services.ledger.apply(file.message, { type: 'died', claim: file.claim, error: reason });
  return { done: true, note: `${failureClass}: ${reason}` };
}

function reasons(
  failureClass: FailureClass,
  reason: string,
  attempts: number,
  now: number,
): Record<string, string> {
  return reasonAttributes({ failureClass, reason, attempts, failedAt: new Date(now).toISOString() });
}

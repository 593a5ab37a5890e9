import { s3Uri } from '../files/s3-location.ts';
import { outputFor, type JobOptions } from '../ittybit/job-options.ts';
import { firstItem, iso, move, type Patience } from './item-step.ts';
import type { LedgerWrite, OutputOwner, SourceRecord } from './ledger.ts';
import type { QueueMessage } from './queue-message.ts';
import { isUnclear, leaseOf, type ResultItem } from './result-item.ts';
import { repeatOf, requestOf, type Sender, type SentRequest } from './sent-request.ts';
import { leftToLookUp } from './look-up.ts';
import { covered, RANK, waiting } from './transitions.ts';
import { verdictOn, workOf } from './work.ts';

/** Who claims a file, for which job, and with what. */
export interface ClaimRequest {
  readonly message: QueueMessage;
  /** the message has the reason of a dead letter: it was redriven */
  readonly isRedriven: boolean;
  readonly job: JobOptions;
  /** the batch's work is its own, as the user said */
  readonly again: boolean;
  readonly sender: Sender;
  /** the invocation and the message; a late invocation cannot change the claim of another one */
  readonly claim: string;
  /** epoch ms until which the claim holds: the invocation's end */
  readonly leaseUntilMs: number;
  /** epoch ms at which the message is received again if the invocation dies */
  readonly dueMs: number;
  /** 32 hexadecimal characters that nobody has used: the Idempotency-Key of a clear file */
  readonly newReference: string;
  readonly patience: Patience;
}

/** A claim that was granted, once its write has succeeded. */
export interface Granted {
  readonly type: 'granted';
  readonly next: ResultItem;
  readonly request: SentRequest;
  /** a POST of this reference may have been accepted before */
  readonly wasUnclear: boolean;
  /** attempts before this one, and the error of the last one */
  readonly attempts: number;
  readonly error: string | undefined;
  /** why the file cannot be submitted at all: another source writes to its output */
  readonly refusal: string | undefined;
}

/** What the table holds about the file that is claimed. */
export interface ClaimFacts {
  readonly source: SourceRecord;
  /** a batch of an older stack that did this work without a work item */
  readonly adopted: string | undefined;
  /** who owns the file's output address; where another source does, all of its items that may write there */
  readonly output: { readonly owner: OutputOwner; readonly writers: readonly ResultItem[] } | undefined;
}

/** What a claim leads to. Everything but `granted` and `busy` ends the message. */
export type ClaimOutcome =
  | Granted
  | { readonly type: 'done'; readonly note: string }
  | { readonly type: 'busy'; readonly untilMs: number };

/** The outcome, and what must be written first; a write that loses the race is decided anew. */
export interface ClaimStep {
  readonly write?: LedgerWrite;
  readonly outcome: ClaimOutcome;
}

/**
 * The rules of a claim: one paid job for one version of a file and one job, in all batches together (design, "One paid
 * job").
 * @param facts undefined: supposed to be nothing, which the write's conditions check
 * @param now epoch ms
 */
export function claimStep(request: ClaimRequest, facts: ClaimFacts | undefined, now: number): ClaimStep {
  const { message, patience } = request;
  const items = facts?.source.items ?? [];
  const item = items.find(({ batch }) => batch === message.batch);
  const repeat = item && isUnclear(item) ? repeatOf(item, request.job, request.sender, now) : undefined;
  const refused = item && refusal(item, request, repeat, now);
  if (refused) return refused;
  const work = (repeat && item?.work) ?? wantedWork(item, request);
  const from = facts?.source.owners.get(work);
  const owner = from ?? facts?.adopted ?? message.batch;
  const other = owner === message.batch ? undefined : items.find(({ batch }) => batch === owner);
  const means = owner === message.batch ? 'take' : repeat ? 'wait' : verdictOn(other, work);
  if (means === 'take')
    return granted(item, request, { repeat, work, from, other, output: facts?.output }, now);

  const base = item ?? newItem(request, now);
  const isCovered = means === 'cover' && other;
  const next = isCovered
    ? covered({ ...base, work }, other, now)
    : waiting(base, { owner, work }, patience, now);
  return {
    write: { before: item, next, ...(from === undefined && { work: { work, from, owner } }) },
    outcome: { type: 'done', note: `${isCovered ? 'covered by' : 'waits for'} batch ${owner}` },
  };
}

/** Why an item cannot be claimed now. */
function refusal(
  item: ResultItem,
  request: ClaimRequest,
  repeat: SentRequest | undefined,
  now: number,
): ClaimStep | undefined {
  if (RANK[item.status] > 0) return { outcome: { type: 'done', note: 'already submitted' } };
  const lease = leaseOf(item);
  if (lease > now) return { outcome: { type: 'busy', untilMs: lease } };
  if (item.status === 'dead' && !request.isRedriven) {
    return { outcome: { type: 'done', note: 'a stray copy of a dead letter' } };
  }
  if (isUnclear(item) && !repeat) {
    return {
      // An item of an older stack does not know its version, and the reconciler's message is made of the item.
      write: { before: item, next: leftToLookUp({ ...versionOf(request.message), ...item }, now) },
      outcome: { type: 'done', note: 'left to the reconciler, which looks for a job first' },
    };
  }
  return undefined;
}

function wantedWork(item: ResultItem | undefined, { message, job, again, sender }: ClaimRequest): string {
  const etag = item?.etag ?? message.etag;
  const { connectionId } = sender;
  return workOf({ ...message, etag }, { job, connectionId, ...(again && { again: message.batch }) });
}

function newItem({ message, job }: ClaimRequest, now: number): ResultItem {
  return { ...firstItem(message, now), kind: job.kind, ...versionOf(message) };
}

function versionOf({ etag, size }: QueueMessage): Pick<QueueMessage, 'etag' | 'size'> {
  return { ...(etag !== undefined && { etag }), ...(size !== undefined && { size }) };
}

/** The work that a claim takes. */
interface Taken {
  readonly repeat: SentRequest | undefined;
  readonly work: string;
  readonly from: string | undefined;
  /** the item of the owner before, which must not change meanwhile */
  readonly other: ResultItem | undefined;
  readonly output: ClaimFacts['output'];
}

function granted(item: ResultItem | undefined, request: ClaimRequest, taken: Taken, now: number): ClaimStep {
  const { message, job, sender, patience, dueMs } = request;
  const { repeat, work, from, other } = taken;
  const base = item ?? newItem(request, now);
  // A clear file gets a new reference, so that a remembered refusal does not come back.
  const reference = (repeat && item?.reference) ?? request.newReference;
  const sent = repeat ?? requestOf(message, { reference, run: base.run }, job, sender);
  // Only a redrive brings back a dead file, and gives it new attempts.
  const attempts = item?.status === 'dead' ? 0 : base.attempts;
  const output: OutputClaim = repeat ? {} : outputClaim(request, taken.output);
  const change = {
    ...{ claim: request.claim, lease_until_ms: request.leaseUntilMs, kind: job.kind },
    ...{ attempts: attempts + 1, reference, work, covered_by: undefined, unclear: undefined },
    // What is refused is never sent, so nobody may repeat it if this invocation dies.
    sent: output.refusal === undefined ? sent.mark : undefined,
    etag: base.etag ?? message.etag,
    exports: job.output === undefined ? undefined : true,
    first_post_at: repeat ? base.first_post_at : iso(now),
    last_post_at: iso(request.leaseUntilMs),
    due_at: iso(dueMs),
    next_look_at: iso(dueMs + patience.settleMs),
  };
  const next = move(base, 'submitting', change, now);
  const unchanged = [...(other ? [other] : []), ...(output.writers ?? [])];
  return {
    write: {
      before: item,
      next,
      work: { work, from, owner: message.batch },
      ...(output.take && { output: output.take }),
      ...(unchanged.length > 0 && { unchanged }),
    },
    outcome: {
      ...{ type: 'granted', next, request: sent, wasUnclear: repeat !== undefined, attempts },
      ...{ error: item?.error, refusal: output.refusal },
    },
  };
}

interface OutputClaim {
  readonly take?: NonNullable<LedgerWrite['output']>;
  /** the items of the source before, which must not change meanwhile */
  readonly writers?: readonly ResultItem[];
  readonly refusal?: string;
}

/** Two sources must not write to one address: the second result would replace the first. */
function outputClaim({ message, job }: ClaimRequest, present: ClaimFacts['output']): OutputClaim {
  const address = outputFor(job, message);
  if (address === undefined) return {};
  const { batch, bucket, key } = message;
  const owner = { address, batch, bucket, key };
  if (!present || s3Uri(present.owner) === s3Uri(message)) return { take: { owner, from: present?.owner } };
  // The owner may have failed after another batch of its source has succeeded.
  if (present.writers.every((item) => verdictOn(item, item.work ?? '') === 'take')) {
    return { take: { owner, from: present.owner }, writers: present.writers };
  }
  return {
    refusal: `${s3Uri(present.owner)} already writes to ${address}: choose an output that holds {key}.`,
  };
}

import type { Fault, FaultEffect, FaultScope } from '../ittybit/fault.ts';
import { troubles } from '../ittybit/troubles.ts';

/** About as long as the first backoff, so that the repeat of a request comes sometimes before and sometimes after. */
const SOON_MS = 3_000;

/** The first requests for a file go wrong, and the next one passes. */
const once = (scope: FaultScope): FaultScope => ({ ...scope, timesEach: 1 });
/** All attempts of a file go wrong, so that it becomes a dead letter; after a redrive it passes. */
const untilDead = (scope: FaultScope): FaultScope => ({ ...scope, timesEach: 3 });
const fault = (scope: FaultScope, effect: FaultEffect): Fault => ({ ...scope, effect });
/** A webhook, a list and the way to a job have no request of their own: the job's is theirs. */
const always = (effect: FaultEffect) => (scope: FaultScope) => [fault(scope, effect)];
const first = (effect: FaultEffect) => (scope: FaultScope) => [fault(once(scope), effect)];

/** The request is repeated before the callback comes, which would tell about the job first. */
const late = (scope: FaultScope) => fault(scope, { type: 'webhook_delayed', ms: 5_000, maxMs: 10_000 });
/** Only the repeat of a request, or a look-up, tells about the job. */
const unheard = (scope: FaultScope) => fault(scope, { type: 'webhook_lost' });

/**
 * What goes wrong with one file, as the stand-in's faults that make it. `lateMs` is the longest time after a request at
 * which its job may be made, or be in the lists: less than the time after which a look-up believes that there is none.
 */
export const FILE_FAULTS = {
  'callback-lost': always({ type: 'webhook_lost' }),
  'callback-late': always({ type: 'webhook_delayed', ms: 2_000, maxMs: 15_000 }),
  'callback-repeated': always({ type: 'webhook_duplicated' }),
  'callback-reordered': always({ type: 'webhook_out_of_order' }),
  'callback-bom': always({ type: 'webhook_bom' }),
  /** The emulator's gateway hands packed JSON on as a broken text, so that it is a callback that cannot be read. */
  'callback-unreadable': always({ type: 'webhook_gzipped' }),
  'callback-forged': (scope) => [
    fault(scope, { type: 'webhook_forged' }),
    // The job fails, so that a forged success that is believed shows.
    fault(scope, { type: 'job_fails' }),
    fault(scope, { type: 'webhook_lost', finalOnly: true }),
  ],
  'output-late': always({ type: 'output_late', ms: SOON_MS }),
  'output-long': always({ type: 'output_long', characters: 250_000 }),
  'job-failed': always({ type: 'job_fails', onlyInTask: true }),
  'job-cancelled': always({ type: 'job_cancelled' }),
  'answer-lost': (scope) => [fault(once(scope), { type: 'response_lost' }), late(scope)],
  'answer-lost-dead': (scope) => [fault(untilDead(scope), { type: 'response_lost' }), unheard(scope)],
  'answer-lost-unlisted': (scope, lateMs) => [
    fault(untilDead(scope), { type: 'response_lost' }),
    fault(scope, { type: 'unlisted', ms: lateMs }),
    unheard(scope),
  ],
  'answer-lost-untold': (scope) => [
    fault(untilDead(scope), { type: 'response_lost' }),
    fault(scope, { type: 'metadata_unlisted' }),
    unheard(scope),
  ],
  'accepted-late': first({ type: 'response_lost', afterMs: SOON_MS }),
  /** The last attempt makes its job when the file is a dead letter already. */
  'accepted-late-dead': (scope, lateMs) => [
    fault({ ...scope, timesEach: 2 }, { type: 'status', status: 503 }),
    fault(once(scope), { type: 'response_lost', afterMs: lateMs }),
    unheard(scope),
  ],
  'accepted-unnamed': (scope) => [...troubles.accepted_unnamed(once(scope)), late(scope)],
  'accepted-with-error': (scope) => [...troubles.accepted_with_error(once(scope)), late(scope)],
  'empty-answer': (scope) => troubles.empty_answer(once(scope)),
  'error-in-success': (scope) => troubles.error_in_success(once(scope)),
  'null-id': (scope) => troubles.null_id(once(scope)),
  'key-in-progress': (scope) => [...troubles.key_in_progress(scope), unheard(scope)],
  'server-error': first({ type: 'status', status: 503 }),
  'server-error-dead': (scope) => [fault(untilDead(scope), { type: 'status', status: 503 })],
  'no-answer': first({ type: 'hang' }),
  'firewall-page': (scope) => troubles.firewall_page(once(scope)),
  refused: first({ type: 'refused', status: 400, kind: 'invalid_input', message: 'cannot read input' }),
  'refused-until-mended': always({ type: 'refused', status: 422, kind: 'invalid_input', message: 'not yet' }),
  /** Somebody sends the file's message twice. */
  'message-doubled': () => [],
  /** The queue takes the file's message, and nobody receives it. */
  'message-never-seen': () => [],
  /** Somebody deletes the file's message while it waits for another attempt. */
  'message-lost': always({ type: 'status', status: 409, kind: 'conflict', message: 'in progress' }),
} as const satisfies Record<string, (scope: FaultScope, lateMs: number) => Fault[]>;

export type FileFault = keyof typeof FILE_FAULTS;

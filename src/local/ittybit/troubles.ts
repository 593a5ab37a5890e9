import { matches, type Fault, type FaultAnswer, type FaultScope } from './fault.ts';

const firewallPage: FaultAnswer = {
  status: 403,
  headers: { 'Content-Type': 'text/html' },
  rawBody:
    '<!DOCTYPE html><html><head><title>403 Forbidden</title></head><body>Request blocked.</body></html>',
};

/** Troubles with `POST /jobs` that real services and what stands in front of them cause, as the faults that make them. */
export const troubles = {
  /** 200 with an empty object; no job. */
  empty_answer: (scope) => [answer(scope, { status: 200, rawBody: '{}' })],
  /** 200 with an error in its body; no job. */
  error_in_success: (scope) => [
    answer(scope, { status: 200, rawBody: '{"error":{"message":"upstream is not available"}}' }),
  ],
  /** 201 with a job that has no id; no job. */
  null_id: (scope) => [answer(scope, { status: 201, rawBody: '{"id":null}' })],
  /** The job exists, but the answer does not name it. */
  accepted_unnamed: (scope) => [
    { ...scope, effect: { type: 'answer_replaced', status: 200, rawBody: '{}' } },
  ],
  /** The job exists, but the answer is an error of the server's. */
  accepted_with_error: (scope) => [{ ...scope, effect: { type: 'answer_replaced', status: 500 } }],
  /**
   * The first answer for an input is lost; the next ones (`timesEach`, absent: 2) say that a request with this key is in
   * progress. Needs a `match` that holds for an input at each request.
   */
  key_in_progress: ({ timesEach = 2, ...scope }) => [
    { ...scope, timesEach: 1, effect: { type: 'response_lost' } },
    {
      ...scope,
      timesEach,
      effect: {
        type: 'status',
        status: 409,
        kind: 'idempotency_in_progress',
        message: 'A request with this Idempotency-Key is in progress.',
      },
    },
  ],
  /** A firewall answers the creates that match with a page; everything else passes. */
  firewall_page: (scope) => [
    answer(
      { ...scope, match: (subject) => subject.method === 'POST' && matches(scope, subject) },
      firewallPage,
    ),
  ],
  /** Everything is at another path, whatever the scope matches. */
  wrong_path: ({ match: _, ...scope }) => [
    answer(scope, { status: 404, kind: 'not_found', message: 'There is nothing at this path.' }),
  ],
  /** Nothing takes the method that it is asked with, whatever the scope matches. */
  method_refused: ({ match: _, ...scope }) => [
    answer(scope, {
      status: 405,
      kind: 'method_not_allowed',
      message: 'This path does not take this method.',
    }),
  ],
} as const satisfies Record<string, (scope: FaultScope) => Fault[]>;

export type Trouble = keyof typeof troubles;

function answer(scope: FaultScope, given: FaultAnswer): Fault {
  return { ...scope, effect: { type: 'status', ...given } };
}

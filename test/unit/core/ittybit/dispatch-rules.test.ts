import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decide, retryAfterMs } from '../../../../src/core/ittybit/dispatch-rules.ts';

const NOW = Date.parse('2026-11-23T10:00:00Z');
const TWELVE_HOURS = 43_200_000;
const answer = (status: number, body = '', retryAfter?: string) => ({ status, body, retryAfter });

describe('decide', () => {
  it('follows the table of the dispatch rules', () => {
    const table: Record<string, number[]> = {
      accept: [200, 201, 202, 204, 299],
      wait: [429],
      retry: [408, 500, 502, 503, 504, 599],
      pause: [301, 302, 307, 308, 401, 402, 403],
      reject: [400, 404, 405, 409, 413, 415, 422, 451],
    };
    for (const [action, statuses] of Object.entries(table)) {
      for (const status of statuses)
        assert.equal(decide(answer(status), 1, 0, NOW).action, action, String(status));
    }
    assert.equal(decide({ networkError: 'reset' }, 1, 0, NOW).action, 'retry');
  });

  it('waits 5 s after a 429 that names no time, and spreads the return over a second', () => {
    const waits = (random: number, retryAfter?: string) =>
      decide(answer(429, '', retryAfter), 9, random, NOW) as { ms: number };
    assert.deepEqual([waits(0).ms, waits(1).ms, waits(0.5, '2').ms], [5000, 6000, 2500]);
    assert.equal(waits(0, 'soon').ms, 5000);
    assert.equal(waits(0, '0').ms, 0);
  });

  it('takes the job id of each published answer', () => {
    for (const body of ['{"id":"job_1"}', '{"data":{"id":"job_1"}}']) {
      assert.deepEqual(decide(answer(201, body), 1, 0, NOW), { action: 'accept', jobId: 'job_1' });
    }
    for (const body of ['', '{}', '{"id":7}', '{"id":""}', '{"id":null}', '{"data":{"id":["job_1"]}}']) {
      assert.deepEqual(decide(answer(201, body), 1, 0, NOW), { action: 'accept', jobId: undefined });
    }
  });

  it('takes no half of a character in an id, which DynamoDB would refuse after each paid POST', () => {
    const decision = decide(answer(201, '{"id":"job_\\ud83c"}'), 1, 0, NOW);
    assert.deepEqual(decision, { action: 'accept', jobId: 'job_\uFFFD' });
  });

  it("does not take a proxy's page for a job", () => {
    for (const body of ['<html>Please log in</html>', 'OK', 'null']) {
      assert.equal(decide(answer(200, body), 1, 0, NOW).action, 'retry', body);
    }
  });

  it("gives Ittybit's reason, cut to a readable length", () => {
    const reason = (body: string) => (decide(answer(400, body), 1, 0, NOW) as { reason: string }).reason;
    assert.equal(reason('{"kind":"invalid_input","message":"bad url"}'), 'invalid_input: bad url (HTTP 400)');
    assert.equal(reason('{"error":{"message":"bad url"}}'), 'bad url (HTTP 400)');
    assert.equal(reason('<html>oops</html>'), '<html>oops</html> (HTTP 400)');
    assert.equal(reason(' '), 'no reason given (HTTP 400)');
    assert.ok(reason('x'.repeat(9000)).length < 250);
    assert.ok(reason(`${'x'.repeat(199)}\u{1F3AC}`).isWellFormed());
    assert.ok(reason(JSON.stringify({ message: `${'x'.repeat(499)}\u{1F3AC}` })).isWellFormed());
  });

  it('backs off longer each time, within 12 hours, and never below what Retry-After asks', () => {
    const ms = (attempts: number, retryAfter?: string) =>
      (decide(answer(503, '', retryAfter), attempts, 0, NOW) as { ms: number }).ms;
    assert.deepEqual(
      [1, 2, 3].map((attempts) => ms(attempts)),
      [2500, 5000, 10_000],
    );
    assert.equal(ms(1, '60'), 60_000);
    assert.equal(ms(3, '1'), 10_000);
    for (const retryAfter of ['Infinity', '1e400', '99999999', 'Fri, 01 Jan 2999 00:00:00 GMT']) {
      assert.equal(ms(1, retryAfter), TWELVE_HOURS - 60_000, retryAfter);
    }
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.string(),
        (attempts, random, header) => {
          for (const outcome of [answer(429, '', header), answer(503, '', header), { networkError: '' }]) {
            const { ms } = decide(outcome, attempts, random, NOW) as { ms: number };
            assert.ok(ms >= 0 && ms < TWELVE_HOURS, String(ms));
          }
        },
      ),
    );
  });
});

describe('retryAfterMs', () => {
  it('reads seconds and dates', () => {
    assert.equal(retryAfterMs('120', NOW), 120_000);
    assert.equal(retryAfterMs(' 0.5 ', NOW), 500);
    assert.equal(retryAfterMs('Mon, 23 Nov 2026 10:01:00 GMT', NOW), 60_000);
    assert.equal(retryAfterMs('Mon, 23 Nov 2026 09:00:00 GMT', NOW), 0);
    assert.equal(retryAfterMs('-5', NOW), 0);
    assert.equal(retryAfterMs('0', NOW), 0);
    assert.equal(retryAfterMs('Infinity', NOW), Infinity);
  });

  it('ignores what it cannot read', () => {
    for (const header of [undefined, '', '  ', 'soon', 'NaN'])
      assert.equal(retryAfterMs(header, NOW), undefined);
  });
});

import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  decide,
  hiddenWaitMs,
  isWaitOfAll,
  MAX_HIDDEN_WAIT_MS,
  noTurnHideMs,
  retryAfterMs,
  testimony,
  type PostOutcome,
} from '../../../../src/core/ittybit/dispatch-rules.ts';

const NOW = Date.parse('2026-11-23T10:00:00Z');
const TWELVE_HOURS = 43_200_000;
const answer = (status: number, body = '', retryAfter?: string) => ({ status, body, retryAfter });
const PAGE = '<html>Please log in</html>';

describe('decide', () => {
  it('follows the table of the dispatch rules', () => {
    const table: Record<string, number[]> = {
      wait: [429],
      retry: [408, 500, 502, 503, 504, 599],
      'not-yet': [409, 423, 425],
      pause: [401, 402],
      witness: [301, 302, 307, 308, 403, 404, 405, 410, 415],
      reject: [400, 406, 411, 412, 413, 414, 416, 418, 421, 422, 424, 426, 428, 431, 451, 499],
    };
    for (const [action, statuses] of Object.entries(table)) {
      for (const status of statuses)
        assert.equal(decide(answer(status), 1, 0, NOW).action, action, String(status));
    }
    assert.equal(decide({ networkError: 'reset' }, 1, 0, NOW).action, 'retry');
  });

  it('takes the job id of each published answer', () => {
    for (const status of [200, 201, 202])
      for (const body of ['{"id":"job_1"}', '{"data":{"id":"job_1"}}'])
        assert.deepEqual(decide(answer(status, body), 1, 0, NOW), { action: 'accept', jobId: 'job_1' });
  });

  it('takes no 2xx for a job that does not name one, and asks again', () => {
    const noJob = [
      '',
      ' ',
      '{}',
      '[]',
      'null',
      '7',
      '"job_1"',
      'OK',
      PAGE,
      '{"id":7}',
      '{"id":""}',
      '{"id":null}',
    ];
    const nested = [
      '{"data":{"id":["job_1"]}}',
      '{"data":{}}',
      '{"error":{"message":"no credit"}}',
      '{"data":[{"id":"x"}]}',
    ];
    for (const status of [200, 201, 204, 299]) {
      for (const body of [...noJob, ...nested]) {
        const decision = decide(answer(status, body), 1, 0, NOW);
        assert.equal(decision.action, 'retry', `${status} ${body}`);
        assert.match((decision as { reason: string }).reason, /names no job/);
      }
    }
  });

  it('takes no half of a character in an id, which DynamoDB would refuse after each paid POST', () => {
    const decision = decide(answer(201, '{"id":"job_\\ud83c"}'), 1, 0, NOW);
    assert.deepEqual(decision, { action: 'accept', jobId: 'job_\uFFFD' });
  });

  it('says of a request that is under way that there may be a job', () => {
    assert.deepEqual(decide(answer(409, '', '7'), 1, 0, NOW), {
      ...{ action: 'not-yet', ms: 7000, mayHaveJob: true },
      reason: 'no reason given (HTTP 409)',
    });
  });

  it('waits 5 s after a 429 that names no time, and spreads the return over a second', () => {
    const waits = (random: number, retryAfter?: string) =>
      decide(answer(429, '', retryAfter), 9, random, NOW) as { ms: number };
    assert.deepEqual([waits(0).ms, waits(1).ms, waits(0.5, '2').ms], [5000, 6000, 2500]);
    assert.equal(waits(0, 'soon').ms, 5000);
    assert.equal(waits(0, '0').ms, 0);
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
  });

  it('waits for no longer than SQS hides a message, whatever Retry-After says', () => {
    const long = ['Infinity', '1e400', '99999999', 'Fri, 01 Jan 2999 00:00:00 GMT'];
    for (const status of [429, 503, 409])
      for (const retryAfter of long) {
        const { ms } = decide(answer(status, '', retryAfter), 1, 0, NOW) as { ms: number };
        assert.equal(ms, TWELVE_HOURS - 60_000, `${status} ${retryAfter}`);
      }
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1000 }),
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

describe('testimony', () => {
  const by = (witness: PostOutcome) => testimony('403', witness).action;

  it('rejects the file where the API answers others', () => {
    for (const body of ['[]', '[{"id":"job_1"}]', '{"data":[]}'])
      assert.equal(by(answer(200, body)), 'reject', body);
    assert.deepEqual(testimony('403', answer(200, '[]')), { action: 'reject', reason: '403' });
  });

  it('pauses where the key or the address is refused to others too', () => {
    for (const status of [301, 400, 401, 402, 403, 404, 405, 410])
      assert.equal(by(answer(status)), 'pause', String(status));
  });

  it('pauses where something else answers, such as the site at a wrong address or a login portal', () => {
    for (const body of [PAGE, '', 'OK', '"jobs"', 'null', '7'])
      assert.equal(by(answer(200, body)), 'pause', body);
  });

  it('believes nothing where the witness cannot be heard, and asks again', () => {
    for (const witness of [{ networkError: 'reset' }, answer(408), answer(429), answer(500), answer(503)]) {
      assert.deepEqual(testimony('403', witness), {
        action: 'not-yet',
        ms: 30_000,
        reason: '403',
        mayHaveJob: false,
      });
    }
  });
});

describe('a rate limit', () => {
  it('hides a message longer each time, up to 2 min, and never below what was asked', () => {
    assert.deepEqual(
      [1, 2, 3, 6, 90].map((receives) => hiddenWaitMs(5000, receives)),
      [5000, 10_000, 20_000, MAX_HIDDEN_WAIT_MS, MAX_HIDDEN_WAIT_MS],
    );
    assert.equal(hiddenWaitMs(3_600_000, 90), 3_600_000);
    assert.deepEqual([hiddenWaitMs(0, 1), hiddenWaitMs(0, 3)], [1000, 4000]);
    assert.ok(hiddenWaitMs(Infinity, 90) < TWELVE_HOURS);
  });

  it('makes all files wait where it is too long to be slept, or where no rate is low enough', () => {
    assert.equal(isWaitOfAll(10_000, false), false);
    assert.equal(isWaitOfAll(10_001, false), true);
    assert.equal(isWaitOfAll(0, true), true);
  });
});

describe('a file without a turn', () => {
  const hides = Array.from({ length: 90 }, (_, i) => noTurnHideMs(i + 1));
  const sumOf = (count: number): number => hides.slice(0, count).reduce((sum, ms) => sum + ms, 0);

  it('meets its last receive only after all the time that SQS keeps it', () => {
    assert.ok(sumOf(89) > 14 * 86_400_000, `${sumOf(89) / 86_400_000} days`);
    assert.ok(hides.every((ms) => ms < TWELVE_HOURS));
  });

  it('never waits much longer than it has waited already, and at first not long', () => {
    assert.ok(Math.max(...hides.slice(0, 5)) <= 120_000);
    for (const [i, ms] of hides.entries()) assert.ok(ms <= 120_000 + sumOf(i) / 6, `${i + 1}: ${ms} ms`);
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

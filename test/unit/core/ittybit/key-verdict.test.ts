import assert from 'node:assert/strict';
import { keyVerdict } from '../../../../src/core/ittybit/key-verdict.ts';

const answer = (status: number, body = '') => ({ status, retryAfter: undefined, body });

describe('keyVerdict', () => {
  it('takes a list of jobs, in either form, for a good key', () => {
    for (const body of ['[]', '[{"id":"job_1"}]', '{"data":[]}']) {
      assert.deepEqual(keyVerdict(answer(200, body)), { key: 'accepted' });
    }
  });

  it('takes a 401 alone for a bad key', () => {
    const refused = keyVerdict(answer(401, '{"kind":"token_invalid","message":"no such key"}'));
    assert.deepEqual(refused, { key: 'refused', reason: 'token_invalid: no such key (HTTP 401)' });
    for (const status of [200, 204, 301, 302, 400, 402, 403, 404, 408, 429, 500, 503]) {
      assert.equal(keyVerdict(answer(status, '<html>')).key, 'unknown', String(status));
    }
    assert.equal(keyVerdict({ networkError: 'no route' }).key, 'unknown');
  });
});

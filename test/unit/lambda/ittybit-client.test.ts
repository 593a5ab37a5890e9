import assert from 'node:assert/strict';
import { createJobsApi } from '../../../src/lambda/ittybit-client.ts';

describe('Ittybit client', () => {
  const original = globalThis.fetch;
  let requests: { url: string; init: RequestInit }[];
  let respond: () => Promise<Response>;
  const api = createJobsApi('https://api.example/v0//');

  beforeEach(() => {
    requests = [];
    globalThis.fetch = (async (url: string, init: RequestInit) => {
      requests.push({ url, init });
      return respond();
    }) as typeof fetch;
  });
  afterEach(() => {
    globalThis.fetch = original;
  });

  it('posts with the key, the reference and a time limit, and follows no redirect', async () => {
    respond = async () => new Response('{"id":"job_1"}', { status: 201, headers: { 'Retry-After': '7' } });
    const outcome = await api.post('secret', 'ref', { input: 's3://media/é.mp4' }, 1000);
    assert.deepEqual(outcome, { status: 201, retryAfter: '7', body: '{"id":"job_1"}' });
    const [request] = requests;
    assert.equal(request!.url, 'https://api.example/v0/jobs');
    const { method, headers, body, redirect, signal } = request!.init;
    assert.deepEqual([method, body, redirect], ['POST', '{"input":"s3://media/é.mp4"}', 'manual']);
    assert.deepEqual(headers, {
      'Content-Type': 'application/json',
      'Idempotency-Key': 'ref',
      Authorization: 'Bearer secret',
      Accept: 'application/json',
    });
    assert.ok(signal instanceof AbortSignal);
  });

  it('reports a missing answer as an outcome, without the key in its text', async () => {
    respond = async () => Promise.reject(new TypeError('fetch failed', { cause: new Error('ECONNRESET') }));
    const outcome = await api.post('secret', 'ref', {}, 1000);
    assert.deepEqual(outcome, { networkError: 'fetch failed (ECONNRESET)' });
  });

  it('finds a job by its reference in either form of the list', async () => {
    const jobs = [
      { id: 'job_0', metadata: null },
      { id: 'job_1', metadata: { reference: 'other' } },
      { id: 'job_2', metadata: { reference: 'ref' } },
    ];
    for (const list of [jobs, { data: jobs }]) {
      respond = async () => Response.json(list);
      assert.deepEqual(await api.find('secret', 'ref', 's3://media/a b&c.mp4', 1000), { jobId: 'job_2' });
    }
    assert.equal(
      requests[0]!.url,
      'https://api.example/v0/jobs?limit=100&input=s3%3A%2F%2Fmedia%2Fa%20b%26c.mp4',
    );
    respond = async () => Response.json([]);
    assert.deepEqual(await api.find('secret', 'ref', 's3://x', 1000), { jobId: undefined });
  });

  it('does not guess whether a job without metadata, or one beyond the page, is ours', async () => {
    for (const list of [
      [{ id: 'job_0' }],
      Array.from({ length: 100 }, () => ({ metadata: { reference: 'other' } })),
    ]) {
      respond = async () => Response.json(list);
      const found = await api.find('secret', 'ref', 's3://x', 1000);
      assert.ok('failure' in found && 'networkError' in found.failure, JSON.stringify(found));
    }
  });

  it('does not take our job without a usable id for no job, which would be paid for again', async () => {
    for (const id of [undefined, null, 7, '', { id: 'job_1' }]) {
      respond = async () => Response.json([{ id, metadata: { reference: 'ref' } }]);
      const found = await api.find('secret', 'ref', 's3://x', 1000);
      assert.ok('failure' in found && 'networkError' in found.failure, JSON.stringify(found));
      assert.match(found.failure.networkError, /our job in it has no id/);
    }
  });

  it('takes metadata of any other form for the job of someone else', async () => {
    for (const metadata of ['ref', ['ref'], { reference: ['ref'] }, { reference: 'REF' }]) {
      respond = async () => Response.json([{ id: 'job_1', metadata }]);
      assert.deepEqual(await api.find('secret', 'ref', 's3://x', 1000), { jobId: undefined });
    }
  });

  it('names the failure once where it has no cause', async () => {
    respond = async () => Promise.reject(new DOMException('The operation timed out', 'TimeoutError'));
    assert.deepEqual(await api.post('secret', 'ref', {}, 1000), { networkError: 'The operation timed out' });
  });

  it('counts a body that breaks off as no answer, whatever its status', async () => {
    const broken = () =>
      new ReadableStream({
        start: (controller) => {
          controller.error(new Error('terminated'));
        },
      });
    respond = async () => new Response(broken(), { status: 201 });
    assert.deepEqual(await api.post('secret', 'ref', {}, 1000), { networkError: 'terminated' });
  });

  it('takes nothing but a list for an answer: not an empty 2xx, not a page, not an error', async () => {
    const answers = [
      () => new Response(null, { status: 204 }),
      () => new Response('', { status: 202 }),
      () => new Response('<html>', { status: 200 }),
      () => Response.json({}),
      () => Response.json(null),
      () => Response.json([null]),
    ];
    for (const answer of answers) {
      respond = async () => answer();
      const found = await api.find('secret', 'ref', 's3://x', 1000);
      assert.ok('failure' in found && 'networkError' in found.failure, JSON.stringify(found));
    }
    for (const status of [302, 401, 404, 429, 500]) {
      respond = async () => new Response('', { status });
      const found = await api.find('secret', 'ref', 's3://x', 1000);
      assert.ok('failure' in found && 'status' in found.failure && found.failure.status === status);
    }
  });
});

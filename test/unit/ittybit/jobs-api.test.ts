import assert from 'node:assert/strict';
import { createJobsApi } from '../../../src/ittybit/jobs-api.ts';

describe('Ittybit client', () => {
  const original = globalThis.fetch;
  let requests: { url: string; init: RequestInit }[];
  let respond: (url: string) => Promise<Response>;
  const api = createJobsApi('https://api.example/v0//');

  beforeEach(() => {
    requests = [];
    globalThis.fetch = (async (url: string, init: RequestInit) => {
      requests.push({ url, init });
      return respond(url);
    }) as typeof fetch;
  });
  afterEach(() => {
    globalThis.fetch = original;
  });

  const find = (input = 's3://x') => api.find('secret', 'ref', input, 1000);
  const other = (id: string) => ({ id, metadata: { reference: 'other' } });
  const ours = (change: object = {}) => ({
    id: 'job_2',
    status: 'succeeded',
    metadata: { reference: 'ref' },
    ...change,
  });
  const FOUND = {
    found: { about: 'job', jobId: 'job_2', rawStatus: 'succeeded', status: 'succeeded', reference: 'ref' },
  };

  const others = (count: number): object[] => Array.from({ length: count }, (_, i) => other(`job_${i}`));
  /** Answers with these jobs, in pages. */
  function pagesOf(jobs: readonly object[], size = 100): void {
    respond = async (url) => {
      const after = new URL(url).searchParams.get('after');
      const from = after === null ? 0 : jobs.findIndex((job) => (job as { id?: unknown }).id === after) + 1;
      return Response.json(jobs.slice(from, from + size));
    };
  }

  describe('post', () => {
    it('has the key, the reference and a time limit, and follows no redirect', async () => {
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

    it('reports a missing answer as an outcome, without the key in its text, and names it once', async () => {
      respond = async () => Promise.reject(new TypeError('fetch failed', { cause: new Error('ECONNRESET') }));
      assert.deepEqual(await api.post('secret', 'ref', {}, 1000), {
        networkError: 'fetch failed (ECONNRESET)',
      });
      respond = async () => Promise.reject(new DOMException('The operation timed out', 'TimeoutError'));
      assert.deepEqual(await api.post('secret', 'ref', {}, 1000), {
        networkError: 'The operation timed out',
      });
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
  });

  describe('find', () => {
    it('finds a job by its reference, with all that the list says of it, in either form', async () => {
      const jobs = [
        { id: 'job_0', metadata: null },
        other('job_1'),
        ours({ output: 'https://out', kind: 'video' }),
      ];
      for (const list of [jobs, { data: jobs }]) {
        respond = async () => Response.json(list);
        assert.deepEqual(await find('s3://media/a b&c.mp4'), {
          found: { ...FOUND.found, kind: 'video', outputUrl: 'https://out' },
        });
      }
      assert.equal(
        requests[0]!.url,
        'https://api.example/v0/jobs?limit=100&input=s3%3A%2F%2Fmedia%2Fa%20b%26c.mp4',
      );
    });

    it('says no only of a list whose every job is known to be another one', async () => {
      for (const list of [[], { data: [] }]) {
        respond = async () => Response.json(list);
        assert.deepEqual(await find(), { found: undefined });
      }
      for (const metadata of [
        { made: 'by hand' },
        { reference: ['ref'] },
        { reference: 'REF' },
        { reference: null },
      ]) {
        pagesOf([other('job_0'), { id: 'job_1', metadata }]);
        assert.deepEqual(await find(), { found: undefined }, JSON.stringify(metadata));
      }
    });

    it('cannot tell of a job without metadata, which might be ours', async () => {
      for (const metadata of [undefined, null, {}, [], 'ref', ['ref'], 7]) {
        respond = async () => Response.json([other('job_0'), { id: 'job_1', metadata }]);
        assert.ok('unknown' in (await find()), JSON.stringify(metadata));
      }
      respond = async () => Response.json([null]);
      assert.ok('unknown' in (await find()));
    });

    it('does not take our job without a usable id for no job, which would be paid for again', async () => {
      for (const id of [undefined, null, 7, '', { id: 'job_1' }]) {
        respond = async () => Response.json([ours({ id })]);
        assert.ok('unknown' in (await find()), JSON.stringify(id));
      }
    });

    it('reads on until a page is empty, whatever the size of the pages', async () => {
      for (const count of [0, 99, 100, 101, 250, 499]) {
        pagesOf([...others(count), ours()]);
        assert.deepEqual(await find(), FOUND, String(count));
      }
      pagesOf([...others(30), ours()], 20);
      assert.deepEqual(await find(), FOUND, 'a server that gives less than was asked for');
      pagesOf(others(200));
      requests.length = 0;
      assert.deepEqual(await find(), { found: undefined });
      assert.deepEqual(
        requests.map(({ url }) => new URL(url).searchParams.get('after')),
        [null, 'job_99', 'job_199'],
      );
    });

    it('cannot tell where there are too many pages, or one that cannot be read on from', async () => {
      pagesOf([...others(700), ours()]);
      requests.length = 0;
      assert.ok('unknown' in (await find()));
      assert.equal(requests.length, 6);
      respond = async () =>
        Response.json(Array.from({ length: 100 }, () => ({ metadata: { reference: 'other' } })));
      assert.ok('unknown' in (await find()));
    });

    it('remembers a stranger of an earlier page', async () => {
      respond = async (url) =>
        Response.json(
          url.includes('after=')
            ? []
            : [{ id: 'x' }, ...Array.from({ length: 99 }, (_, i) => other(`j${i}`))],
        );
      assert.ok('unknown' in (await find()));
    });

    it('keeps one time limit for all pages', async () => {
      pagesOf(others(450));
      const limits: number[] = [];
      const timeout = AbortSignal.timeout.bind(AbortSignal);
      AbortSignal.timeout = (ms) => {
        limits.push(ms);
        return timeout(60_000);
      };
      try {
        await find();
      } finally {
        AbortSignal.timeout = timeout;
      }
      assert.equal(limits.length, 6);
      assert.deepEqual(
        limits,
        limits.toSorted((a, b) => b - a),
      );
      assert.ok(limits.every((ms) => ms > 0 && ms <= 1000));
    });

    it('takes nothing but a list for an answer: not an empty 2xx, not a page, not an error', async () => {
      const answers = [
        () => new Response(null, { status: 204 }),
        () => new Response('', { status: 202 }),
        () => new Response('<html>', { status: 200 }),
        () => Response.json({}),
        () => Response.json(null),
        () => Response.json({ data: {} }),
        () => Response.json({ error: { message: 'no' } }),
      ];
      for (const answer of answers) {
        respond = async () => answer();
        const found = await find();
        assert.ok('failure' in found && 'networkError' in found.failure, JSON.stringify(found));
      }
      for (const status of [302, 401, 404, 414, 429, 500]) {
        respond = async () => new Response('', { status });
        const found = await find();
        assert.ok('failure' in found && 'status' in found.failure && found.failure.status === status);
      }
    });
  });

  describe('get', () => {
    it('reads one job by its id, whatever the id holds', async () => {
      respond = async () => Response.json(ours());
      assert.deepEqual(await api.get('secret', 'job/2?x', 1000), { ...FOUND, job: ours() });
      assert.equal(requests[0]!.url, 'https://api.example/v0/jobs/job%2F2%3Fx');
    });

    it('takes nothing but a job for an answer', async () => {
      for (const answer of [
        () => new Response('<html>'),
        () => Response.json([ours()]),
        () => Response.json(null),
      ]) {
        respond = async () => answer();
        assert.ok('failure' in (await api.get('secret', 'job_2', 1000)));
      }
      respond = async () => new Response('{"kind":"job_not_found"}', { status: 404 });
      const missing = await api.get('secret', 'job_2', 1000);
      assert.ok('failure' in missing && 'status' in missing.failure && missing.failure.status === 404);
    });
  });

  it('asks a witness for one job of the list, with the key', async () => {
    respond = async () => Response.json([]);
    assert.deepEqual(await api.witness('secret', 1000), { status: 200, retryAfter: undefined, body: '[]' });
    const [{ url, init }] = requests as [(typeof requests)[0]];
    assert.equal(url, 'https://api.example/v0/jobs?limit=1');
    assert.equal((init.headers as Record<string, string>)['Authorization'], 'Bearer secret');
    assert.equal(init.method, undefined);
  });
});

import assert from 'node:assert/strict';
import { Bench, apiKey, call, get, post, settle, until, type JobBody } from '../helpers/ittybit-caller.ts';

const day = 24 * 60 * 60 * 1000;
const key = 'a'.repeat(32);

describe('Ittybit stand-in: requests', () => {
  const bench = new Bench();
  afterEach(() => bench.close());

  describe('authorization', () => {
    it('tells a missing key, a wrong key, an unpaid key and one without a project apart', async () => {
      const ittybit = await bench.standIn();
      ittybit.keys.accept('unpaid', 'unpaid');
      ittybit.keys.accept('homeless', 'no_project');
      const outcomes = [];
      for (const authorization of ['', 'Basic abc', 'Bearer wrong', 'Bearer unpaid', 'Bearer homeless']) {
        const { status, job } = await post(ittybit, {}, { authorization });
        outcomes.push([status, job.kind]);
      }
      assert.deepEqual(outcomes, [
        [401, 'token_missing'],
        [401, 'token_missing'],
        [401, 'token_invalid'],
        [402, 'payment_required'],
        [403, 'project_required'],
      ]);
      assert.equal(ittybit.book.jobs.length, 0);
    });

    it('follows a rotated key at once', async () => {
      const ittybit = await bench.standIn();
      ittybit.keys.rotate(apiKey, 'ittybit_live_new');
      assert.equal((await post(ittybit)).status, 401);
      assert.equal((await post(ittybit, {}, { authorization: 'Bearer ittybit_live_new' })).status, 201);
    });
  });

  describe('validation', () => {
    const video = { kind: 'video' };
    const refused: [string, Record<string, unknown>, string][] = [
      ['no input', { input: undefined }, 'invalid_input'],
      ['a foreign scheme', { input: 'ftp://host/a.mov' }, 'invalid_input'],
      ['a scheme without a host', { input: 's3://' }, 'invalid_input'],
      ['a bare path', { input: '/a.mov' }, 'invalid_input'],
      ['no kind', { kind: undefined }, 'request_invalid'],
      ['an unknown kind', { kind: 'speech' }, 'request_invalid'],
      ['options that are no object', { options: [] }, 'request_invalid'],
      ['a format of another kind', { ...video, options: { format: 'mp3' } }, 'format_unsupported'],
      ['an unknown quality', { ...video, options: { quality: 'best' } }, 'request_invalid'],
      ['an unknown codec', { ...video, options: { codec: 'mpeg2' } }, 'request_invalid'],
      ['a width of 0', { ...video, options: { width: 0 } }, 'request_invalid'],
      ['a height in words', { ...video, options: { height: 'tall' } }, 'request_invalid'],
      ['an unknown fit', { ...video, options: { fit: 'stretch' } }, 'request_invalid'],
      ['fps over 60', { ...video, options: { fps: 61 } }, 'request_invalid'],
      ['a video bitrate under 300,000', { ...video, options: { bitrate: 299_999 } }, 'request_invalid'],
      ['an audio bitrate over 320,000', { kind: 'audio', options: { bitrate: 320_001 } }, 'request_invalid'],
      ['a negative start', { ...video, options: { start: -1 } }, 'request_invalid'],
      ['a background without fit contain', { ...video, options: { background: '#fff' } }, 'request_invalid'],
      ['a connection that is no string', { options: { connection_id: 7 } }, 'request_invalid'],
      ['an output that is not on S3', { output: 'https://host/out' }, 'request_invalid'],
      ['metadata that is no object', { metadata: 'x' }, 'request_invalid'],
      ['a metadata value that is no string', { metadata: { size: 1 } }, 'request_invalid'],
      ['a webhook that is not http', { webhook_url: 'mailto:a@b' }, 'request_invalid'],
    ];
    for (const [what, fields, kind] of refused) {
      it(`refuses ${what}`, async () => {
        const ittybit = await bench.standIn();
        const { status, job } = await post(ittybit, fields);
        assert.deepEqual([status, job.kind, ittybit.book.jobs.length], [400, kind, 0]);
        assert.ok(job.message.length > 0);
      });
    }

    it('refuses a body that is not JSON, other methods and other paths', async () => {
      const ittybit = await bench.standIn();
      const statuses = [
        await call(ittybit, '/jobs', { body: '{"input":' }),
        await call(ittybit, '/jobs', { body: '[]' }),
        await call(ittybit, '/jobs', { method: 'DELETE' }),
        await call(ittybit, '/media'),
        await call(ittybit, '/jobs/job_unknown'),
      ].map(({ status, text }) => [status, (JSON.parse(text) as JobBody).kind]);
      assert.deepEqual(statuses, [
        [400, 'request_invalid'],
        [400, 'request_invalid'],
        [405, 'method_not_allowed'],
        [404, 'not_found'],
        [404, 'job_not_found'],
      ]);
    });

    it('accepts every kind with its options, and fields that it does not know', async () => {
      const ittybit = await bench.standIn();
      const accepted = [
        {
          kind: 'video',
          options: { format: 'webm', codec: 'vp9', width: '50%', fps: 29.97, bitrate: 300_000 },
        },
        { kind: 'video', options: { fit: 'contain', background: '#00ff00', connection_id: 'conn_1' } },
        { kind: 'audio', options: { format: 'opus', bitrate: 32_000, start: 0, end: 2.5 } },
        { kind: 'image', options: { format: 'avif', position: 'top', start: 3 } },
        { kind: 'animation', options: { format: 'gif', end: 2 } },
        { kind: 'adaptive_video', options: { format: 'hls' }, output: 's3://out/a/' },
        { kind: 'video', input: 'https://host/a%20b.mov', colour: 'blue' },
      ];
      for (const fields of accepted) assert.equal((await post(ittybit, fields)).status, 201);
    });
  });

  describe('idempotency', () => {
    it('wants a key of 16 to 32 characters', async () => {
      const ittybit = await bench.standIn();
      const statuses = [];
      for (const length of [15, 16, 32, 33]) {
        statuses.push((await post(ittybit, {}, { 'idempotency-key': 'k'.repeat(length) })).status);
      }
      assert.deepEqual(statuses, [400, 201, 201, 400]);
    });

    it('gives the original answer with 200 to a repeat, even when the job has moved on', async () => {
      const ittybit = await bench.standIn();
      const first = await post(ittybit, {}, { 'idempotency-key': key });
      await settle(ittybit);
      const again = await post(ittybit, {}, { 'idempotency-key': key });
      assert.deepEqual([first.status, again.status, again.text], [201, 200, first.text]);
      assert.equal(ittybit.book.jobs.length, 1);
      assert.equal(ittybit.book.postsByIdempotencyKey.get(key), 2);
    });

    it('refuses the same key with another body, and does not remember a refusal', async () => {
      const ittybit = await bench.standIn();
      assert.equal((await post(ittybit, { kind: 'x' }, { 'idempotency-key': key })).status, 400);
      assert.equal((await post(ittybit, {}, { 'idempotency-key': key })).status, 201);
      const { status, job } = await post(ittybit, { input: 's3://media/b.mov' }, { 'idempotency-key': key });
      assert.deepEqual([status, job.kind], [400, 'idempotency_mismatch']);
    });

    it('makes one job of concurrent repeats', async () => {
      const ittybit = await bench.standIn({ latencyMs: 20 });
      const answers = await Promise.all(
        Array.from({ length: 8 }, () => post(ittybit, {}, { 'idempotency-key': key })),
      );
      assert.equal(new Set(answers.map(({ job }) => job.id)).size, 1);
      assert.equal(answers.filter(({ status }) => status === 201).length, 1);
    });

    it('makes a new job 24 hours later', async () => {
      let now = 1_000;
      const ittybit = await bench.standIn({ now: () => now });
      const first = await post(ittybit, {}, { 'idempotency-key': key });
      now += day - 1;
      assert.equal((await post(ittybit, {}, { 'idempotency-key': key })).job.id, first.job.id);
      now += 1;
      const late = await post(ittybit, {}, { 'idempotency-key': key });
      assert.equal(late.status, 201);
      assert.notEqual(late.job.id, first.job.id);
    });
  });

  describe('rate limit', () => {
    it('empties its bucket, says how many seconds to wait, and fills again', async () => {
      let now = 0;
      const ittybit = await bench.standIn({
        now: () => now,
        rateLimits: { requestsPerSecond: 0.5, burst: 2 },
      });
      assert.deepEqual([(await post(ittybit)).status, (await post(ittybit)).status], [201, 201]);
      const refused = await post(ittybit);
      assert.deepEqual([refused.status, refused.headers.get('retry-after')], [429, '2']);
      now += 2000;
      assert.equal((await post(ittybit)).status, 201);
    });

    it('can say it as an HTTP date, and be lifted at run time', async () => {
      const ittybit = await bench.standIn({
        now: () => Date.UTC(2030, 0, 1),
        rateLimits: { requestsPerSecond: 0.1, burst: 1, retryAfter: 'http-date' },
      });
      await post(ittybit);
      const refused = await post(ittybit);
      assert.equal(refused.headers.get('retry-after'), 'Tue, 01 Jan 2030 00:00:10 GMT');
      ittybit.rateLimit.set({});
      assert.equal((await post(ittybit)).status, 201);
    });

    it('caps the requests in progress', async () => {
      const ittybit = await bench.standIn({ rateLimits: { maxConcurrent: 2 } });
      ittybit.faults.add({ effect: { type: 'hang' }, times: 2 });
      const leaving = new AbortController();
      const hanging = [1, 2].map(() =>
        assert.rejects(call(ittybit, '/jobs', { body: {}, signal: leaving.signal })),
      );
      await until(() => ittybit.book.answers().get('hung') === 2);
      const refused = await post(ittybit);
      assert.deepEqual([refused.status, refused.headers.get('retry-after')], [429, '1']);
      leaving.abort();
      await Promise.all(hanging);
      assert.equal(ittybit.book.peakConcurrentRequests, 3);
    });
  });

  describe('jobs', () => {
    it('go from queued through processing', async () => {
      const ittybit = await bench.standIn({ durations: { queuedMs: 1, processingMs: day } });
      const { job } = await post(ittybit, { metadata: { source_key: 'ä.mov' } });
      assert.equal(job.status, 'queued');
      let seen = job;
      while (seen.status === 'queued') seen = await get(ittybit, job.id);
      assert.deepEqual([seen.status, seen.finished_at, seen.output], ['processing', null, null]);
    });

    it('end as succeeded with an output, in storage or where it was asked for', async () => {
      const ittybit = await bench.standIn();
      const stored = await post(ittybit, { metadata: { source_key: 'ä.mov' } });
      const asked = await post(ittybit, { output: 's3://out/a.mp4' });
      await settle(ittybit);
      const job = await get(ittybit, stored.job.id);
      assert.match(job.id, /^job_/);
      assert.equal(job.status, 'succeeded');
      assert.match(job.output ?? '', /^https:\/\/store\.ittybit\.net\/.+\.mp4$/);
      assert.deepEqual(job.metadata, { source_key: 'ä.mov' });
      assert.deepEqual([job.error, job.tasks.map(({ kind }) => kind)], [null, ['probe', 'import', 'video']]);
      assert.ok((job.finished_at ?? 0) >= job.created_at);
      const exported = await get(ittybit, asked.job.id);
      assert.deepEqual([exported.output, exported.tasks.at(-1)?.kind], ['s3://out/a.mp4', 'export']);
    });
  });

  describe('list', () => {
    it('pages newest first by the link that it gives, without gap or repeat', async () => {
      const ittybit = await bench.standIn();
      const ids: string[] = [];
      for (let n = 0; n < 5; n += 1) ids.push((await post(ittybit)).job.id);
      const pages: string[][] = [];
      let path: string | undefined = '/jobs?limit=2';
      while (path !== undefined) {
        const { text, headers } = await call(ittybit, path);
        pages.push((JSON.parse(text) as JobBody[]).map(({ id }) => id));
        const link: string | undefined = /^<(.+)>; rel="next"$/.exec(headers.get('link') ?? '')?.[1];
        assert.equal(headers.get('has-more'), String(link !== undefined));
        path = link?.replace(ittybit.url, '');
      }
      assert.deepEqual([pages.map((page) => page.length), pages.flat()], [[2, 2, 1], ids.toReversed()]);
      const before = await call(ittybit, `/jobs?order=asc&limit=2&before=${ids[4] ?? ''}`);
      assert.deepEqual(
        (JSON.parse(before.text) as JobBody[]).map(({ id }) => id),
        ids.slice(2, 4),
      );
    });

    it('filters by kind, status and input', async () => {
      const ittybit = await bench.standIn();
      await post(ittybit, { kind: 'audio' });
      await post(ittybit, { input: 's3://media/b c.mov' });
      await settle(ittybit);
      const count = async (query: string) =>
        (JSON.parse((await call(ittybit, `/jobs?${query}`)).text) as unknown[]).length;
      assert.equal(await count('kind=audio'), 1);
      assert.equal(await count('status=succeeded'), 2);
      assert.equal(await count('status=failed'), 0);
      assert.equal(await count(new URLSearchParams({ input: 's3://media/b c.mov' }).toString()), 1);
    });

    it('refuses parameters out of range', async () => {
      const ittybit = await bench.standIn();
      for (const query of [
        'limit=0',
        'limit=101',
        'limit=x',
        'kind=x',
        'status=done',
        'order=up',
        'after=job_x',
      ]) {
        assert.equal((await call(ittybit, `/jobs?${query}`)).status, 400, query);
      }
    });
  });
});

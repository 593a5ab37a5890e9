import assert from 'node:assert/strict';
import { seededDraws, shareOfInputs } from '../../src/local/ittybit/draws.ts';
import { Bench, call, get, post, settle, until, type JobBody } from '../helpers/ittybit-caller.ts';

const key = { 'idempotency-key': 'e'.repeat(32) };
const firewalled = { input: 's3://media/union select.mov' };

describe('Ittybit stand-in: troubles with requests', () => {
  const bench = new Bench();
  afterEach(() => bench.close());

  for (const [trouble, status, text] of [
    ['empty_answer', 200, '{}'],
    ['error_in_success', 200, '{"error":{"message":"upstream is not available"}}'],
    ['null_id', 201, '{"id":null}'],
  ] as const) {
    it(`answers ${text} and makes no job`, async () => {
      const ittybit = await bench.standIn();
      ittybit.faults.addTrouble(trouble, { match: 'a.mov', times: 1 });
      const { status: seen, text: body } = await post(ittybit, {}, key);
      assert.deepEqual([seen, body, ittybit.book.jobs.length], [status, text, 0]);
      assert.equal((await post(ittybit, {}, key)).status, 201);
    });
  }

  for (const [trouble, status] of [
    ['accepted_unnamed', 200],
    ['accepted_with_error', 500],
  ] as const) {
    it(`makes a job and answers ${status} without naming it: ${trouble}`, async () => {
      const ittybit = await bench.standIn();
      const active = ittybit.faults.addTrouble(trouble, { match: 'a.mov', times: 1 });
      const first = await post(ittybit, {}, key);
      const [made] = ittybit.book.jobs;
      assert.deepEqual([first.status, first.job.id, active.hits], [status, undefined, 1]);
      const again = await post(ittybit, {}, key);
      assert.deepEqual([again.status, again.job.id, ittybit.book.jobs.length], [200, made?.id, 1]);
    });
  }

  it('says that a key is in progress, while its job exists, for each input', async () => {
    const ittybit = await bench.standIn();
    const active = ittybit.faults.addTrouble('key_in_progress', { match: 'slow' });
    for (const name of ['slow 1', 'slow 2']) {
      const again = () =>
        post(ittybit, { input: `s3://media/${name}` }, { 'idempotency-key': name.repeat(4) });
      await assert.rejects(again());
      assert.deepEqual([(await again()).status, (await again()).job.kind], [409, 'idempotency_in_progress']);
      const { status, job } = await again();
      assert.deepEqual([status, job.id], [200, ittybit.book.jobs.at(-1)?.id]);
    }
    assert.deepEqual([ittybit.book.jobs.length, active.hits], [2, 6]);
    active.remove();
    assert.equal((await post(ittybit, { input: 's3://media/slow 3' })).status, 201);
  });

  it('says that a key is in progress until a moment', async () => {
    let now = 1_000;
    const ittybit = await bench.standIn({ now: () => now });
    ittybit.faults.add({ effect: { type: 'status', status: 409 }, until: 5_000 });
    now = 4_999;
    assert.equal((await post(ittybit)).status, 409);
    now = 5_000;
    assert.equal((await post(ittybit)).status, 201);
  });

  it('shows a page of a firewall to the creates that match, and to nobody else', async () => {
    const ittybit = await bench.standIn();
    ittybit.faults.addTrouble('firewall_page', { match: 'union select' });
    const { status, headers, text } = await call(ittybit, '/jobs', {
      body: { ...firewalled, kind: 'video' },
    });
    assert.deepEqual([status, headers.get('content-type')], [403, 'text/html']);
    assert.match(text, /^<!DOCTYPE html>/);
    assert.equal((await post(ittybit)).status, 201);
    const query = new URLSearchParams(firewalled).toString();
    assert.equal((await call(ittybit, `/jobs?${query}`)).status, 200);
  });

  for (const [trouble, status] of [
    ['wrong_path', 404],
    ['method_refused', 405],
  ] as const) {
    it(`answers ${status} to everything`, async () => {
      const ittybit = await bench.standIn();
      const { job } = await post(ittybit);
      const active = ittybit.faults.addTrouble(trouble, { match: 'no such input' });
      const statuses = [
        (await post(ittybit)).status,
        (await call(ittybit, '/jobs?limit=1')).status,
        (await call(ittybit, `/jobs/${job.id}`)).status,
      ];
      assert.deepEqual(statuses, [status, status, status]);
      active.remove();
      assert.equal((await get(ittybit, job.id)).id, job.id);
    });
  }

  it('accepts a request some time after its connection was lost, a repeated one once', async () => {
    const ittybit = await bench.standIn();
    const soon = ittybit.faults.add({ effect: { type: 'response_lost', afterMs: 1 }, timesEach: 1 });
    const lone = { input: 's3://media/lone' };
    await assert.rejects(post(ittybit, lone));
    await assert.rejects(post(ittybit, {}, key));
    const { job } = await post(ittybit, {}, key);
    await settle(ittybit);
    const { book } = ittybit;
    assert.equal(book.jobsByInput().get(lone.input)?.length, 1);
    assert.deepEqual(
      book
        .jobsByInput()
        .get('s3://media/a.mov')
        ?.map(({ id }) => id),
      [job.id],
    );
    assert.equal(book.replays, 1);
    soon.remove();
    ittybit.faults.add({ effect: { type: 'response_lost', afterMs: 3_600_000 } });
    const never = { input: 's3://media/never' };
    for (let n = 0; n < 2; n += 1) await assert.rejects(post(ittybit, never));
    assert.deepEqual([book.postsByInput.get(never.input), book.jobs.length], [2, 2]);
  });

  it('accepts a request also after its caller has left', async () => {
    const ittybit = await bench.standIn();
    ittybit.faults.add({ effect: { type: 'latency', ms: 50 } });
    const leaving = new AbortController();
    const left = assert.rejects(
      call(ittybit, '/jobs', { body: { input: 's3://media/a', kind: 'video' }, signal: leaving.signal }),
    );
    await until(() => ittybit.book.posts === 1);
    leaving.abort();
    await left;
    await until(() => ittybit.book.jobs.length === 1);
    assert.equal(ittybit.book.answers().get('caller_left'), 1);
  });

  it('keeps a quota of creates until a moment, and lets reads pass', async () => {
    let now = 10_000;
    const ittybit = await bench.standIn({
      now: () => now,
      rateLimits: { quota: { creates: 1, resetsAt: 100_000 } },
    });
    const { job } = await post(ittybit);
    const refused = await post(ittybit);
    assert.deepEqual([refused.status, refused.headers.get('retry-after')], [429, '90']);
    assert.equal((await get(ittybit, job.id)).id, job.id);
    now = 100_000;
    assert.deepEqual([(await post(ittybit)).status, (await post(ittybit)).status], [201, 201]);
  });

  it('can say a short wait under a long quota', async () => {
    const ittybit = await bench.standIn({
      now: () => 0,
      rateLimits: { quota: { creates: 0, resetsAt: 86_400_000, retryAfterSeconds: 60 } },
    });
    assert.equal((await post(ittybit)).headers.get('retry-after'), '60');
    assert.deepEqual([...ittybit.book.answers()], [[429, 1]]);
  });

  it('applies a fault a number of times to each input', async () => {
    const ittybit = await bench.standIn();
    ittybit.faults.add({ effect: { type: 'status', status: 503 }, timesEach: 1, times: 2 });
    const statuses = [];
    for (const input of ['s3://m/a', 's3://m/a', 's3://m/b', 's3://m/c'])
      statuses.push((await post(ittybit, { input })).status);
    assert.deepEqual(statuses, [503, 201, 503, 201]);
  });
});

describe('Ittybit stand-in: troubles with lists', () => {
  const bench = new Bench();
  afterEach(() => bench.close());
  const list = async (ittybit: Awaited<ReturnType<Bench['standIn']>>, query = '') =>
    JSON.parse((await call(ittybit, `/jobs${query}`)).text) as Partial<JobBody>[];

  it('leave a new job out for a while; its id finds it', async () => {
    let now = 1_000;
    const ittybit = await bench.standIn({ now: () => now });
    ittybit.faults.add({ effect: { type: 'unlisted', ms: 500 }, match: 'new' });
    const { job } = await post(ittybit, { input: 's3://media/new' });
    const other = await post(ittybit);
    now += 499;
    assert.deepEqual(
      (await list(ittybit)).map(({ id }) => id),
      [other.job.id],
    );
    assert.equal((await get(ittybit, job.id)).id, job.id);
    now += 1;
    assert.deepEqual(
      (await list(ittybit)).map(({ id }) => id),
      [other.job.id, job.id],
    );
  });

  it('wrap the jobs in data', async () => {
    const ittybit = await bench.standIn({ listBody: 'data' });
    const { job } = await post(ittybit);
    const body = JSON.parse((await call(ittybit, '/jobs')).text) as { data: JobBody[] };
    assert.deepEqual(
      body.data.map(({ id }) => id),
      [job.id],
    );
  });

  it('leave the metadata of some inputs out', async () => {
    const ittybit = await bench.standIn();
    ittybit.faults.add({ effect: { type: 'metadata_unlisted' }, match: 'bare' });
    const { job } = await post(ittybit, { input: 's3://media/bare', metadata: { reference: 'r' } });
    await post(ittybit, { metadata: { reference: 's' } });
    const [whole, bare] = await list(ittybit);
    assert.deepEqual([whole?.metadata, 'metadata' in bare!], [{ reference: 's' }, false]);
    assert.deepEqual((await get(ittybit, job.id)).metadata, { reference: 'r' });
  });

  it('page through more than a hundred jobs of one input', async () => {
    const ittybit = await bench.standIn();
    const ids: string[] = [];
    for (let n = 0; n < 101; n += 1) ids.push((await post(ittybit)).job.id);
    await post(ittybit, { input: 's3://media/other' });
    const query = '?limit=100&input=s3%3A%2F%2Fmedia%2Fa.mov';
    const first = await list(ittybit, query);
    const second = await list(ittybit, `${query}&after=${first.at(-1)?.id ?? ''}`);
    assert.deepEqual(
      [...first, ...second].map(({ id }) => id),
      ids.toReversed(),
    );
  });
});

describe('Ittybit stand-in: troubles with jobs', () => {
  const bench = new Bench();
  afterEach(() => bench.close());

  it('leave a job in processing for ever', async () => {
    const ittybit = await bench.standIn();
    const hook = await bench.receiver();
    ittybit.faults.add({ effect: { type: 'job_hangs' }, match: 'stuck' });
    const { job } = await post(ittybit, { input: 's3://media/stuck', webhook_url: hook.url });
    await settle(ittybit);
    assert.deepEqual([(await get(ittybit, job.id)).status, hook.received.length], ['processing', 0]);
  });

  it('strike the same inputs of a seed in any order', async () => {
    const inputs = Array.from({ length: 40 }, (_, n) => `s3://media/${n}`);
    const struck = async (order: readonly string[], seed: number) => {
      const ittybit = await bench.standIn({ random: seededDraws(seed) });
      ittybit.faults.add({ effect: { type: 'status', status: 503 }, rate: 0.5 });
      const hit = [];
      for (const input of order) if ((await post(ittybit, { input })).status === 503) hit.push(input);
      return hit.sort();
    };
    const first = await struck(inputs, 1);
    assert.ok(first.length > 5 && first.length < 35);
    assert.deepEqual(await struck(inputs.toReversed(), 1), first);
    assert.notDeepEqual(await struck(inputs, 2), first);
  });

  it('strike an input at some of its requests, the same ones in each run of a seed', async () => {
    const statuses = async () => {
      const ittybit = await bench.standIn({ random: seededDraws(1) });
      ittybit.faults.add({ effect: { type: 'status', status: 503 }, rate: 0.5 });
      const seen = [];
      for (let n = 0; n < 20; n += 1) seen.push((await post(ittybit)).status);
      return seen;
    };
    const first = await statuses();
    assert.deepEqual(new Set(first), new Set([201, 503]));
    assert.deepEqual(await statuses(), first);
  });

  it('can be had for a share of the inputs, at each request', async () => {
    const ittybit = await bench.standIn();
    ittybit.faults.add({ effect: { type: 'status', status: 503 }, match: shareOfInputs(0.5, 1, 'outage') });
    const statuses = async () => {
      const seen = [];
      for (let n = 0; n < 20; n += 1) seen.push((await post(ittybit, { input: `s3://media/${n}` })).status);
      return seen;
    };
    const first = await statuses();
    assert.deepEqual([...new Set(first)].sort(), [201, 503]);
    assert.deepEqual(await statuses(), first);
    assert.equal((await call(ittybit, '/jobs')).status, 200);
  });
});

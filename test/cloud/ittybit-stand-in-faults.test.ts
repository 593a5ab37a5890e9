import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { payloadShapes } from '../../src/local/ittybit/payload-shapes.ts';
import { Bench, call, get, post, settle, until } from '../helpers/ittybit-caller.ts';

const key = 'b'.repeat(32);
const parse = (text: string) => JSON.parse(text) as Record<string, Record<string, unknown>>;

describe('Ittybit stand-in: webhooks', () => {
  const bench = new Bench();
  afterEach(() => bench.close());

  it('sends each of the five published payloads, in turn', async () => {
    const ittybit = await bench.standIn({ webhooks: { maxConcurrent: 1 } });
    const hook = await bench.receiver();
    for (const shape of payloadShapes) await post(ittybit, { webhook_url: hook.url, metadata: { shape } });
    await settle(ittybit);
    const bodyOf = (shape: string) => parse(ittybit.book.webhooks.find((sent) => sent.shape === shape)!.body);
    const flat = bodyOf('flat');
    assert.deepEqual(
      [flat['status'], flat['metadata'], flat['output']?.['object']],
      ['succeeded', { shape: 'flat' }, 'file'],
    );
    const { data } = bodyOf('data');
    assert.deepEqual(
      [data?.['status'], data?.['metadata'], data?.['kind']],
      ['succeeded', { shape: 'data' }, 'video'],
    );
    assert.equal(typeof data?.['duration_ms'], 'number');
    const event = bodyOf('event');
    assert.deepEqual(
      [event['object'], event['kind'], event['data']?.['object']],
      ['event', 'task.succeeded', 'task'],
    );
    const typed = bodyOf('typed');
    assert.deepEqual([typed['type'], typed['data']?.['status']], ['job.succeeded', 'succeeded']);
    const eraA = bodyOf('era-a');
    assert.equal(eraA['status'], 'completed');
    assert.match(JSON.stringify(eraA['completed']), /^"\d{4}-.+Z"$/);
    assert.deepEqual(
      hook.received.map(({ body }) => body).sort(),
      ittybit.book.webhooks.map(({ body }) => body).sort(),
    );
  });

  it('signs the raw body', async () => {
    const ittybit = await bench.standIn({ webhooks: { secret: 's3cret' } });
    const hook = await bench.receiver();
    await post(ittybit, { webhook_url: hook.url, metadata: { name: 'ä"\n' } });
    await settle(ittybit);
    const { body, headers } = hook.received[0]!;
    assert.equal(headers['ittybit-signature'], createHmac('sha256', 's3cret').update(body).digest('hex'));
  });

  it('reaches names below localhost at 127.0.0.1 under their own Host, path and query kept', async () => {
    const ittybit = await bench.standIn();
    const hook = await bench.receiver();
    const host = `x1.execute-api.localhost:${hook.port}`;
    await post(ittybit, { webhook_url: `http://${host}/webhook/b/c?d=e` });
    await settle(ittybit);
    const { headers, url } = hook.received[0]!;
    assert.deepEqual(
      [headers.host, url, headers['ittybit-signature']],
      [host, '/webhook/b/c?d=e', undefined],
    );
  });

  it('tells processing as well, if asked to', async () => {
    const ittybit = await bench.standIn({ webhooks: { shape: 'typed', onProcessing: true } });
    const hook = await bench.receiver();
    await post(ittybit, { webhook_url: hook.url });
    await settle(ittybit);
    assert.deepEqual(hook.received.map(({ body }) => parse(body)['type']).sort(), [
      'job.succeeded',
      'job.updated',
    ]);
  });

  it('tries again until it gets a 2xx', async () => {
    const ittybit = await bench.standIn({ webhooks: { retryBaseMs: 1 } });
    const hook = await bench.receiver((count) => [500, 302, 204][count - 1]);
    await post(ittybit, { webhook_url: hook.url });
    await settle(ittybit);
    const [sent] = ittybit.book.webhooks;
    assert.deepEqual(
      [sent?.outcome, sent?.attempts.map(({ status }) => status)],
      ['delivered', [500, 302, 204]],
    );
  });

  it('gives up after its last try, be it unanswered or refused', async () => {
    const ittybit = await bench.standIn({ webhooks: { retryBaseMs: 1, maxAttempts: 2, timeoutMs: 30 } });
    const silent = await bench.receiver(() => undefined);
    await post(ittybit, { webhook_url: silent.url });
    await post(ittybit, { webhook_url: 'http://127.0.0.1:1/' });
    await settle(ittybit);
    for (const { outcome, attempts } of ittybit.book.webhooks) {
      assert.deepEqual([outcome, attempts.length, attempts[0]?.status], ['given_up', 2, undefined]);
      assert.ok(attempts[0]?.error);
    }
  });

  it('has at most six under way', async () => {
    const ittybit = await bench.standIn();
    const gate = Promise.withResolvers<number>();
    const hook = await bench.receiver(() => gate.promise);
    for (let n = 0; n < 12; n += 1) await post(ittybit, { webhook_url: hook.url });
    await until(() => ittybit.book.webhooks.length === 12 && hook.received.length >= 6);
    // Round trips that give a seventh the time to arrive.
    for (let n = 0; n < 5; n += 1) await call(ittybit, '/jobs');
    assert.equal(hook.received.length, 6);
    gate.resolve(200);
    await settle(ittybit);
    assert.equal(hook.received.length, 12);
  });
});

describe('Ittybit stand-in: faults', () => {
  const bench = new Bench();
  afterEach(() => bench.close());

  it('answers a status a number of times, for the inputs that match, until the fault is removed', async () => {
    const ittybit = await bench.standIn();
    const busy = ittybit.faults.add({ effect: { type: 'status', status: 503 }, match: 'bad', times: 2 });
    const broken = ittybit.faults.add({
      effect: { type: 'status', status: 400, kind: 'format_unsupported' },
      match: ({ input }) => input === 's3://media/worse',
    });
    const statuses = async (input: string, count: number) => {
      const seen = [];
      for (let n = 0; n < count; n += 1) seen.push((await post(ittybit, { input })).status);
      return seen;
    };
    assert.deepEqual(await statuses('s3://media/fine', 1), [201]);
    assert.deepEqual(await statuses('s3://media/bad', 3), [503, 503, 201]);
    assert.deepEqual(await statuses('s3://media/worse', 2), [400, 400]);
    broken.remove();
    assert.deepEqual(await statuses('s3://media/worse', 1), [201]);
    assert.deepEqual([busy.hits, broken.hits], [2, 2]);
  });

  it('strikes at a rate, and can answer with a page that is not JSON', async () => {
    const draws = [0.1, 0.9];
    const ittybit = await bench.standIn({ random: () => draws.shift() ?? 1 });
    ittybit.faults.add({ effect: { type: 'status', status: 502, rawBody: '<html>' }, rate: 0.5 });
    assert.equal((await call(ittybit, '/jobs', { body: {} })).text, '<html>');
    assert.equal((await post(ittybit)).status, 201);
  });

  it('never answers a hanging request, and makes no job of it', async () => {
    const ittybit = await bench.standIn();
    ittybit.faults.add({ effect: { type: 'hang' } });
    const leaving = new AbortController();
    const hanging = assert.rejects(call(ittybit, '/jobs', { body: {}, signal: leaving.signal }));
    await until(() => ittybit.book.answers().has('hung'));
    leaving.abort();
    await hanging;
    assert.deepEqual([ittybit.book.answers().get('hung'), ittybit.book.jobs.length], [1, 0]);
  });

  it('loses the response but keeps the job, so that a repeat gets the original', async () => {
    const ittybit = await bench.standIn();
    ittybit.faults.add({ effect: { type: 'response_lost' }, times: 1 });
    ittybit.faults.add({ effect: { type: 'latency', ms: 5 } });
    await assert.rejects(post(ittybit, {}, { 'idempotency-key': key }));
    const { status, job } = await post(ittybit, {}, { 'idempotency-key': key });
    assert.deepEqual([status, job.id], [200, ittybit.book.jobs[0]?.id]);
    assert.equal(ittybit.book.jobs.length, 1);
  });

  it('ends jobs as failed with a webhook, or as cancelled without', async () => {
    const ittybit = await bench.standIn({ webhooks: { shape: 'event' } });
    const hook = await bench.receiver();
    const error = { kind: 'input_unreadable', message: 'Broken file.' };
    ittybit.faults.add({ effect: { type: 'job_fails', error }, match: 'broken' });
    ittybit.faults.add({ effect: { type: 'job_cancelled' }, match: 'stopped' });
    const failed = await post(ittybit, { input: 's3://media/broken', webhook_url: hook.url });
    const cancelled = await post(ittybit, { input: 's3://media/stopped', webhook_url: hook.url });
    await settle(ittybit);
    const job = await get(ittybit, failed.job.id);
    assert.deepEqual([job.status, job.error, job.output], ['failed', error, null]);
    assert.equal((await get(ittybit, cancelled.job.id)).status, 'cancelled');
    assert.deepEqual(
      hook.received.map(({ body }) => parse(body)['kind']),
      ['task.failed'],
    );
  });

  it('loses, doubles, delays and swaps webhooks', async () => {
    const ittybit = await bench.standIn({ webhooks: { shape: 'typed' } });
    const hook = await bench.receiver();
    ittybit.faults.add({ effect: { type: 'webhook_lost' }, match: 'lost' });
    ittybit.faults.add({ effect: { type: 'webhook_duplicated' }, match: 'double' });
    ittybit.faults.add({ effect: { type: 'webhook_delayed', ms: 20 }, match: 'late' });
    ittybit.faults.add({ effect: { type: 'webhook_out_of_order' }, match: 'swapped' });
    for (const name of ['lost', 'double', 'late', 'swapped']) {
      await post(ittybit, { input: `s3://media/${name}`, webhook_url: hook.url });
    }
    await settle(ittybit);
    const typesFor = (name: string) =>
      hook.received
        .map(({ body }) => parse(body))
        .filter(({ data }) => data?.['input'] === `s3://media/${name}`)
        .map(({ type }) => type);
    assert.deepEqual(typesFor('lost'), []);
    assert.deepEqual(typesFor('double'), ['job.succeeded', 'job.succeeded']);
    assert.deepEqual(typesFor('late'), ['job.succeeded']);
    assert.deepEqual(typesFor('swapped'), ['job.succeeded', 'job.updated']);
    assert.equal(ittybit.book.webhooks.filter(({ outcome }) => outcome === 'lost').length, 1);
  });

  it('counts jobs, requests and answers, so that lost and doubled files show', async () => {
    const ittybit = await bench.standIn();
    ittybit.faults.add({ effect: { type: 'status', status: 500 }, match: 'never' });
    for (const name of ['once', 'twice', 'twice', 'never'])
      await post(ittybit, { input: `s3://media/${name}`, metadata: { batch: 'b1' } });
    const { book } = ittybit;
    const jobs = [...book.jobsByInput()].map(([input, made]) => [input, made.length]);
    assert.deepEqual(jobs, [
      ['s3://media/once', 1],
      ['s3://media/twice', 2],
    ]);
    assert.deepEqual([book.posts, book.postsByInput.get('s3://media/never')], [4, 1]);
    const [first] = book.creates;
    assert.deepEqual([book.creates.length, first?.input, first?.batch], [4, 's3://media/once', 'b1']);
    assert.deepEqual(
      [...book.answers()],
      [
        [201, 3],
        [500, 1],
      ],
    );
    const body = { input: 's3://media/once', kind: 'video', metadata: { batch: 'b1' } };
    assert.deepEqual(book.jobs[0]?.subject.body, body);
  });

  it('stops waiting on abort and on close', async () => {
    const ittybit = await bench.standIn({ durations: { queuedMs: 3_600_000, processingMs: 1 } });
    await post(ittybit);
    await assert.rejects(ittybit.settled(AbortSignal.timeout(1)), { name: 'TimeoutError' });
    const waiting = assert.rejects(ittybit.settled(), /closed/);
    await ittybit.close();
    await waiting;
  });
});

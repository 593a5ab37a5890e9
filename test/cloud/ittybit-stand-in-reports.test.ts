import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { parseJobReport } from '../../src/core/ittybit/webhook-payload.ts';
import { seededDraws } from '../../src/local/ittybit/draws.ts';
import { payloadShapes, type PayloadShape } from '../../src/local/ittybit/payload-shapes.ts';
import { Bench, get, post, settle, until } from '../helpers/ittybit-caller.ts';

type Fields = Record<string, unknown>;
const fieldsOf = (text: string) => JSON.parse(text) as Fields;
const source = 's3://media/a.mov';
const metadata = { reference: 'r' };

/** What each shape says about a succeeded probe. */
const probes: Record<PayloadShape, (body: Fields) => unknown[]> = {
  flat: ({ object, kind, status, output, metadata: told }) => [object, kind, status, urlOf(output), told],
  data: ({ data }) => {
    const { kind, status, output, metadata: told } = data as Fields;
    return ['data', kind, status, urlOf(output), told];
  },
  event: ({ kind: event, data, ...rest }) => {
    const { kind, status, outputs, metadata: told } = data as Fields;
    assert.equal(rest['object'], 'event');
    return [event, kind, status, urlOf((outputs as unknown[])[0]), told];
  },
  typed: ({ type, data }) => {
    const { kind, status, output, metadata: told } = data as Fields;
    return [type, kind, status, urlOf(output), told];
  },
  'era-a': ({ object, kind, status, results, metadata: told }) => [
    object,
    kind,
    status,
    urlOf(results),
    told,
  ],
};
const expected: Record<PayloadShape, unknown[]> = {
  flat: ['task', 'probe', 'succeeded', source, metadata],
  data: ['data', 'probe', 'succeeded', source, metadata],
  event: ['task.succeeded', 'probe', 'succeeded', source, undefined],
  typed: ['task.succeeded', 'probe', 'succeeded', source, metadata],
  'era-a': ['task', 'probe', 'completed', source, undefined],
};

function urlOf(file: unknown): unknown {
  return (file as Fields)['url'];
}

describe('Ittybit stand-in: reports about tasks', () => {
  const bench = new Bench();
  afterEach(() => bench.close());

  for (const shape of payloadShapes) {
    it(`come before the job's end, the source as output of the probe: ${shape}`, async () => {
      const ittybit = await bench.standIn({ webhooks: { shape, taskEvents: true } });
      const hook = await bench.receiver();
      await post(ittybit, { webhook_url: hook.url, metadata, output: 's3://out/a.mp4' });
      await settle(ittybit);
      const { webhooks } = ittybit.book;
      assert.deepEqual(
        webhooks.map(({ about, event }) => `${about} ${event}`),
        [
          'probe succeeded',
          'import succeeded',
          'encode processing',
          'encode succeeded',
          'export succeeded',
          'job succeeded',
        ],
      );
      assert.deepEqual(
        hook.received.map(({ body }) => body),
        webhooks.map(({ body }) => body),
      );
      const [probe] = hook.received;
      assert.deepEqual(probes[shape](fieldsOf(probe!.body)), expected[shape]);
      assert.equal(parseJobReport(fieldsOf(hook.received.at(-1)!.body)).outputUrl, 's3://out/a.mp4');
    });

    it(`precede the failure of a job: ${shape}`, async () => {
      const ittybit = await bench.standIn({ webhooks: { shape, taskEvents: true } });
      const hook = await bench.receiver();
      const error = { kind: 'unsupported_codec', message: 'no decoder' };
      ittybit.faults.add({ effect: { type: 'job_fails', error } });
      const { job } = await post(ittybit, { webhook_url: hook.url, output: 's3://out/a.mp4' });
      await settle(ittybit);
      const told = ittybit.book.webhooks.map(({ about, event }) => `${about} ${event}`);
      assert.deepEqual(
        [told[0], told.at(-2), told.at(-1)],
        ['probe succeeded', 'encode failed', 'job failed'],
      );
      for (const { body } of hook.received.slice(-2)) assert.match(body, /unsupported_codec/);
      assert.deepEqual(
        (await get(ittybit, job.id)).tasks.map(({ status, error: why }) => [status, why]),
        [
          ['succeeded', null],
          ['succeeded', null],
          ['failed', error],
          ['cancelled', null],
        ],
      );
    });
  }

  it('are not sent unless asked for, and come last when out of order', async () => {
    const ittybit = await bench.standIn();
    const hook = await bench.receiver();
    await post(ittybit, { webhook_url: hook.url });
    await settle(ittybit);
    assert.deepEqual(
      ittybit.book.webhooks.map(({ about }) => about),
      ['job'],
    );
    const other = await bench.standIn({ webhooks: { taskEvents: true } });
    other.faults.add({ effect: { type: 'webhook_out_of_order' } });
    await post(other, { webhook_url: hook.url });
    await settle(other);
    assert.deepEqual(
      other.book.webhooks.map(({ about, event }) => `${about} ${event}`),
      [
        'job succeeded',
        'probe succeeded',
        'import succeeded',
        'encode processing',
        'job processing',
        'encode succeeded',
      ],
    );
  });

  it('can be all that is heard of a job', async () => {
    const ittybit = await bench.standIn({ webhooks: { taskEvents: true } });
    const hook = await bench.receiver();
    ittybit.faults.add({ effect: { type: 'webhook_lost', finalOnly: true } });
    await post(ittybit, { webhook_url: hook.url });
    await settle(ittybit);
    assert.equal(hook.received.length, 3);
    assert.deepEqual(
      ittybit.book.webhooks.map(({ about, outcome }) => `${about} ${outcome}`),
      ['probe delivered', 'import delivered', 'encode delivered', 'encode lost', 'job lost'],
    );
  });

  it('can be the only place that says why a job failed', async () => {
    const ittybit = await bench.standIn({ webhooks: { shape: 'typed' } });
    const hook = await bench.receiver();
    ittybit.faults.add({ effect: { type: 'job_fails', onlyInTask: true } });
    const { job } = await post(ittybit, { webhook_url: hook.url });
    await settle(ittybit);
    const told = [await get(ittybit, job.id), fieldsOf(hook.received[0]!.body)['data'] as typeof job];
    for (const { status, error, tasks } of told) {
      assert.deepEqual([status, error], ['failed', null]);
      assert.deepEqual(
        tasks.map(({ error: why }) => why?.kind),
        [undefined, undefined, 'input_unreadable'],
      );
    }
  });
});

describe('Ittybit stand-in: strange webhooks', () => {
  const bench = new Bench();
  afterEach(() => bench.close());

  it('come compressed, behind a byte order mark, or both, and signed as they are sent', async () => {
    const ittybit = await bench.standIn({ webhooks: { secret: 's3cret' } });
    const hook = await bench.receiver();
    ittybit.faults.add({ effect: { type: 'webhook_bom' }, match: 'marked' });
    ittybit.faults.add({ effect: { type: 'webhook_gzipped' }, match: 'packed' });
    const receive = async (name: string) => {
      await post(ittybit, { input: `s3://media/${name}`, webhook_url: hook.url });
      await settle(ittybit);
      const { bytes, headers } = hook.received.at(-1)!;
      const signature = createHmac('sha256', 's3cret').update(bytes).digest('hex');
      assert.deepEqual(
        [headers['ittybit-signature'], headers['content-length']],
        [signature, String(bytes.length)],
      );
      const body = ittybit.book.webhooks.at(-1)!.body;
      return { bytes, encoding: headers['content-encoding'], plain: Buffer.from(body) };
    };
    const bom = Buffer.from([0xef, 0xbb, 0xbf]);
    const marked = await receive('marked');
    assert.deepEqual([marked.encoding, marked.bytes], [undefined, Buffer.concat([bom, marked.plain])]);
    const packed = await receive('packed');
    assert.deepEqual([packed.encoding, gunzipSync(packed.bytes)], ['gzip', packed.plain]);
    const both = await receive('marked and packed');
    assert.deepEqual(gunzipSync(both.bytes), Buffer.concat([bom, both.plain]));
  });

  it('come with an output of 250,000 characters', async () => {
    const ittybit = await bench.standIn({ webhooks: { shape: 'data' } });
    const hook = await bench.receiver();
    ittybit.faults.add({ effect: { type: 'output_long', characters: 250_000 } });
    const { job } = await post(ittybit, { webhook_url: hook.url });
    await settle(ittybit);
    const { output } = await get(ittybit, job.id);
    assert.ok(String(output).length > 250_000);
    assert.ok(JSON.stringify(hook.received[0]?.body).includes(String(output)));
    // What is longer than an address can be is none.
    assert.equal(parseJobReport(fieldsOf(hook.received[0]!.body)).outputUrl, undefined);
  });

  for (const shape of payloadShapes) {
    it(`tell success first without its output, and later with it: ${shape}`, async () => {
      const ittybit = await bench.standIn({ webhooks: { shape } });
      const between = Promise.withResolvers<number>();
      const hook = await bench.receiver((count) => (count === 1 ? between.promise : 200));
      ittybit.faults.add({ effect: { type: 'output_late', ms: 1 } });
      await post(ittybit, { webhook_url: hook.url, output: 's3://out/a.mp4' });
      await until(() => hook.received.length === 1);
      between.resolve(200);
      await settle(ittybit);
      assert.deepEqual(
        hook.received
          .map(({ body }) => parseJobReport(fieldsOf(body)))
          .map((told) => [told.status, told.outputUrl]),
        [
          ['succeeded', undefined],
          ['succeeded', 's3://out/a.mp4'],
        ],
      );
    });
  }

  it('have no output in the job either until it is known', async () => {
    const ittybit = await bench.standIn();
    ittybit.faults.add({ effect: { type: 'output_late', ms: 3_600_000 } });
    const { job } = await post(ittybit);
    await until(() => ittybit.book.jobs[0]?.status === 'succeeded');
    const { status, output } = await get(ittybit, job.id);
    assert.deepEqual([status, output], ['succeeded', null]);
  });

  it('come late by a time that the seed chooses between two bounds', async () => {
    const delays = async (seed: number) => {
      const draw = seededDraws(seed);
      const drawn: number[] = [];
      const ittybit = await bench.standIn({
        random: (about) => {
          drawn.push(draw(about));
          return drawn.at(-1)!;
        },
      });
      const hook = await bench.receiver();
      ittybit.faults.add({ effect: { type: 'webhook_delayed', ms: 20, maxMs: 40 } });
      await post(ittybit, { webhook_url: hook.url });
      await settle(ittybit);
      const [sent] = ittybit.book.webhooks;
      const late = sent!.attempts[0]!.at - ittybit.book.jobs[0]!.finishedAt!;
      // A timer can end a ms before its time, by the clock of dates.
      assert.ok(late >= 19 + drawn[0]! * 20 - 1);
      return drawn;
    };
    assert.deepEqual(await delays(3), await delays(3));
    assert.notDeepEqual(await delays(3), await delays(4));
  });

  it('have a shape that the seed chooses for each input', async () => {
    const shapes = async (order: readonly number[]) => {
      const ittybit = await bench.standIn({ random: seededDraws(5), webhooks: { shape: 'drawn' } });
      const hook = await bench.receiver();
      const byInput = new Map<string, string>();
      for (const n of order) {
        const input = `s3://media/${n}`;
        await post(ittybit, { input, webhook_url: hook.url });
        await settle(ittybit);
        byInput.set(input, ittybit.book.webhooks.at(-1)!.shape);
      }
      return [...byInput].sort();
    };
    const numbers = Array.from({ length: 30 }, (_, n) => n);
    const first = await shapes(numbers);
    assert.deepEqual(new Set(first.map(([, shape]) => shape)), new Set(payloadShapes));
    assert.deepEqual(await shapes(numbers.toReversed()), first);
  });

  it('are forged before the genuine ones, and counted where they are believed', async () => {
    const ittybit = await bench.standIn({ webhooks: { secret: 's3cret' } });
    let answer = 401;
    const hook = await bench.receiver(() => answer);
    ittybit.faults.add({ effect: { type: 'webhook_forged' } });
    ittybit.faults.add({ effect: { type: 'webhook_lost' } });
    const send = async () => {
      await post(ittybit, { webhook_url: `${hook.url}/batch/file/0abc` });
      await settle(ittybit);
    };
    await send();
    const [forged] = hook.received;
    assert.equal(forged?.url, '/webhook/batch/file/1abc');
    assert.notEqual(
      forged.headers['ittybit-signature'],
      createHmac('sha256', 's3cret').update(forged.bytes).digest('hex'),
    );
    const told = parseJobReport(fieldsOf(forged.body));
    assert.equal(told.status, 'succeeded');
    assert.match(told.outputUrl ?? '', /\?forged$/);
    assert.deepEqual(
      ittybit.book.webhooks.map(({ forged: isForged, outcome }) => [isForged, outcome]),
      [
        [true, 'given_up'],
        [false, 'lost'],
      ],
    );
    assert.equal(ittybit.book.forgedAccepted(), 0);
    answer = 200;
    await send();
    assert.equal(ittybit.book.forgedAccepted(), 1);
  });
});

describe('Ittybit stand-in: the book', () => {
  const bench = new Bench();
  afterEach(() => bench.close());

  it('lists what was accepted as its payer would', async () => {
    let now = 1_000;
    const ittybit = await bench.standIn({ now: () => now });
    const key = 'f'.repeat(32);
    ittybit.faults.add({ effect: { type: 'job_hangs' }, match: 'b.mov' });
    const whole = await post(ittybit, {
      options: { quality: 'high', connection_id: 'conn_1' },
      output: 's3://out/a.mp4',
      metadata: { reference: 'r1', source_key: 'a.mov' },
      webhook_url: 'http://127.0.0.1:1/',
    });
    now = 2_000;
    const bare = await post(
      ittybit,
      { input: 's3://media/b.mov', kind: 'audio', connection_id: 'conn_2' },
      { 'idempotency-key': key },
    );
    await until(() => ittybit.book.jobs.every(({ status }) => status !== 'queued'));
    await until(() => ittybit.book.jobs[0]?.status === 'succeeded');
    const common = { finishedAt: null, metadata: {}, options: {}, output: null, webhookUrl: null };
    assert.deepEqual(ittybit.book.entries(), [
      {
        id: whole.job.id,
        input: 's3://media/a.mov',
        kind: 'video',
        options: { quality: 'high' },
        output: 's3://out/a.mp4',
        connection: 'conn_1',
        metadata: { reference: 'r1', source_key: 'a.mov' },
        reference: 'r1',
        webhookUrl: 'http://127.0.0.1:1/',
        createdAt: 1_000,
        finishedAt: ittybit.book.jobs[0]?.finishedAt,
        status: 'succeeded',
      },
      {
        ...common,
        id: bare.job.id,
        input: 's3://media/b.mov',
        kind: 'audio',
        connection: 'conn_2',
        reference: key,
        createdAt: 2_000,
        status: 'processing',
      },
    ]);
    const [, last] = JSON.parse(JSON.stringify(ittybit.book.entries())) as Fields[];
    assert.deepEqual(last, ittybit.book.entries()[1]);
  });

  it('counts the answers of each route', async () => {
    const ittybit = await bench.standIn();
    const { job } = await post(ittybit);
    await post(ittybit, { kind: 'x' });
    await get(ittybit, job.id);
    await get(ittybit, 'job_unknown');
    const { book } = ittybit;
    assert.deepEqual(
      [...book.answers('POST /jobs')],
      [
        [201, 1],
        [400, 1],
      ],
    );
    assert.deepEqual(
      [...book.answers('GET /jobs/{id}')],
      [
        [200, 1],
        [404, 1],
      ],
    );
    assert.deepEqual([...book.answers('GET /jobs')], []);
  });
});

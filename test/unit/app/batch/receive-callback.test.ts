import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { receiveCallback } from '../../../../src/app/batch/receive-callback.ts';
import { firstItem, move } from '../../../../src/core/batch/item-step.ts';
import { MediaBatchError } from '../../../../src/core/errors.ts';
import { webhookPath } from '../../../../src/core/ittybit/signed-address.ts';
import type { SigningKeys } from '../../../../src/core/ittybit/signing-keys.ts';
import { MemoryLedger } from '../../../helpers/memory-ledger.ts';

const FILE = { batch: 'b1', bucket: 'media', key: 'dir/ü b.mp4' };
const KEYS: SigningKeys = { pathKey: 'path-key', previousPathKeys: [], webhookSecret: '' };

describe('receiveCallback', () => {
  let ledger: MemoryLedger;
  let reads: boolean[];
  const pathOf = (key: string, run = 1) => {
    const [batch = '', source = '', signature = ''] = webhookPath(key, FILE, run).split('/');
    return { batch, source, signature };
  };
  const path = pathOf('path-key');
  const { signature } = path;

  beforeEach(async () => {
    reads = [];
    ledger = new MemoryLedger();
    const claimed = firstItem(FILE, 0);
    const known = { reference: 'ref', job_id: 'job_1', unclear: false };
    await ledger.write({ before: undefined, next: move(claimed, 'submitted', known, 0) });
    ledger.writes.length = 0;
    ledger.reads = 0;
  });

  const bytesOf = (body: unknown) =>
    Buffer.isBuffer(body) ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  const receive = (body: unknown, change: object = {}, keys = KEYS, rotated = keys) =>
    receiveCallback(
      { path, body: bytesOf(body), charset: undefined, signature: undefined, ...change },
      {
        ledger,
        now: () => 1000,
        signingKeys: async (again) => {
          reads.push(again);
          return again ? rotated : keys;
        },
      },
    );

  it('stores each of the five published shapes', async () => {
    const job = { id: 'job_1', kind: 'video', status: 'succeeded', output: { url: 'https://out' } };
    const { status, ...stateless } = job;
    for (const body of [
      job,
      { data: job },
      { id: 'evt_1', object: 'event', kind: 'task.succeeded', data: { ...stateless, outputs: [job.output] } },
      { type: 'job.succeeded', data: stateless },
      { ...job, object: 'task', status: 'completed' },
    ]) {
      const before = new Map(ledger.items);
      assert.deepEqual(await receive(body), { status: 200, message: 'succeeded' });
      const item = ledger.only;
      assert.deepEqual([item.status, item.output_url, item.key], ['succeeded', 'https://out', FILE.key]);
      for (const [id, stored] of before) ledger.items.set(id, stored);
    }
  });

  it('raises where the item cannot be read, so that the sender tries again', async () => {
    const unreadable = new MediaBatchError('unreadable-item', 'This version cannot read it.');
    ledger.read = async () => Promise.reject(unreadable);
    await assert.rejects(receive({ status: 'succeeded' }), unreadable);
  });

  it('answers 200 to a repeat and to a late one, and changes nothing', async () => {
    await receive({ status: 'failed', error: 'no codec' });
    const stored = ledger.only;
    for (const status of ['failed', 'processing', 'succeeded', 'queued']) {
      assert.deepEqual(await receive({ status }), { status: 200, message: 'Nothing new.' });
    }
    assert.deepEqual(ledger.only, stored);
  });

  it('answers 200 to a status that it does not know, stores nothing and repeats little of it', async () => {
    const answer = await receive({ status: 'x'.repeat(9000) });
    assert.equal(answer.status, 200);
    assert.ok(answer.message.length < 100);
    assert.equal(ledger.only.status, 'submitted');
  });

  it('refuses a forged URL before it looks at the body', async () => {
    const forged = [
      { ...path, batch: 'b2' },
      { ...path, source: Buffer.from('media/other.mp4').toString('base64url') },
      { ...path, signature: `${signature.slice(0, -1)}${signature.endsWith('A') ? 'B' : 'A'}` },
      { batch: '', source: '', signature: '' },
    ];
    for (const wrong of forged) {
      for (const body of ['{"status":"succeeded"}', 'not json', Buffer.alloc(2_000_000)]) {
        assert.equal((await receive(body, { path: wrong })).status, 401);
      }
    }
    assert.equal(ledger.reads, 0);
  });

  it('refuses 2 MB, and what is not a JSON object', async () => {
    assert.equal((await receive(Buffer.alloc(2 * 1024 * 1024, ' '))).status, 413);
    for (const body of [
      '',
      'not json',
      '[]',
      '7',
      'null',
      '"succeeded"',
      '{"status":',
      Buffer.from([0xff, 0xfe]),
    ]) {
      assert.equal((await receive(body)).status, 400, String(body));
    }
    assert.equal(ledger.reads, 0);
  });

  it('takes an address that an earlier key signed, and one of a later run', async () => {
    const keys = { ...KEYS, pathKey: 'newest', previousPathKeys: ['middle', 'path-key'] };
    for (const key of ['newest', 'middle', 'path-key']) {
      for (const run of [1, 2]) {
        assert.equal((await receive({ status: 'queued' }, { path: pathOf(key, run) }, keys)).status, 200);
      }
    }
    assert.equal((await receive({ status: 'queued' }, { path: pathOf('gone') }, keys)).status, 401);
    assert.deepEqual(ledger.writes, []);
    assert.equal(ledger.items.size, 1);
  });

  it('reads the keys again before it refuses an address, and no oftener', async () => {
    const rotated = { ...KEYS, pathKey: 'newest', previousPathKeys: ['path-key'] };
    assert.equal(
      (await receive({ status: 'succeeded' }, { path: pathOf('newest') }, KEYS, rotated)).status,
      200,
    );
    assert.equal(ledger.only.status, 'succeeded');
    assert.deepEqual(reads, [false, true]);
    reads.length = 0;
    assert.equal((await receive({ status: 'queued' }, {}, KEYS, rotated)).status, 200);
    assert.deepEqual(reads, [false]);
    reads.length = 0;
    assert.equal((await receive({}, { path: pathOf('forged') }, KEYS, rotated)).status, 401);
    assert.deepEqual(reads, [false, true]);
  });

  it('takes Ittybit-Signature by the secret that was read with the key that fits', async () => {
    const rotated = { pathKey: 'newest', previousPathKeys: [], webhookSecret: 'whsec' };
    const answer = await receive({ status: 'succeeded' }, { path: pathOf('newest') }, KEYS, rotated);
    assert.deepEqual(answer, { status: 401, message: 'Ittybit-Signature does not match the body.' });
  });

  it('stores nothing of a task that is only a step, and asks the table nothing', async () => {
    for (const kind of ['probe', 'import', 'export']) {
      const task = { id: 'task_001', object: 'task', kind, outputs: [{ url: 'https://source' }] };
      for (const status of ['succeeded', 'failed', 'processing']) {
        const answer = await receive({ object: 'event', kind: `task.${status}`, data: { ...task, status } });
        assert.deepEqual(answer, { status: 200, message: 'Progress of one task: nothing stored.' });
      }
    }
    assert.equal(ledger.reads, 0);
    await receive({
      type: 'job.failed',
      data: { id: 'job_1', tasks: [{ status: 'failed', error: 'no codec' }] },
    });
    assert.deepEqual([ledger.only.status, ledger.only.error], ['failed', 'no codec']);
  });

  it('reads gzip, whether its header says so or not', async () => {
    const error = 'не читается 🎞';
    assert.equal((await receive(gzipSync(JSON.stringify({ status: 'failed', error })))).status, 200);
    assert.equal(ledger.only.error, error);
  });

  it('refuses gzip that is broken, cut, or larger than 256 kB once unpacked', async () => {
    const packed = gzipSync('{"status":"succeeded"}');
    for (const broken of [
      packed.subarray(0, 2),
      packed.subarray(0, -6),
      packed.with(15, packed[15]! ^ 0xff),
    ]) {
      assert.equal((await receive(Buffer.from(broken))).status, 400);
    }
    const bomb = gzipSync(Buffer.alloc(200 * 1024 * 1024, ' '));
    assert.ok(bomb.length < 256 * 1024);
    assert.equal((await receive(bomb)).status, 413);
    const twice = gzipSync('{"status":"succeeded"}'.padEnd(200_000));
    assert.equal((await receive(Buffer.concat([twice, twice]))).status, 413);
    assert.equal(ledger.reads, 0);
  });

  it('reads a byte order mark and the encodings that a request can name', async () => {
    const text = JSON.stringify({ status: 'failed', error: 'Über' });
    const utf16 = Buffer.from(text, 'utf16le');
    for (const [body, charset] of [
      [Buffer.from(`\uFEFF${text}`), undefined],
      [Buffer.from(`\uFEFF${text}`), 'iso-8859-1'],
      [Buffer.from(`\uFEFF${text}`, 'utf16le'), undefined],
      [Buffer.from(`\uFEFF${text}`, 'utf16le').swap16(), 'utf-8'],
      [utf16, 'UTF-16'],
      [Buffer.from(text, 'latin1'), 'ISO-8859-1'],
      [Buffer.from(text), 'no-such-charset'],
      [gzipSync(Buffer.from(`\uFEFF${text}`)), undefined],
    ] as const) {
      const before = new Map(ledger.items);
      assert.equal((await receive(body, { charset })).status, 200, charset);
      assert.equal(ledger.only.error, 'Über', charset);
      for (const [id, stored] of before) ledger.items.set(id, stored);
    }
  });

  it('checks Ittybit-Signature where a secret is configured', async () => {
    const keys = { ...KEYS, webhookSecret: 'whsec' };
    const body = '{"status":"succeeded"}';
    const hex = createHmac('sha256', 'whsec').update(body).digest('hex');
    for (const wrong of [
      undefined,
      '',
      'deadbeef',
      hex.replace(/./, (digit) => (digit === '0' ? '1' : '0')),
    ]) {
      assert.equal((await receive(body, { signature: wrong }, keys)).status, 401);
    }
    assert.equal(ledger.only.status, 'submitted');
    assert.equal((await receive(body, { signature: `sha256=${hex}` }, keys)).status, 200);
    assert.equal(ledger.only.status, 'succeeded');
  });

  it('takes Ittybit-Signature of a packed body over its bytes or over what is in it', async () => {
    const keys = { ...KEYS, webhookSecret: 'whsec' };
    const body = '{"status":"queued"}';
    const packed = gzipSync(body);
    const sign = (bytes: Buffer | string) => createHmac('sha256', 'whsec').update(bytes).digest('hex');
    for (const signed of [body, packed])
      assert.equal((await receive(packed, { signature: sign(signed) }, keys)).status, 200);
    assert.equal((await receive(packed, { signature: sign(`${body} `) }, keys)).status, 401);
  });

  it('raises what the table raises, so that the sender tries again', async () => {
    ledger.beforeWrite = () => {
      throw new Error('the table is away');
    };
    await assert.rejects(receive({ status: 'succeeded' }), /the table is away/);
  });
});

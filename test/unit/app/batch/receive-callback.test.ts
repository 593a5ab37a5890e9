import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { receiveCallback } from '../../../../src/app/batch/receive-callback.ts';
import { MediaBatchError } from '../../../../src/core/errors.ts';
import { webhookPath } from '../../../../src/core/ittybit/signed-address.ts';
import { MemoryLedger } from '../../../helpers/memory-ledger.ts';

const FILE = { batch: 'b1', bucket: 'media', key: 'dir/ü b.mp4' };
const KEYS = { pathKey: 'path-key', webhookSecret: '' };

describe('receiveCallback', () => {
  let ledger: MemoryLedger;
  const [batch = '', source = '', signature = ''] = webhookPath('path-key', FILE).split('/');
  const path = { batch, source, signature };

  beforeEach(async () => {
    ledger = new MemoryLedger(() => 0);
    const reference = () => 'ref';
    const claim = { claim: 'i', leaseUntilMs: 1, kind: 'video', maxAttempts: 3, reference };
    await ledger.apply(FILE, { type: 'claim', ...claim });
    await ledger.apply(FILE, { type: 'submitted', reference: 'ref', jobId: 'job_1' });
    ledger.events.length = 0;
  });

  const receive = (body: unknown, change: object = {}, keys = KEYS) => {
    const bytes = Buffer.isBuffer(body)
      ? body
      : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
    return receiveCallback({ path, body: bytes, signature: undefined, ...change }, keys, ledger);
  };

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
    ledger.apply = async () => Promise.reject(unreadable);
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
    assert.equal(ledger.events.length, 0);
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
    assert.equal(ledger.events.length, 0);
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

  it('raises what the table raises, so that the sender tries again', async () => {
    ledger.beforeWrite = () => {
      throw new Error('the table is away');
    };
    await assert.rejects(receive({ status: 'succeeded' }), /the table is away/);
  });
});

import assert from 'node:assert/strict';
import { repeatOf, requestOf, type Sender } from '../../../../src/core/batch/sent-request.ts';
import type { ResultItem } from '../../../../src/core/batch/result-item.ts';
import { DEFAULT_JOB_OPTIONS as JOB, type JobOptions } from '../../../../src/core/ittybit/job-options.ts';
import { readWebhookPath } from '../../../../src/core/ittybit/signed-address.ts';
import { at, FILE, HOUR, NOW, stored } from '../../../helpers/stored-items.ts';

const [KEY, NEW_KEY] = ['k'.repeat(32), 'n'.repeat(32)] as const;
const SENDER: Sender = {
  apiUrl: 'https://api.example',
  connectionId: '',
  webhookUrl: 'https://hook.example/webhook',
  signingKeys: [KEY],
};
const SENT = requestOf(FILE, { reference: 'ref-1', run: 1 }, JOB, SENDER);
const ITEM = stored('retrying', { unclear: true, sent: SENT.mark, first_post_at: at(0) });

function repeat(
  change: Partial<Sender> = {},
  item: ResultItem = ITEM,
  job: JobOptions = JOB,
  now = NOW + HOUR,
) {
  return repeatOf(item, job, { ...SENDER, ...change }, now);
}

describe('requestOf', () => {
  it('sends the job of the batch, with an address that finds the file and the run', () => {
    const sender = { ...SENDER, connectionId: 'conn_1' };
    const { webhook_url, ...body } = requestOf(FILE, { reference: 'ref-1', run: 2 }, JOB, sender).body;
    assert.deepEqual(body, {
      input: 's3://media/a.mp4',
      kind: 'video',
      options: { ...JOB.options, connection_id: 'conn_1' },
      output: undefined,
      connection_id: undefined,
      metadata: { reference: 'ref-1', batch: 'b1', source_bucket: 'media', source_key: 'a.mp4' },
    });
    const [batch = '', source = '', signature = ''] = String(webhook_url).split('/').slice(-3);
    assert.equal(batch, 'b1~2');
    assert.deepEqual(readWebhookPath([KEY], { batch, source, signature }), { file: FILE, run: 2 });
  });

  it('marks what was sent in 25 characters that show no key', () => {
    assert.match(SENT.mark, /^[0-9a-f]{16}\.[0-9a-f]{8}$/);
    assert.ok(!SENT.mark.includes(KEY.slice(0, 8)));
  });
});

describe('repeatOf', () => {
  it('repeats the very same request', () => {
    assert.deepEqual(repeat(), SENT);
  });

  it('signs with the key of that time while it is kept, also after rotations', () => {
    assert.deepEqual(repeat({ signingKeys: [NEW_KEY, 'x'.repeat(32), KEY] }), SENT);
    assert.equal(repeat({ signingKeys: [NEW_KEY] }), undefined);
  });

  it('does not repeat what would be another request: Ittybit refuses it under the same key', () => {
    const changes: Partial<Sender>[] = [
      { connectionId: 'conn_2' },
      { apiUrl: 'https://other.example' },
      { webhookUrl: 'https://other.example/webhook' },
    ];
    for (const change of changes) assert.equal(repeat(change), undefined, JSON.stringify(change));
    for (const job of [
      { ...JOB, options: {} },
      { ...JOB, output: 's3://o/{key}' },
      { ...JOB, connection_id: 'c' },
    ])
      assert.equal(repeat({}, ITEM, job), undefined, JSON.stringify(job));
    assert.equal(repeat({}, { ...ITEM, run: 2 }), undefined);
    assert.equal(repeat({}, { ...ITEM, reference: 'ref-2' }), undefined);
  });

  it('repeats for 23 h and no longer, and never where the time is not readable', () => {
    assert.ok(repeat({}, ITEM, JOB, NOW + 23 * HOUR));
    assert.equal(repeat({}, ITEM, JOB, NOW + 23 * HOUR + 1), undefined);
    for (const first_post_at of ['', 'soon']) assert.equal(repeat({}, { ...ITEM, first_post_at }), undefined);
  });

  it('repeats nothing of an item that lacks a part of it, such as one of an older stack', () => {
    for (const name of ['sent', 'reference', 'first_post_at'] as const) {
      const { [name]: _, ...rest } = ITEM;
      assert.equal(repeat({}, rest as ResultItem), undefined, name);
    }
    for (const sent of ['', '.', `${SENT.mark}0`, 'ref-1'])
      assert.equal(repeat({}, { ...ITEM, sent }), undefined, sent);
  });
});

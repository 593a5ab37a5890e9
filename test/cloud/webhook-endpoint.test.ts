import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { InvokeCommand, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import pMap from 'p-map';
import { planKeyRotation } from '../../src/app/stack/signing-key.ts';
import { webhookPath } from '../../src/core/ittybit/signed-address.ts';
import { webhookSignature } from '../../src/local/ittybit/webhook-post.ts';
import { PipelineCloud, postTo, type DeployedPipeline } from '../helpers/deployed-pipeline.ts';

const BATCH = 'a-batch';
const WEBHOOK_SECRET = 'whsec "quoted" ✓';

describe('the deployed webhook endpoint', function () {
  this.timeout(60_000);
  let cloud: PipelineCloud;
  let pipeline: DeployedPipeline;
  let pathKey: string;

  const file = (name: string) => ({ bucket: 'film-archive', key: `in/${name} 1+1 🎉.mov` });
  const path = (name: string) => webhookPath(pathKey, { batch: BATCH, ...file(name) }, 1);
  const url = (rest: string, of = pipeline) => `${of.outputs.webhookEndpoint}/${rest}`;
  const done = (id = 'job_1') => ({
    id,
    status: 'succeeded',
    kind: 'video',
    output: { url: 'https://out/a.mp4' },
  });
  const sentence = (text: string) => (JSON.parse(text) as { message: string }).message;

  before(async () => {
    cloud = await PipelineCloud.start('webhook-test');
    pipeline = await cloud.deploy();
    pathKey = await pipeline.pathKey();
  });
  after(() => cloud.stop());

  it('stores the result of a file that the table does not know: nothing is dropped', async () => {
    const answer = await postTo(url(path('unknown')), JSON.stringify(done()));
    assert.deepEqual([answer.status, sentence(answer.text)], [200, 'succeeded']);
    const item = await pipeline.item(file('unknown'), BATCH);
    assert.deepEqual(
      [item?.status, item?.attempts, item?.output_url, item?.job_id, item?.kind],
      ['succeeded', 0, 'https://out/a.mp4', 'job_1', 'video'],
    );
    assert.equal((await pipeline.progress(BATCH)).counts.succeeded, 1);
    const again = await postTo(url(path('unknown')), JSON.stringify({ ...done(), status: 'failed' }));
    assert.deepEqual([again.status, sentence(again.text)], [200, 'Nothing new.']);
    assert.deepEqual(await pipeline.item(file('unknown'), BATCH), item);
  });

  it('answers 401 to an address that this stack did not sign, and stores nothing', async () => {
    const [batch, source, signature] = path('forged').split('/') as [string, string, string];
    const forged = [
      `${batch}/${source}/${'A'.repeat(signature.length)}`,
      `${batch}/${source}/x`,
      `${batch}/${source}/${path('other').split('/')[2] ?? ''}`,
      `other-batch/${source}/${signature}`,
      `${batch}~2/${source}/${signature}`,
      `${batch}/${Buffer.from('film-archive/else.mp4').toString('base64url')}/${signature}`,
      webhookPath('another stack', { batch: BATCH, ...file('forged') }, 1),
    ];
    for (const address of forged) {
      const answer = await postTo(url(address), JSON.stringify(done()));
      assert.equal(answer.status, 401, address);
      assert.match(sentence(answer.text), /not signed by this stack/);
    }
    assert.equal(await pipeline.item(file('forged'), BATCH), undefined);
  });

  it('has no other route', async () => {
    for (const rest of ['', 'a', 'a/b', `${path('route')}/more`]) {
      assert.equal((await postTo(url(rest), '{}')).status, 404, rest);
    }
  });

  it('answers 400 to a body that is no JSON object, and stores nothing', async () => {
    for (const body of ['', 'status=succeeded', '{"status":"succ', '[1]', 'null', '"text"']) {
      const answer = await postTo(url(path('no json')), body);
      assert.equal(answer.status, 400, body);
      assert.match(sentence(answer.text), /not (a )?JSON/);
    }
    assert.equal(await pipeline.item(file('no json'), BATCH), undefined);
  });

  it('answers 413 to 2 MB', async () => {
    const body = JSON.stringify({ ...done(), padding: 'x'.repeat(2_000_000) });
    const answer = await postTo(url(path('large')), body);
    assert.equal(answer.status, 413);
    assert.equal(await pipeline.item(file('large'), BATCH), undefined);
  });

  it('answers 200 to a status that it does not know, and stores nothing', async () => {
    const answer = await postTo(
      url(path('status')),
      JSON.stringify({ id: 'job_1', status: '<b>paused</b>' }),
    );
    assert.equal(answer.status, 200);
    assert.match(sentence(answer.text), /Unknown status/);
    assert.equal(await pipeline.item(file('status'), BATCH), undefined);
  });

  it('reads a body that the gateway passes on as base64', async () => {
    const error = 'не читается 🎞';
    const body = Buffer.from(JSON.stringify({ ...done(), status: 'failed', error }));
    const sent = await postTo(url(path('binary')), body, { 'content-type': 'application/octet-stream' });
    assert.equal(sent.status, 200);
    assert.equal((await pipeline.item(file('binary'), BATCH))?.error, error);

    assert.equal(await invoke('direct', body), 200);
    assert.equal((await pipeline.item(file('direct'), BATCH))?.error, error);
    assert.equal(await invoke('packed', gzipSync(body), { 'content-encoding': 'gzip' }), 200);
    assert.equal((await pipeline.item(file('packed'), BATCH))?.error, error);
    assert.equal(await invoke('bomb', gzipSync(Buffer.alloc(50_000_000, ' '))), 413);
  });

  it('keeps the last word when many webhooks of one file arrive at once', async () => {
    const bodies = ['processing', 'succeeded', 'processing', 'failed', 'queued', 'succeeded'].map((status) =>
      JSON.stringify({ ...done(), status }),
    );
    const answers = await Promise.all(bodies.map((body) => postTo(url(path('race')), body)));
    assert.deepEqual(
      answers.map(({ status }) => status),
      bodies.map(() => 200),
    );
    const item = await pipeline.item(file('race'), BATCH);
    assert.ok(item?.status === 'succeeded' || item?.status === 'failed');
    const { counts } = await pipeline.progress(BATCH);
    assert.deepEqual(
      [counts.submitted, counts.processing, counts.succeeded + counts.failed],
      [0, 0, ['unknown', 'binary', 'direct', 'packed', 'race'].length],
    );
  });

  it('checks Ittybit-Signature once its secret is stored', async () => {
    const signed = await cloud.deploy('media-batch-signed');
    // Before the first webhook, since the function keeps secrets for 5 minutes.
    await signed.setWebhookSecret(WEBHOOK_SECRET);
    const target = url(webhookPath(await signed.pathKey(), { batch: BATCH, ...file('signed') }, 1), signed);
    const body = JSON.stringify({ ...done(), note: 'é 🎉' });
    const signature = webhookSignature(body, WEBHOOK_SECRET);
    const refused: Record<string, string>[] = [
      {},
      { 'ittybit-signature': '' },
      { 'ittybit-signature': webhookSignature(`${body} `, WEBHOOK_SECRET) },
      { 'ittybit-signature': webhookSignature(body, 'another secret') },
    ];
    for (const headers of refused) {
      const answer = await postTo(target, body, headers);
      assert.equal(answer.status, 401);
      assert.match(sentence(answer.text), /Ittybit-Signature/);
    }
    assert.equal(await signed.item(file('signed'), BATCH), undefined);
    const accepted = await postTo(target, body, { 'Ittybit-Signature': signature });
    assert.deepEqual([accepted.status, sentence(accepted.text)], [200, 'succeeded']);
    const prefixed = await postTo(target, body, { 'ittybit-signature': `sha256=${signature.toUpperCase()}` });
    assert.deepEqual([prefixed.status, sentence(prefixed.text)], [200, 'Nothing new.']);
  });

  it('takes the address of a later run', async () => {
    const address = webhookPath(pathKey, { batch: BATCH, ...file('run 2') }, 2);
    assert.match(address, /^a-batch~2\//);
    assert.equal((await postTo(url(address), JSON.stringify({ status: 'queued' }))).status, 200);
  });

  it('loses none of a burst: what it cannot store at once is sent again, and each is counted once', async () => {
    const batch = 'a-burst';
    const files = Array.from({ length: 200 }, (_, index) => file(`burst ${index}`));
    const answers = new Map<number, number>();
    const send = async (of: (typeof files)[number]): Promise<void> => {
      const { status } = await postTo(url(webhookPath(pathKey, { batch, ...of }, 1)), JSON.stringify(done()));
      answers.set(status, (answers.get(status) ?? 0) + 1);
      // As Ittybit does: an error is sent again.
      if (status !== 200) await send(of);
    };
    await pMap(files, send, { concurrency: 40 });
    assert.equal(answers.get(200), files.length);
    assert.deepEqual(
      [...answers.keys()].filter((status) => status !== 200 && status !== 429 && status < 500),
      [],
    );
    assert.equal((await pipeline.progress(batch)).counts.succeeded, files.length);
  });

  it('takes callbacks of every key through five rotations, at once', async () => {
    const rotated = await cloud.deploy('media-batch-rotated');
    const { secrets } = cloud.cloud.services;
    const addresses: string[] = [];
    const sign = async () => {
      const of = { batch: BATCH, ...file(`key ${addresses.length}`) };
      addresses.push(url(webhookPath(await rotated.pathKey(), of, 1), rotated));
    };
    const statuses = () =>
      Promise.all(addresses.map(async (address) => (await postTo(address, JSON.stringify(done()))).status));
    await sign();
    assert.deepEqual(await statuses(), [200]);
    for (let turn = 1; turn <= 5; turn += 1) {
      await (await planKeyRotation(rotated.outputs, secrets)).store();
      await sign();
    }
    // The function has the first secret in memory, and reads the one of today at the first address that does not fit.
    assert.equal((await postTo(addresses[5]!, JSON.stringify(done()))).status, 200);
    assert.deepEqual(await statuses(), [200, 200, 200, 200, 200, 200]);
    assert.equal((await rotated.progress(BATCH)).counts.succeeded, 6);
  });

  async function invoke(name: string, body: Buffer, headers: object = {}): Promise<number> {
    const [batch, source, signature] = path(name).split('/');
    const event = {
      headers,
      pathParameters: { batch, source, signature },
      body: body.toString('base64'),
      isBase64Encoded: true,
    };
    const Payload = JSON.stringify(event);
    const answer = await cloud.lambda.send(
      new InvokeCommand({ FunctionName: await webhookFunction(), Payload }),
    );
    return (JSON.parse(answer.Payload!.transformToString()) as { statusCode: number }).statusCode;
  }

  async function webhookFunction(): Promise<string | undefined> {
    const { Functions = [] } = await cloud.lambda.send(new ListFunctionsCommand({}));
    return Functions.find(({ Description }) => Description?.startsWith('Records'))?.FunctionName;
  }
});

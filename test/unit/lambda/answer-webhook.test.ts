import assert from 'node:assert/strict';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { InvalidInputError, MediaBatchError } from '../../../src/core/errors.ts';
import { webhookPath } from '../../../src/core/ittybit/signed-address.ts';
import type { SigningKeys } from '../../../src/core/ittybit/signing-keys.ts';
import { answerWebhook, callbackOf } from '../../../src/lambda/answer-webhook.ts';
import { MemoryLedger } from '../../helpers/memory-ledger.ts';

const KEY = '5ECRET'.padEnd(64, '-');
const KEYS: SigningKeys = { pathKey: KEY, previousPathKeys: [], webhookSecret: '' };
const FILE = { batch: 'b1', bucket: 'media', key: 'a.mp4' };

describe('answerWebhook', () => {
  let ledger: MemoryLedger;
  let logged: string[];
  let signingKeys: (again: boolean) => Promise<SigningKeys>;
  /** ends when the answer is there, as a pause of 4 s does */
  let timeUp: (ms: number, ended: AbortSignal) => Promise<void>;
  const console_ = { log: console.log, error: console.error };

  beforeEach(() => {
    ledger = new MemoryLedger();
    logged = [];
    console.log = console.error = (line: string) => void logged.push(line);
    signingKeys = async () => KEYS;
    timeUp = (_ms, ended) =>
      new Promise((_, reject) => {
        ended.addEventListener('abort', () => {
          reject(new DOMException('over', 'AbortError'));
        });
      });
  });
  afterEach(() => {
    Object.assign(console, console_);
  });

  async function post(body: unknown, change: object = {}) {
    const [batch = '', source = '', signature = ''] = webhookPath(KEY, FILE, 1).split('/');
    const event = {
      headers: {},
      pathParameters: { batch, source, signature },
      body: typeof body === 'string' ? body : JSON.stringify(body),
      isBase64Encoded: false,
      ...change,
    } as unknown as APIGatewayProxyEventV2;
    const { statusCode, body: text } = await answerWebhook(
      callbackOf(event),
      { ledger, signingKeys, now: () => 0 },
      timeUp,
    );
    assert.doesNotMatch(JSON.stringify([logged, text]), /5ECRET/);
    return [statusCode, (JSON.parse(String(text)) as { message: string }).message];
  }

  it('stores a result, and logs one line that names the file', async () => {
    assert.deepEqual(await post({ status: 'succeeded' }), [200, 'succeeded']);
    assert.equal(logged.length, 1);
    assert.match(logged[0] ?? '', /"batch":"b1","source":"[\w-]+","status":200/);
  });

  it('reads the bytes behind base64, as the request says that they are encoded', async () => {
    const body = Buffer.from(JSON.stringify({ status: 'failed', error: 'Über' }), 'latin1').toString(
      'base64',
    );
    const headers = { 'content-type': 'application/json; Charset="ISO-8859-1"' };
    assert.equal((await post(body, { isBase64Encoded: true, headers }))[0], 200);
    assert.equal(ledger.only.error, 'Über');
  });

  it('takes a body that came as a text for the text that it is', async () => {
    const headers = { 'content-type': 'application/json;charset=iso-8859-1' };
    assert.equal((await post({ status: 'failed', error: 'Über' }, { headers }))[0], 200);
    assert.equal(ledger.only.error, 'Über');
  });

  it('answers 401 and 400 to what is not worth another try', async () => {
    const forged = { batch: 'b1', source: 'bWVkaWEvYS5tcDQ', signature: 'x' };
    assert.equal((await post({}, { pathParameters: forged }))[0], 401);
    assert.equal((await post({}, { pathParameters: undefined }))[0], 401);
    assert.equal((await post('no json'))[0], 400);
    assert.equal((await post('', { body: undefined }))[0], 400);
  });

  it('answers 503 where the keys cannot be used or read, so that nothing is lost and nothing forged is taken', async () => {
    for (const error of [
      new MediaBatchError('unusable-signing-secret', 'The signing secret has no path_key.'),
      new Error('ThrottlingException'),
    ]) {
      signingKeys = async () => Promise.reject(error);
      assert.deepEqual(await post({ status: 'succeeded' }), [
        503,
        'The result could not be stored now: send it again.',
      ]);
      assert.match(logged.at(-1) ?? '', new RegExp(error.message));
    }
    assert.equal(ledger.reads, 0);
  });

  it('answers 503 where the table throttles, also in words that look like a bad body', async () => {
    for (const error of [
      Object.assign(new Error('slow down'), { name: 'ProvisionedThroughputExceededException' }),
      new SyntaxError('Unexpected token < in JSON'),
      new InvalidInputError('body', 'The answer of the table is broken.'),
    ]) {
      ledger.beforeWrite = () => {
        throw error;
      };
      assert.equal((await post({ status: 'succeeded' }))[0], 503);
    }
  });

  it('answers 503 within 4 s where the secret or the table does not answer at all', async () => {
    const limits: number[] = [];
    timeUp = async (ms) => void limits.push(ms);
    signingKeys = () => new Promise(() => undefined);
    assert.equal((await post({ status: 'succeeded' }))[0], 503);
    signingKeys = async () => KEYS;
    ledger.read = () => new Promise(() => undefined);
    assert.equal((await post({ status: 'succeeded' }))[0], 503);
    assert.deepEqual(limits, [4000, 4000]);
    assert.match(logged.at(-1) ?? '', /no answer within 4000 ms/);
  });
});

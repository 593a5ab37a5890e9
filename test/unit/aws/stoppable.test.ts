import assert from 'node:assert/strict';
import { AwsClients } from '../../../src/aws/connection.ts';
import { SqsQueueService } from '../../../src/aws/queue-service.ts';
import { isAbort } from '../../../src/core/errors.ts';
import { LoopbackAws } from '../../helpers/loopback-aws.ts';

const URL = 'http://localhost/000000000000/work';
const MESSAGES = [{ body: '{"key":"a.mp4"}', group: 'b1' }];

describe('the signal of a call to SQS', () => {
  let aws: LoopbackAws;
  let clients: AwsClients;
  let queues: SqsQueueService;

  beforeEach(async () => {
    aws = await LoopbackAws.start();
    const credentials = { accessKeyId: 'AKID', secretAccessKey: 'secret' };
    clients = new AwsClients({ region: 'us-east-1', endpoint: aws.endpoint, credentials }, credentials);
    queues = new SqsQueueService(clients);
  });

  afterEach(async () => {
    clients.destroy();
    await aws.stop();
  });

  /** @returns one call for each signal, all of them at SQS, which answers none yet; then what lets it answer */
  const hold = async (signals: readonly (AbortSignal | undefined)[]) => {
    const all = Promise.withResolvers<undefined>();
    const answer = Promise.withResolvers<undefined>();
    let arrived = 0;
    aws.before = async () => {
      arrived += 1;
      if (arrived === signals.length) all.resolve(undefined);
      await answer.promise;
      return false;
    };
    const calls = signals.map((signal) => queues.send(URL, MESSAGES, signal));
    await all.promise;
    return { calls, answer: answer.resolve };
  };

  it('ends that call at once, and no other one', async () => {
    const [first, second] = [new AbortController(), new AbortController()];
    // The middleware is put together by a call that has another signal.
    await queues.send(URL, MESSAGES, new AbortController().signal);
    const { calls, answer } = await hold([first.signal, second.signal, undefined]);
    first.abort();
    await assert.rejects(calls[0]!, isAbort);
    answer(undefined);
    assert.deepEqual(await Promise.all(calls.slice(1)), [[], []]);
    assert.equal(aws.requests.length, 4);
  });

  it('ends it before its next try, too', async () => {
    const control = new AbortController();
    aws.before = (_, response) => {
      control.abort();
      response.writeHead(503).end();
      return true;
    };
    await assert.rejects(queues.send(URL, MESSAGES, control.signal), isAbort);
    assert.equal(aws.requests.length, 1);
  });

  it('lets no call begin that comes after it', async () => {
    await assert.rejects(queues.depth(URL, AbortSignal.abort()), isAbort);
    assert.deepEqual(aws.requests, []);
  });
});

import assert from 'node:assert/strict';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { poll } from '../../src/app/poll.ts';
import { redriveAll } from '../../src/app/batch/redrive.ts';
import type { AwsClients } from '../../src/aws/connection.ts';
import { openClients } from '../../src/aws/open-clients.ts';
import { SqsQueueService } from '../../src/aws/queue-service.ts';
import type { StackOutputs } from '../../src/core/stack/stack-contract.ts';
import { startElasticMq } from '../helpers/elasticmq.ts';

const ACCESS = { region: 'elasticmq', credentials: { accessKeyId: 'x', secretAccessKey: 'x' } };

function arn(queue: string): string {
  return `arn:aws:sqs:elasticmq:000000000000:${queue}`;
}

describe('redrive by SQS itself, on ElasticMQ', function () {
  this.timeout(120_000);
  let clients: AwsClients | undefined;
  let queues: SqsQueueService;
  let admin: SQSClient;
  let stop: (() => Promise<void>) | undefined;

  before(async function () {
    const started = await startElasticMq();
    if ('skipped' in started) {
      this['skipReason'] = started.skipped;
      this.skip();
    }
    stop = () => started.stop();
    admin = new SQSClient({ ...ACCESS, endpoint: started.endpoint });
    clients = openClients({ ...ACCESS, endpoint: started.endpoint });
    queues = new SqsQueueService(clients);
  });

  after(async () => {
    clients?.destroy();
    if (stop) admin.destroy();
    await stop?.();
  });

  /** Makes a work queue with its dead-letter queue that holds `letters` messages. */
  async function queuePair(name: string, letters: number): Promise<StackOutputs> {
    const dead = await admin.send(new CreateQueueCommand({ QueueName: `${name}-dead` }));
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arn(`${name}-dead`), maxReceiveCount: 3 });
    const work = await admin.send(new CreateQueueCommand({ QueueName: name, Attributes: { RedrivePolicy } }));
    for (let sent = 0; sent < letters; sent += 10) {
      const batch = Array.from({ length: 10 }, (_, n) => ({ body: `{"n":${sent + n}}` }));
      assert.deepEqual(await queues.send(dead.QueueUrl!, batch), []);
    }
    return {
      workQueueUrl: work.QueueUrl!,
      workQueueArn: arn(name),
      deadLetterQueueUrl: dead.QueueUrl!,
      deadLetterQueueArn: arn(`${name}-dead`),
    } as StackOutputs;
  }

  const waiting = async (pipeline: StackOutputs) =>
    [
      (await queues.depth(pipeline.workQueueUrl)).waiting,
      (await queues.depth(pipeline.deadLetterQueueUrl)).waiting,
    ] as const;

  it('moves all letters back, one task after the other', async () => {
    const pipeline = await queuePair('all', 20);
    for (const round of [1, 2]) {
      const { by, cancelled } = await redriveAll(pipeline, queues, { perSecond: 500, everyMs: 50 });
      assert.deepEqual([by, cancelled], ['move-task', false], `round ${round}`);
      await poll(async () => (await waiting(pipeline))[0] === 20 || undefined, 50);
    }
    assert.deepEqual(await waiting(pipeline), [20, 0]);
  });

  it('keeps to the rate, tells the progress, and cancels', async () => {
    const pipeline = await queuePair('slow', 50);
    const control = new AbortController();
    const seen: number[] = [];
    const onProgress = (moved: number) => {
      seen.push(moved);
      if (moved >= 5) control.abort();
    };
    const result = await redriveAll(pipeline, queues, {
      perSecond: 10,
      everyMs: 50,
      signal: control.signal,
      onProgress,
    });
    assert.equal(result.by, 'move-task');
    assert.equal(result.cancelled, true);
    assert.ok(seen.length > 2 && result.moved >= 5, `progress ${seen.join(', ')}`);
    // One letter may be on its way while the two queues are asked.
    const [moved] = await poll(async () => {
      const now = await waiting(pipeline);
      return now[0] + now[1] === 50 ? now : undefined;
    }, 50);
    assert.ok(moved >= 5 && moved < 50, `${moved} moved`);
  });

  it('names a queue that does not exist', async () => {
    const moving = queues.startMove({ sourceArn: arn('no-dead'), destinationArn: arn('no') });
    await assert.rejects(moving, { code: 'not-found' });
  });
});

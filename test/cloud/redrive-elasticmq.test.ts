import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { AwsClients } from '../../src/aws/connection.ts';
import { SqsQueueService } from '../../src/aws/queue-service.ts';
import type { MoveTask } from '../../src/core/ports.ts';
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
      console.log(`      skipped: ${started.skipped}`);
      this.skip();
    }
    stop = () => started.stop();
    admin = new SQSClient({ ...ACCESS, endpoint: started.endpoint });
    clients = new AwsClients({ ...ACCESS, endpoint: started.endpoint });
    queues = new SqsQueueService(clients);
  });

  after(async () => {
    clients?.destroy();
    if (stop) admin.destroy();
    await stop?.();
  });

  /** Makes a work queue with its dead-letter queue that holds `letters` messages. */
  async function queuePair(name: string, letters: number): Promise<{ work: string; dead: string }> {
    const dead = await admin.send(new CreateQueueCommand({ QueueName: `${name}-dead` }));
    const work = await admin.send(
      new CreateQueueCommand({
        QueueName: name,
        Attributes: {
          RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arn(`${name}-dead`), maxReceiveCount: 3 }),
        },
      }),
    );
    for (let sent = 0; sent < letters; sent += 10) {
      const batch = Array.from({ length: 10 }, (_, n) => ({ body: `{"n":${sent + n}}` }));
      assert.deepEqual(await queues.send(dead.QueueUrl!, batch), []);
    }
    return { work: work.QueueUrl!, dead: dead.QueueUrl! };
  }

  it('moves all letters back', async () => {
    const { work, dead } = await queuePair('all', 20);
    const handle = await queues.startMove({ sourceArn: arn('all-dead'), destinationArn: arn('all') });
    assert.notEqual(handle, '');
    while ((await queues.depth(work)).waiting < 20) await delay(50);
    assert.equal((await queues.depth(dead)).waiting, 0);
  });

  it('reports a running move and cancels it', async () => {
    const { work, dead } = await queuePair('slow', 50);
    const sourceArn = arn('slow-dead');
    const handle = await queues.startMove({ sourceArn, destinationArn: arn('slow'), perSecond: 5 });
    let task: MoveTask | undefined;
    while (task?.moved === undefined || task.moved === 0) {
      [task] = await queues.moves(sourceArn);
      await delay(50);
    }
    assert.equal(task.status, 'RUNNING');
    assert.equal(task.handle, handle);
    await queues.cancelMove(handle);
    while ((await queues.moves(sourceArn)).some(({ status }) => status === 'RUNNING')) await delay(50);
    const waiting = async () =>
      [(await queues.depth(work)).waiting, (await queues.depth(dead)).waiting] as const;
    let [moved, left] = await waiting();
    // One letter may be on its way while the two queues are asked.
    while (moved + left !== 50) [moved, left] = await waiting();
    assert.ok(moved > 0 && moved < 50, `${moved} moved`);
  });

  it('names a queue that does not exist', async () => {
    const moving = queues.startMove({ sourceArn: arn('no-dead'), destinationArn: arn('no') });
    await assert.rejects(moving, { code: 'not-found' });
  });
});

import assert from 'node:assert/strict';
import {
  CancelMessageMoveTaskCommand,
  CreateQueueCommand,
  ListMessageMoveTasksCommand,
  SendMessageCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { startElasticMq } from '../helpers/elasticmq.ts';

describe('ElasticMQ helper', function () {
  this.timeout(120_000);

  it('starts an SQS with message move tasks', async function () {
    const elastic = await startElasticMq();
    if ('skipped' in elastic) {
      this['skipReason'] = elastic.skipped;
      this.skip();
    }
    const sqs = new SQSClient({
      endpoint: elastic.endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
    try {
      const work = await sqs.send(new CreateQueueCommand({ QueueName: 'work' }));
      const dead = await sqs.send(new CreateQueueCommand({ QueueName: 'dead' }));
      assert.ok(work.QueueUrl?.startsWith(elastic.endpoint), work.QueueUrl);
      for (let n = 0; n < 5; n += 1) {
        await sqs.send(new SendMessageCommand({ QueueUrl: dead.QueueUrl, MessageBody: String(n) }));
      }
      const arn = (name: string): string => `arn:aws:sqs:us-east-1:000000000000:${name}`;
      const task = await sqs.send(
        new StartMessageMoveTaskCommand({
          SourceArn: arn('dead'),
          DestinationArn: arn('work'),
          MaxNumberOfMessagesPerSecond: 1,
        }),
      );
      const listed = await sqs.send(new ListMessageMoveTasksCommand({ SourceArn: arn('dead') }));
      assert.equal(listed.Results?.[0]?.Status, 'RUNNING');
      await sqs.send(new CancelMessageMoveTaskCommand({ TaskHandle: task.TaskHandle }));
    } finally {
      sqs.destroy();
      await elastic.stop();
    }
    await assert.rejects(fetch(elastic.endpoint));
  });
});

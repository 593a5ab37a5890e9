import assert from 'node:assert/strict';
import type { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { putGauges } from '../../../src/aws/gauges.ts';

describe('the gauges of a run', () => {
  const STACK = 'arn:aws:cloudformation:eu-west-1:123456789012:stack/media-batch-two/0a1b';
  let sent: PutMetricDataCommand['input'][];
  const client = {
    send: async ({ input }: PutMetricDataCommand) => void sent.push(input),
  } as unknown as CloudWatchClient;

  beforeEach(() => {
    sent = [];
  });

  it('go into the namespace of their stack, zeros too, in one request', async () => {
    await putGauges(client, STACK, { Paused: 1, Held: 0, Silent: 0, NewDeadLetters: 2 });
    assert.deepEqual(sent, [
      {
        Namespace: 'MediaBatch/media-batch-two',
        MetricData: [
          { MetricName: 'Paused', Value: 1, Unit: 'Count' },
          { MetricName: 'Held', Value: 0, Unit: 'Count' },
          { MetricName: 'Silent', Value: 0, Unit: 'Count' },
          { MetricName: 'NewDeadLetters', Value: 2, Unit: 'Count' },
        ],
      },
    ]);
  });

  it('leave out what the run has not come to know', async () => {
    await putGauges(client, STACK, { Paused: 0, Held: undefined });
    assert.deepEqual(sent[0]?.MetricData, [{ MetricName: 'Paused', Value: 0, Unit: 'Count' }]);
    await putGauges(client, STACK, { Paused: undefined });
    assert.equal(sent.length, 1, 'CloudWatch refuses a request without a metric');
  });
});

import assert from 'node:assert/strict';
import { consoleAddress, type ConsoleThing } from '../../../../src/core/stack/console-address.ts';

const arn = (partition: string, region: string, name = 'media-batch') =>
  `arn:${partition}:cloudformation:${region}:123456789012:stack/${name}/0a-1b`;

describe('the address of a page in the AWS console', () => {
  const names = {
    stackId: arn('aws', 'eu-west-1'),
    workQueueUrl: 'https://sqs.eu-west-1.amazonaws.com/123456789012/work',
    deadLetterQueueUrl: 'https://sqs.eu-west-1.amazonaws.com/123456789012/dead',
    resultsTable: 'media-batch-Results-1',
    consumerFunction: 'media-batch-Consumer-1',
    reconcilerFunction: 'media-batch-Reconciler-1',
  };
  const home = 'https://console.aws.amazon.com';

  it('is that of each thing of a stack', () => {
    const sqs = 'https%3A%2F%2Fsqs.eu-west-1.amazonaws.com%2F123456789012%2F';
    const stackId = 'arn%3Aaws%3Acloudformation%3Aeu-west-1%3A123456789012%3Astack%2Fmedia-batch%2F0a-1b';
    const expected: Readonly<Record<ConsoleThing, string>> = {
      stack: `${home}/cloudformation/home?region=eu-west-1#/stacks/stackinfo?stackId=${stackId}`,
      workQueue: `${home}/sqs/v3/home?region=eu-west-1#/queues/${sqs}work`,
      deadLetterQueue: `${home}/sqs/v3/home?region=eu-west-1#/queues/${sqs}dead`,
      results: `${home}/dynamodbv2/home?region=eu-west-1#table?name=media-batch-Results-1`,
      consumer: `${home}/lambda/home?region=eu-west-1#/functions/media-batch-Consumer-1?tab=monitoring`,
      reconciler: `${home}/lambda/home?region=eu-west-1#/functions/media-batch-Reconciler-1?tab=monitoring`,
    };
    for (const [thing, address] of Object.entries(expected))
      assert.equal(consoleAddress(names, thing as ConsoleThing), address);
  });

  it('has the host of the stack’s partition, and none where there is no public console', () => {
    for (const [partition, region, host] of [
      ['aws-cn', 'cn-north-1', 'console.amazonaws.cn'],
      ['aws-us-gov', 'us-gov-west-1', 'console.amazonaws-us-gov.com'],
    ] as const) {
      const address = consoleAddress({ stackId: arn(partition, region) }, 'stack');
      assert.ok(address?.startsWith(`https://${host}/cloudformation/home?region=${region}#`), address);
    }
    for (const stackId of [
      arn('aws-iso', 'us-iso-east-1'),
      arn('aws', 'eu-west-1&x=1'),
      arn('aws', 'evil.example/'),
      arn('aws.evil', 'eu-west-1'),
      'media-batch',
      '',
    ])
      assert.equal(consoleAddress({ stackId }, 'stack'), undefined, stackId);
  });

  it('encodes what a stack says, and has no page for what it does not name', () => {
    for (const hostile of [
      'x?region=us-east-1#/y',
      '../../iam',
      'a b&c=d',
      '\u202Ename\n',
      '\uD800',
      '@evil.example',
    ]) {
      const address = consoleAddress({ ...names, resultsTable: hostile }, 'results') ?? '';
      const { host, search, hash } = new URL(address);
      assert.deepEqual([host, search], ['console.aws.amazon.com', '?region=eu-west-1']);
      assert.equal(decodeURIComponent(hash.slice('#table?name='.length)), hostile.toWellFormed());
      assert.doesNotMatch(hash.slice('#table?name='.length), /[?#&/@\s]/);
    }
    assert.equal(consoleAddress({ stackId: names.stackId }, 'reconciler'), undefined);
    assert.equal(consoleAddress({ ...names, resultsTable: '' }, 'results'), undefined);
  });
});

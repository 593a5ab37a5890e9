import assert from 'node:assert/strict';
import { SqsQueueService } from '../../../src/aws/queue-service.ts';
import { scriptedClients } from '../../helpers/scripted-clients.ts';

const URL = 'https://sqs.eu-west-1.amazonaws.com/111122223333/work';
const MESSAGES = ['a', 'b', 'c'].map((body) => ({ body, group: 'b1' }));

describe('the queue service', () => {
  const serviceWith = (answer: unknown) => {
    const { clients, requests } = scriptedClients(() => {
      if (answer instanceof Error) throw answer;
      return answer;
    });
    return { queues: new SqsQueueService(clients), requests };
  };

  it('takes no message for sent that SQS did not confirm', async () => {
    const Failed = [{ Id: '0', Code: 'KmsThrottled', Message: 'slow down', SenderFault: false }];
    const refused = { index: 0, code: 'KmsThrottled', message: 'slow down', senderFault: false };
    const silent = { code: 'NotConfirmed', message: 'SQS did not confirm the message', senderFault: false };
    const cases: [object, object[]][] = [
      [{ Successful: [{ Id: '1' }, { Id: '2' }], Failed }, [refused]],
      [{ Successful: [{ Id: '1' }], Failed }, [refused, { index: 2, ...silent }]],
      [{ Successful: [{ Id: '7' }, {}] }, [0, 1, 2].map((index) => ({ index, ...silent }))],
      [{}, [0, 1, 2].map((index) => ({ index, ...silent }))],
    ];
    for (const [answer, failures] of cases) {
      assert.deepEqual(await serviceWith(answer).queues.send(URL, MESSAGES), failures);
    }
  });

  it('makes no request for nothing, which SQS would refuse', async () => {
    const { queues, requests } = serviceWith({});
    assert.deepEqual(await queues.send(URL, []), []);
    await queues.delete(URL, []);
    await queues.release(URL, []);
    assert.deepEqual(requests, []);
  });

  it('says how many messages were not deleted, and why', async () => {
    const Failed = [{ Id: '1', Code: 'ReceiptHandleIsInvalid', Message: 'It expired.' }, { Id: '2' }];
    await assert.rejects(serviceWith({ Failed }).queues.delete(URL, ['r0', 'r1', 'r2']), {
      code: 'aws',
      awsCode: 'ReceiptHandleIsInvalid',
      message:
        '2 of 3 messages could not be deleted and will come back: try again (ReceiptHandleIsInvalid: It expired.).',
    });
    await assert.rejects(
      serviceWith({ Failed: [{}] }).queues.delete(URL, ['r0']),
      /\(unknown: no reason given\)/,
    );
  });

  it('counts a message as released that is visible already, and no other failure', async () => {
    const visible = { Id: '0', Code: 'AWS.SimpleQueueService.MessageNotInflight' };
    const { queues, requests } = serviceWith({ Failed: [visible] });
    await queues.release(URL, ['r0']);
    assert.deepEqual(requests[0]!.input['Entries'], [{ Id: '0', ReceiptHandle: 'r0', VisibilityTimeout: 0 }]);
    const denied = { Id: '1', Code: 'AccessDenied' };
    await assert.rejects(
      serviceWith({ Failed: [visible, denied] }).queues.release(URL, ['r0', 'r1']),
      /^AwsError: 1 of 2 messages could not be released.*AccessDenied/,
    );
  });

  it('reads a message that lacks everything, and only attributes that are text', async () => {
    const whole = {
      MessageId: 'm',
      ReceiptHandle: 'r',
      Body: 'x',
      Attributes: { ApproximateReceiveCount: '4', SentTimestamp: '1700000000000', MessageGroupId: 'g' },
      MessageAttributes: {
        reason: { DataType: 'String', StringValue: '' },
        blob: { DataType: 'Binary', BinaryValue: new Uint8Array(2) },
      },
    };
    const receive = (answer: object) =>
      serviceWith(answer).queues.receive(URL, { max: 10, hideSeconds: 1, waitSeconds: 0 });
    const [odd, message] = await receive({ Messages: [{}, whole] });
    const none = { id: '', receipt: '', body: '', attributes: {}, group: undefined, receiveCount: 1 };
    assert.deepEqual(odd, { ...none, sentAt: new Date(0) });
    assert.deepEqual(message, {
      ...{ id: 'm', receipt: 'r', body: 'x', attributes: { reason: '' }, group: 'g', receiveCount: 4 },
      sentAt: new Date(1_700_000_000_000),
    });
    assert.deepEqual(await receive({}), []);
  });

  it('takes a move in a state that it does not know for failed, so that no one waits for it', async () => {
    const Results = [
      { Status: 'PAUSED_BY_AWS', StartedTimestamp: 5, ApproximateNumberOfMessagesMoved: 3 },
      { Status: 'CANCELLING', TaskHandle: 'h' },
    ];
    const moves = await serviceWith({ Results }).queues.moves('arn:aws:sqs:eu-west-1:1:dead');
    assert.deepEqual(
      moves.map(({ status, moved, startedAt, handle }) => [status, moved, startedAt, handle]),
      [
        ['FAILED', 3, 5, undefined],
        ['CANCELLING', 0, 0, 'h'],
      ],
    );
  });

  it('names the queue in an error, by its URL and by its ARN', async () => {
    const gone = Object.assign(new Error('no'), { name: 'QueueDoesNotExist' });
    const { queues } = serviceWith(gone);
    await assert.rejects(queues.depth(URL), /There is no queue "work" in eu-west-1/);
    await assert.rejects(queues.moves('arn:aws:sqs:eu-west-1:1:dead'), /There is no queue "dead"/);
    assert.deepEqual(await serviceWith({}).queues.depth(URL), { waiting: 0, inFlight: 0, delayed: 0 });
  });
});

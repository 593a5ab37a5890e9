import assert from 'node:assert/strict';
import { AwsReconcilerService } from '../../../src/aws/reconciler-service.ts';
import { scriptedClients } from '../../helpers/scripted-clients.ts';

const PLACE = { resultsTable: 't', stackId: 'arn:stack/1' };
const payload = (text: string) => ({ Payload: Buffer.from(text) });

describe('the reconciler as the editor sees it', () => {
  const service = (answer: (operation: string) => unknown) => {
    const { clients, requests } = scriptedClients(({ operation }) => answer(operation));
    return { reconciler: new AwsReconcilerService(clients), requests };
  };
  const refusing = (name: string) =>
    service(() => {
      throw Object.assign(new Error('no'), { name });
    }).reconciler;

  it('reads the last run under its key, or that there was none', async () => {
    const { reconciler, requests } = service(() => ({
      Item: { endedAt: { S: 'b' }, did: { M: { settled: { N: '2' } } } },
    }));
    const run = { startedAt: undefined, endedAt: 'b', did: { settled: 2 }, error: undefined };
    assert.deepEqual(await reconciler.readRun(PLACE), run);
    assert.deepEqual(requests[0]?.input, {
      TableName: 't',
      Key: { pk: { S: 'control#arn:stack/1' }, sk: { S: 'reconciler' } },
    });
    assert.equal(await service(() => ({})).reconciler.readRun(PLACE), undefined);
  });

  it('has the function ask for a job, and tells an older function and a failing one', async () => {
    const { reconciler, requests } = service(() => payload('{"found":{},"job":{"id":"job_1"}}'));
    assert.deepEqual(await reconciler.askJob('f', 'job_1'), { says: 'job', job: { id: 'job_1' } });
    assert.equal(String(requests[0]?.input['Payload']), '{"job":"job_1"}');
    const older = service(() => payload('{"busy":false,"did":{}}')).reconciler;
    assert.equal(await older.askJob('f', 'job_1'), undefined);
    const failing = service(() => payload('{"errorMessage":"no key"}')).reconciler;
    await assert.rejects(failing.askJob('f', 'job_1'), /The reconciler failed \(no key\)/);
  });

  it('knows whether the rule is on; one that is gone is off', async () => {
    for (const [State, isOn] of [
      ['ENABLED', true],
      ['DISABLED', false],
      [undefined, false],
    ] as const) {
      assert.equal(await service(() => ({ State })).reconciler.readRule('rule'), isOn, State);
    }
    assert.equal(await refusing('ResourceNotFoundException').readRule('rule'), false);
    await assert.rejects(refusing('AccessDeniedException').readRule('rule'), {
      code: 'missing-permission',
      action: 'events:DescribeRule',
    });
  });

  it('runs the function for a batch or for all, and reads what it did', async () => {
    const { reconciler, requests } = service(() => payload('{"busy":false,"did":{"settled":3}}'));
    assert.deepEqual(await reconciler.run('f', 'b1'), { busy: false, did: { settled: 3 } });
    await reconciler.run('f');
    const sent = requests.map(({ input }) => [input['FunctionName'], String(input['Payload'])]);
    assert.deepEqual(sent, [
      ['f', '{"now":true,"batch":"b1"}'],
      ['f', '{"now":true}'],
    ]);
  });

  it('repeats the words of a function that fails, made visible, and of one that answers nothing', async () => {
    for (const [text, words] of [
      [
        '{"errorMessage":"AccessDenied\\u202E","errorType":"Error"}',
        /failed \(AccessDenied\\u\{202e\}\): correct/,
      ],
      ['{"errorMessage":{}}', /no reason given/],
      ['null', /no reason given/],
      ['<html>', /no reason given/],
      ['', /no reason given/],
    ] as const) {
      const { reconciler } = service(() => payload(text));
      await assert.rejects(reconciler.run('f'), { code: 'reconcile-failed', message: words }, text);
    }
    await assert.rejects(service(() => ({})).reconciler.run('f'), { code: 'reconcile-failed' });
    await assert.rejects(refusing('AccessDeniedException').run('f'), { action: 'lambda:InvokeFunction' });
  });
});

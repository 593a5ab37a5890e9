import assert from 'node:assert/strict';
import type { ResourceChange } from '../../../../src/core/stack/stack-service.ts';
import { reviewChanges } from '../../../../src/ui/pipeline/change-set-review.ts';
import { stubVscode, type Answer, type VscodeStub } from '../../../helpers/ui/vscode-stub.ts';
import { fixture } from '../../../helpers/ui/ui-fixture.ts';

const { session } = fixture().connection;

const change = (
  action: ResourceChange['action'],
  logicalId: string,
  type: string,
  replacement?: ResourceChange['replacement'],
): ResourceChange => ({ action, logicalId, type, replacement });

const RISKY = [
  change('Modify', 'WorkQueue', 'AWS::SQS::Queue', 'True'),
  change('Remove', 'MediaBatchApiKey', 'AWS::SecretsManager::Secret'),
  change('Modify', 'ResultsTable', 'AWS::DynamoDB::Table', 'Conditional'),
  change('Modify', 'Consumer', 'AWS::Lambda::Function', 'False'),
  change('Modify', 'ConsumerRole', 'AWS::IAM::Role', 'Conditional'),
  change('Add', 'Other', 'AWS::S3::Bucket'),
];

async function review(
  answer: Answer,
  changes: readonly ResourceChange[],
  create = false,
): Promise<{ stub: VscodeStub; agreed: boolean }> {
  const stub = stubVscode(answer);
  return { stub, agreed: await reviewChanges(stub.vs, session, 'media-batch', changes, create) };
}

describe('the review of a change set', () => {
  it('warns of the data that is at risk, and names what is replaced, removed and changed', async () => {
    const { stub, agreed } = await review(() => 'Deploy', RISKY);
    const [shown] = stub.shown;
    assert.ok(agreed);
    assert.deepEqual(
      [shown?.kind, shown?.modal, shown?.text],
      ['warning', true, 'Update the stack "media-batch"?'],
    );
    const detail = shown?.detail ?? '';
    assert.match(detail, /^Account 111122223333/);
    assert.match(detail, /1 to add, 4 to change, 1 to remove/);
    assert.match(detail, /WorkQueue \(AWS::SQS::Queue\): the files that wait in it/);
    assert.match(detail, /MediaBatchApiKey \(AWS::SecretsManager::Secret\): the Ittybit API key/);
    assert.match(detail, /ResultsTable \(AWS::DynamoDB::Table\): the table stays in your account/);
    assert.match(detail, /Replaced, or may be replaced: 3\n/);
    assert.match(detail, /ConsumerRole \(AWS::IAM::Role\): AWS does not know yet/);
    assert.match(detail, /Removed: 1\nMediaBatchApiKey/);
    assert.match(detail, /Changed in place: 1\nConsumer \(/);
  });

  it('names a template of your own, with any characters in its name', async () => {
    const changes = [change('Add', 'A', 'AWS::SQS::Queue')];
    for (const answers of [['Deploy'], ['Show Details', 'Deploy']]) {
      const stub = stubVscode(() => answers.shift());
      stub.settings.set('mediaBatch.templateFile', '/mine/pipe\u202Eline.yaml');
      await reviewChanges(stub.vs, session, 'media-batch', changes, true);
      assert.match(stub.shown[0]?.detail ?? '', /\nTemplate: your file \/mine\/pipe\\u\{202e\}line\.yaml\n/);
    }
    const { stub } = await review(() => 'Deploy', changes, true);
    assert.doesNotMatch(stub.shown[0]?.detail ?? '', /Template:/);
  });

  it('is calm where nothing is at risk', async () => {
    const { stub, agreed } = await review(() => undefined, [change('Add', 'A', 'AWS::SQS::Queue')], true);
    assert.ok(!agreed);
    assert.equal(stub.shown[0]?.kind, 'info');
    assert.doesNotMatch(stub.shown[0].detail ?? '', /lost|AWS::SQS/);
  });

  it('shows every resource in a read-only document, and asks again beside it', async () => {
    for (const label of ['Deploy', "Don't Deploy"]) {
      const { stub, agreed } = await review(({ kind }) => (kind === 'pick' ? label : 'Show Details'), RISKY);
      assert.equal(agreed, label === 'Deploy');
      const [document] = stub.documents;
      assert.match(document?.uri ?? '', /^media-batch-changes:.*Change%20set%20of%20media-batch/);
      for (const { logicalId, type } of RISKY) assert.ok(document?.text.includes(`${logicalId} (${type})`));
      assert.match(document?.text ?? '', /Data at risk: 3\n/);
      assert.equal(stub.shown.at(-1)?.choices[0], "Don't Deploy", 'Enter alone does not lose data');
      assert.equal(stub.contentProviders.size, 0);
    }
    await assert.rejects(
      review(({ kind }) => (kind === 'pick' ? undefined : 'Show Details'), RISKY),
      { name: 'AbortError' },
    );
  });

  it('shows hostile names as they are', async () => {
    const hostile = change('Remove', 'a\u202e\n[x](command:y)', 'AWS::SQS::Queue\r\nAll is well');
    const { stub } = await review(({ kind }) => (kind === 'pick' ? 'Deploy' : 'Show Details'), [hostile]);
    const texts = [stub.shown[0]?.detail ?? '', stub.documents[0]?.text ?? ''];
    for (const text of texts) {
      assert.match(text, /a\\u\{202e\}\\u\{a\}\[x\]/);
      assert.doesNotMatch(text, /[\u202e\r]|\nAll is well/);
    }
    assert.doesNotMatch(texts[0] ?? '', /\]\(command/);
  });

  it('does not drown the question in names', async () => {
    const many = Array.from({ length: 200 }, (_, i) => change('Modify', `R${i}`, 'AWS::IAM::Role', 'False'));
    const { stub } = await review(() => undefined, many);
    assert.ok((stub.shown[0]?.detail ?? '').split('\n').length < 20);
    assert.match(stub.shown[0]?.detail ?? '', /… and 194 more/);
  });
});

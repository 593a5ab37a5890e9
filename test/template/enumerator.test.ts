import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import {
  ENUMERATOR_DESCRIPTION,
  ENUMERATOR_OUTPUTS,
  ENUMERATOR_VERSION,
  enumeratorParameters,
} from '../../src/core/stack/enumerator-contract.ts';
import { PIPELINE } from '../helpers/fakes.ts';
import { buildTemplate, ENUMERATOR_FILE, parseTemplate, type Json, type Template } from './built-template.ts';
import { grants, inlineGrants } from './granted-rights.ts';

const TABLE = 'arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${ResultsTable}';
const BUCKET = 'arn:${AWS::Partition}:s3:::${SourceBucket}';
const CHILDREN =
  'arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}:execution:${MediaBatchEnumerator.Name}/*';

describe('the template of the cloud enqueue', () => {
  let template: Template;

  before(async function () {
    this.timeout(20_000);
    await buildTemplate();
    template = parseTemplate(await readFile(ENUMERATOR_FILE, 'utf8'));
  });

  const inline = (role: string): string[] => inlineGrants(template.Resources[role]);

  it('is what the code says of it', () => {
    assert.equal(template.Description, ENUMERATOR_DESCRIPTION);
    assert.deepEqual(Object.keys(template.Outputs).sort(), Object.values(ENUMERATOR_OUTPUTS).sort());
    assert.equal(template.Outputs[ENUMERATOR_OUTPUTS.version]?.Value, String(ENUMERATOR_VERSION));
    const given = { LogRetentionDays: '7', PermissionsBoundaryArn: '' };
    const told = Object.keys(enumeratorParameters('film', PIPELINE, given));
    assert.deepEqual(Object.keys(template.Parameters).sort(), told.sort());
  });

  it('grants the list of the bucket, the sender and the batches to the machine', () => {
    assert.deepEqual(inline('EnumeratorRole').sort(), [
      `dynamodb:UpdateItem on ${TABLE} for batch#*`,
      `s3:ListBucket on ${BUCKET}`,
      'states:StartSyncExecution on MediaBatchSender',
    ]);
  });

  it('grants the machine its own children, and no other machine', () => {
    const { Roles, PolicyDocument } = template.Resources['MapRunPolicy']?.Properties ?? {};
    assert.deepEqual(Roles, [{ Ref: 'EnumeratorRole' }]);
    assert.deepEqual(grants(PolicyDocument as Json).sort(), [
      `states:DescribeExecution on ${CHILDREN}`,
      `states:RedriveExecution on ${CHILDREN}`,
      'states:StartExecution on MediaBatchEnumerator',
      `states:StopExecution on ${CHILDREN}`,
    ]);
  });

  it('grants the sender the work queue, its function and the batches', () => {
    assert.deepEqual(inline('SenderRole').sort(), [
      `dynamodb:UpdateItem on ${TABLE} for batch#*`,
      'lambda:InvokeFunction on Sorter.Arn',
      'sqs:GetQueueAttributes on WorkQueueArn',
      'sqs:SendMessage on WorkQueueArn',
    ]);
  });

  it('grants the function the list of the bucket and its own log', () => {
    assert.deepEqual(inline('SorterRole').sort(), [
      'logs:CreateLogStream on SorterLogs.Arn',
      'logs:PutLogEvents on SorterLogs.Arn',
      `s3:ListBucket on ${BUCKET}`,
    ]);
  });

  it('grants nobody else anything, and lets only services of this account use the roles', () => {
    const holders = Object.entries(template.Resources).filter(([, { Type }]) => /^AWS::IAM::/.test(Type));
    const ids = holders.map(([id]) => id).sort();
    assert.deepEqual(ids, ['EnumeratorRole', 'MapRunPolicy', 'SenderRole', 'SorterRole']);
    for (const role of ['EnumeratorRole', 'SenderRole']) {
      const trust = template.Resources[role]?.Properties?.['AssumeRolePolicyDocument'];
      assert.deepEqual((trust as { Statement: Json }).Statement, [
        {
          Effect: 'Allow',
          Principal: { Service: 'states.amazonaws.com' },
          Action: 'sts:AssumeRole',
          Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
        },
      ]);
    }
  });
});

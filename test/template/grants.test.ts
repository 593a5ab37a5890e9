import assert from 'node:assert/strict';
import { buildTemplate, parseTemplate, type Json, type Template } from './built-template.ts';
import { grants, inlineGrants } from './granted-rights.ts';

const MAPPING_ARN =
  'arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:event-source-mapping:${EventSourceMapping}';

/** The key may only be used where the API key is stored. */
const VIA_SERVICE =
  'via secretsmanager.${AWS::Region}.${AWS::URLSuffix}, ssm.${AWS::Region}.${AWS::URLSuffix}';

describe('the built template grants', () => {
  let template: Template;

  before(async function () {
    this.timeout(20_000);
    template = parseTemplate(await buildTemplate());
  });

  const properties = (id: string): Readonly<Record<string, Json>> => template.Resources[id]?.Properties ?? {};

  const inline = (role: string): string[] => inlineGrants(template.Resources[role]);

  it('the consumer exactly what it does', () => {
    assert.deepEqual(inline('ConsumerRole').sort(), [
      'dynamodb:ConditionCheckItem on TABLE',
      'dynamodb:GetItem on TABLE',
      'dynamodb:PutItem on TABLE',
      'dynamodb:Query on TABLE',
      'dynamodb:Scan on TABLE',
      'dynamodb:UpdateItem on TABLE',
      'lambda:ListEventSourceMappings on *',
      'logs:CreateLogStream on ConsumerLogs.Arn',
      'logs:PutLogEvents on ConsumerLogs.Arn',
      'secretsmanager:GetSecretValue on MakesApiKey ? MediaBatchApiKey.Id : ApiKeyArn',
      'secretsmanager:GetSecretValue on MediaBatchSigningSecret.Id',
      'sqs:ChangeMessageVisibility on WorkQueue.Arn',
      'sqs:DeleteMessage on WorkQueue.Arn',
      'sqs:GetQueueAttributes on WorkQueue.Arn',
      'sqs:ReceiveMessage on WorkQueue.Arn',
      'sqs:SendMessage on DeadLetterQueue.Arn',
      // Of a secret it grants nothing.
      'ssm:GetParameter on MakesApiKey ? MediaBatchApiKey.Id : ApiKeyArn',
      'ssm:GetParameter on MediaBatchSigningSecret.Id',
    ]);
  });

  const SUBMITTERS = [{ Ref: 'ConsumerRole' }, { Ref: 'ReconcilerRole' }];

  it('the consumer and the reconciler the mapping of the stack to switch, and no other', () => {
    const { Roles, PolicyDocument } = properties('PauseDispatchPolicy');
    assert.deepEqual(Roles, SUBMITTERS);
    assert.deepEqual(grants(PolicyDocument!), [`lambda:UpdateEventSourceMapping on ${MAPPING_ARN}`]);
  });

  it('both to decrypt the API key, only where the stack has a KMS key and only to read the key', () => {
    const { Roles, PolicyDocument } = properties('DecryptApiKeyPolicy');
    assert.equal(template.Resources['DecryptApiKeyPolicy']?.Condition, 'HasKmsKey');
    assert.deepEqual(Roles, SUBMITTERS);
    assert.deepEqual(grants(PolicyDocument!), [`kms:Decrypt on ApiKeyKmsKeyArn ${VIA_SERVICE}`]);
  });

  it('nobody else anything', () => {
    const holders = Object.entries(template.Resources)
      .filter(([, { Type }]) => /^AWS::IAM::/.test(Type))
      .map(([id]) => id);
    assert.deepEqual(holders.sort(), [
      'ConsumerRole',
      'DecryptApiKeyPolicy',
      'PauseDispatchPolicy',
      'ReconcilerRole',
      'WebhookRole',
    ]);
  });

  it('the reconciler exactly what it does', () => {
    assert.deepEqual(inline('ReconcilerRole').sort(), [
      'cloudwatch:PutMetricData on * of MediaBatch/${AWS::StackName}',
      'dynamodb:GetItem on TABLE',
      'dynamodb:PutItem on TABLE',
      'dynamodb:Query on TABLE',
      'dynamodb:Query on TABLE/index/gsi1',
      'dynamodb:UpdateItem on TABLE',
      'lambda:ListEventSourceMappings on *',
      'logs:CreateLogStream on ReconcilerLogs.Arn',
      'logs:PutLogEvents on ReconcilerLogs.Arn',
      'secretsmanager:GetSecretValue on MakesApiKey ? MediaBatchApiKey.Id : ApiKeyArn',
      'secretsmanager:GetSecretValue on MediaBatchSigningSecret.Id',
      'sqs:ChangeMessageVisibility on DeadLetterQueue.Arn',
      'sqs:DeleteMessage on DeadLetterQueue.Arn',
      'sqs:GetQueueAttributes on DeadLetterQueue.Arn',
      'sqs:GetQueueAttributes on WorkQueue.Arn',
      'sqs:ReceiveMessage on DeadLetterQueue.Arn',
      'sqs:SendMessage on DeadLetterQueue.Arn',
      'sqs:SendMessage on WorkQueue.Arn',
      // Of a secret it grants nothing.
      'ssm:GetParameter on MakesApiKey ? MediaBatchApiKey.Id : ApiKeyArn',
      'ssm:GetParameter on MediaBatchSigningSecret.Id',
    ]);
  });

  it('the webhook function exactly what it does', () => {
    assert.deepEqual(inline('WebhookRole').sort(), [
      'dynamodb:GetItem on TABLE',
      'dynamodb:PutItem on TABLE',
      'dynamodb:UpdateItem on TABLE',
      'logs:CreateLogStream on WebhookLogs.Arn',
      'logs:PutLogEvents on WebhookLogs.Arn',
      'secretsmanager:GetSecretValue on MediaBatchSigningSecret.Id',
    ]);
  });
});

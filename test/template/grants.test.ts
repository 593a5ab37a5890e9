import assert from 'node:assert/strict';
import { buildTemplate, parseTemplate, type Json, type Template } from './built-template.ts';

const MAPPING_ARN =
  'arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:event-source-mapping:${EventSourceMapping}';

/** The table, which the stack makes or takes over. */
const TABLE_ARN = 'arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${T}';
const EITHER_TABLE = { 'Fn::If': ['MakesTable', { Ref: 'ResultsTable' }, { Ref: 'ExistingResultsTable' }] };

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

  const inline = (role: string): string[] => {
    const policies = properties(role)['Policies'] as { PolicyDocument: Json }[];
    assert.equal(properties(role)['ManagedPolicyArns'], undefined);
    return policies.flatMap(({ PolicyDocument }) => grants(PolicyDocument));
  };

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

interface Statement {
  Effect: 'Allow';
  Action: string | string[];
  Resource: Json;
  Condition?: {
    StringEquals?: { 'kms:ViaService': Json[] };
    StringEqualsIfExists?: { 'cloudwatch:namespace': Json };
  };
}

/** Each right of a policy on a line of its own: `action on resource`. */
function grants(document: Json): string[] {
  return (document as unknown as { Statement: Statement[] }).Statement.flatMap(rights);
}

function rights({ Effect, Action, Resource: resources, Condition }: Statement): string[] {
  assert.equal(Effect, 'Allow');
  const services = Condition?.StringEquals?.['kms:ViaService'];
  const namespace = Condition?.StringEqualsIfExists?.['cloudwatch:namespace'];
  const via = services ? ` via ${services.map(nameOf).join(', ')}` : '';
  const of = namespace ? ` of ${nameOf(namespace)}` : '';
  return [Action]
    .flat()
    .flatMap((action) => [resources].flat().map((target) => `${action} on ${nameOf(target)}${via}${of}`));
}

function nameOf(target: Json): string {
  if (typeof target === 'string') return target;
  const { Ref, ...fn } = target as Record<string, Json>;
  if (Ref !== undefined) return Ref as string;
  if (fn['Fn::Sub'] !== undefined) {
    const [text, values] = [fn['Fn::Sub']].flat() as [string, Json?];
    if (values) assert.deepEqual(values, { T: EITHER_TABLE });
    return text.replace(TABLE_ARN, 'TABLE');
  }
  if (fn['Fn::GetAtt'] !== undefined) return (fn['Fn::GetAtt'] as string[]).join('.');
  const [condition, then, otherwise] = fn['Fn::If'] as [string, Json, Json];
  return `${condition} ? ${nameOf(then)} : ${nameOf(otherwise)}`;
}

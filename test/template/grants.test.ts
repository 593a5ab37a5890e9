import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import { buildTemplate, parseTemplate, type Json, type Template } from './built-template.ts';

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

  const inline = (role: string): string[] => {
    const policies = properties(role)['Policies'] as { PolicyDocument: Json }[];
    assert.equal(properties(role)['ManagedPolicyArns'], undefined);
    return policies.flatMap(({ PolicyDocument }) => grants(PolicyDocument));
  };

  it('the consumer exactly what it does', () => {
    assert.deepEqual(inline('ConsumerRole').sort(), [
      'dynamodb:GetItem on ResultsTable.Arn',
      'dynamodb:PutItem on ResultsTable.Arn',
      'dynamodb:Query on ResultsTable.Arn',
      'dynamodb:UpdateItem on ResultsTable.Arn',
      `if HasKmsKey: kms:Decrypt on ApiKeyKmsKeyArn ${VIA_SERVICE}`,
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
      'unless MakesApiKey: ssm:GetParameter on ApiKeyArn',
    ]);
  });

  it('the consumer its own mapping to pause, and no other', () => {
    const { Roles, PolicyDocument } = properties('PauseDispatchPolicy');
    assert.deepEqual(Roles, [{ Ref: 'ConsumerRole' }]);
    assert.deepEqual(grants(PolicyDocument!), [`lambda:UpdateEventSourceMapping on ${MAPPING_ARN}`]);
  });

  it('the reconciler exactly what it does', () => {
    assert.deepEqual(inline('ReconcilerRole').sort(), [
      'dynamodb:GetItem on ResultsTable.Arn',
      'dynamodb:PutItem on ResultsTable.Arn',
      'dynamodb:Query on ${ResultsTable.Arn}/index/gsi1',
      'dynamodb:Query on ResultsTable.Arn',
      'dynamodb:UpdateItem on ResultsTable.Arn',
      `if HasKmsKey: kms:Decrypt on ApiKeyKmsKeyArn ${VIA_SERVICE}`,
      'lambda:ListEventSourceMappings on *',
      `lambda:UpdateEventSourceMapping on ${MAPPING_ARN}`,
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
      'unless MakesApiKey: ssm:GetParameter on ApiKeyArn',
    ]);
  });

  it('the webhook function exactly what it does', () => {
    assert.deepEqual(inline('WebhookRole').sort(), [
      'dynamodb:GetItem on ResultsTable.Arn',
      'dynamodb:PutItem on ResultsTable.Arn',
      'dynamodb:UpdateItem on ResultsTable.Arn',
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
  Condition?: { StringEquals: { 'kms:ViaService': Json[] } };
}

/** Each right of a policy on a line of its own: `action on resource`. */
function grants(document: Json): string[] {
  const { Statement } = document as unknown as {
    Statement: (Statement | { 'Fn::If': [string, Json | Statement, Json | Statement] })[];
  };
  return Statement.flatMap((statement) => {
    if (!('Fn::If' in statement)) return rights(statement);
    const [condition, then, otherwise] = statement['Fn::If'];
    return [
      ...(isNothing(then) ? [] : rights(then as Statement).map((right) => `if ${condition}: ${right}`)),
      ...(isNothing(otherwise)
        ? []
        : rights(otherwise as Statement).map((right) => `unless ${condition}: ${right}`)),
    ];
  });
}

function isNothing(branch: Json | Statement): boolean {
  return isDeepStrictEqual(branch, { Ref: 'AWS::NoValue' });
}

function rights({ Effect, Action, Resource: resources, Condition }: Statement): string[] {
  assert.equal(Effect, 'Allow');
  const services = Condition?.StringEquals['kms:ViaService'].map(nameOf);
  const via = services ? ` via ${services.join(', ')}` : '';
  return [Action]
    .flat()
    .flatMap((action) => [resources].flat().map((target) => `${action} on ${nameOf(target)}${via}`));
}

function nameOf(target: Json): string {
  if (typeof target === 'string') return target;
  const { Ref, ...fn } = target as Record<string, Json>;
  if (Ref !== undefined) return Ref as string;
  if (fn['Fn::Sub'] !== undefined) return fn['Fn::Sub'] as string;
  if (fn['Fn::GetAtt'] !== undefined) return (fn['Fn::GetAtt'] as string[]).join('.');
  const [condition, then, otherwise] = fn['Fn::If'] as [string, Json, Json];
  return `${condition} ? ${nameOf(then)} : ${nameOf(otherwise)}`;
}

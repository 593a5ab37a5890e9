import assert from 'node:assert/strict';
import { readUserPolicy, type UserPolicy } from '../../src/local/cloud/restricted-caller.ts';
import { buildTemplate, parseTemplate, type Template } from './built-template.ts';

/** IAM's limit for a managed policy, white space not counted. */
const MAX_POLICY_CHARACTERS = 6_144;

/**
 * What CloudFormation asks of the caller for each type: to make it, to remove it and to tag it (none: it has
 * no tags).
 */
const NEEDS: Readonly<Record<string, readonly string[]>> = {
  'AWS::SQS::Queue': ['sqs:CreateQueue', 'sqs:DeleteQueue', 'sqs:SetQueueAttributes', 'sqs:TagQueue'],
  'AWS::SQS::QueuePolicy': ['sqs:SetQueueAttributes'],
  'AWS::DynamoDB::Table': [
    'dynamodb:CreateTable',
    'dynamodb:DeleteTable',
    'dynamodb:UpdateContinuousBackups',
    'dynamodb:TagResource',
  ],
  'AWS::SecretsManager::Secret': [
    'secretsmanager:CreateSecret',
    'secretsmanager:DeleteSecret',
    'secretsmanager:GetRandomPassword',
    'secretsmanager:TagResource',
  ],
  'AWS::Logs::LogGroup': [
    'logs:CreateLogGroup',
    'logs:DeleteLogGroup',
    'logs:PutRetentionPolicy',
    'logs:TagResource',
  ],
  'AWS::IAM::Role': ['iam:CreateRole', 'iam:DeleteRole', 'iam:PutRolePolicy', 'iam:TagRole'],
  'AWS::IAM::Policy': ['iam:PutRolePolicy', 'iam:DeleteRolePolicy'],
  'AWS::Lambda::Function': [
    'lambda:CreateFunction',
    'lambda:DeleteFunction',
    'lambda:UpdateFunctionCode',
    'iam:PassRole',
    'lambda:TagResource',
  ],
  'AWS::Lambda::EventSourceMapping': [
    'lambda:CreateEventSourceMapping',
    'lambda:DeleteEventSourceMapping',
    'lambda:TagResource',
  ],
  'AWS::Lambda::Permission': ['lambda:AddPermission', 'lambda:RemovePermission'],
  'AWS::ApiGatewayV2::Api': ['apigateway:POST', 'apigateway:DELETE', 'apigateway:TagResource'],
  'AWS::ApiGatewayV2::Stage': ['apigateway:POST', 'apigateway:DELETE', 'logs:CreateLogDelivery'],
  'AWS::ApiGatewayV2::Route': ['apigateway:POST', 'apigateway:DELETE'],
  'AWS::ApiGatewayV2::Integration': ['apigateway:POST', 'apigateway:DELETE'],
  'AWS::SNS::Topic': ['sns:CreateTopic', 'sns:DeleteTopic', 'sns:TagResource'],
  'AWS::SNS::Subscription': ['sns:Subscribe', 'sns:Unsubscribe'],
  'AWS::Events::Rule': [
    'events:PutRule',
    'events:DeleteRule',
    'events:PutTargets',
    'events:RemoveTargets',
    'events:TagResource',
  ],
  'AWS::CloudWatch::Alarm': [
    'cloudwatch:PutMetricAlarm',
    'cloudwatch:DeleteAlarms',
    'cloudwatch:TagResource',
  ],
};

/** What the extension itself asks for, from its gateways; it must work with the Operate statements alone. */
const OPERATIONS = [
  'cloudformation:DescribeStacks',
  'cloudformation:DescribeStackEvents',
  'cloudformation:ListStacks',
  's3:ListAllMyBuckets',
  's3:ListBucket',
  'sqs:SendMessage',
  'sqs:ReceiveMessage',
  'sqs:DeleteMessage',
  'sqs:ChangeMessageVisibility',
  'sqs:GetQueueAttributes',
  'sqs:StartMessageMoveTask',
  'sqs:ListMessageMoveTasks',
  'sqs:CancelMessageMoveTask',
  'dynamodb:Query',
  'dynamodb:GetItem',
  'dynamodb:PutItem',
  // A transaction of the ledger has no action of its own: each of its parts has (DynamoDB, "Using IAM with transactions").
  'dynamodb:UpdateItem',
  'dynamodb:ConditionCheckItem',
  'lambda:GetEventSourceMapping',
  'lambda:UpdateEventSourceMapping',
  'lambda:InvokeFunction',
  'events:DescribeRule',
  'secretsmanager:PutSecretValue',
  'ssm:PutParameter',
  'sts:GetCallerIdentity',
];

/** What the extension asks for besides when it deploys, and follows or undoes a deploy. */
const DEPLOY_OPERATIONS = [
  'cloudformation:CreateChangeSet',
  'cloudformation:DescribeChangeSet',
  'cloudformation:ExecuteChangeSet',
  'cloudformation:DeleteChangeSet',
  'cloudformation:CancelUpdateStack',
  'cloudformation:ContinueUpdateRollback',
  'cloudformation:DeleteStack',
  'secretsmanager:GetSecretValue',
  'secretsmanager:PutSecretValue',
  'secretsmanager:UpdateSecretVersionStage',
];

describe('the policies that users paste', () => {
  let policy: UserPolicy;
  let template: Template;
  const actions = (group: 'Deploy' | 'Operate'): Set<string> =>
    new Set(policy.Statement.filter(({ Sid }) => Sid.startsWith(group)).flatMap(({ Action }) => Action));

  before(async function () {
    this.timeout(20_000);
    policy = await readUserPolicy();
    template = parseTemplate(await buildTemplate());
  });

  it('fits each into a managed policy, in the longest partition too', () => {
    for (const group of ['Deploy', 'Operate']) {
      const Statement = policy.Statement.filter(({ Sid }) => Sid.startsWith(group));
      const text = JSON.stringify({ ...policy, Statement }).replaceAll('arn:aws:', 'arn:aws-us-gov:');
      assert.ok(text.replace(/\s/g, '').length <= MAX_POLICY_CHARACTERS, group);
    }
  });

  it('only allows, in a Deploy and an Operate group, and never a whole service', () => {
    const sids = policy.Statement.map(({ Sid }) => Sid);
    assert.equal(new Set(sids).size, sids.length);
    for (const { Sid, Effect, Action } of policy.Statement) {
      assert.match(Sid, /^(Deploy|Operate)[A-Za-z]+$/);
      assert.equal(Effect, 'Allow');
      for (const action of [Action].flat()) assert.match(action, /^[a-z0-9]+:[A-Za-z]+$/);
    }
  });

  it('is bound to stacks that are called media-batch…, but for what AWS does not let it bind', () => {
    const unbound = policy.Statement.filter(
      ({ Resource, Condition }) => [Resource].flat().includes('*') && !Condition,
    );
    assert.deepEqual(
      unbound.map(({ Sid }) => Sid),
      ['DeployRest', 'OperateRest'],
    );
    const bound = policy.Statement.flatMap(({ Resource }) => Resource).filter((arn) => arn !== '*');
    const others = bound.filter((arn) => !/media-batch\*|MediaBatch(ApiKey)?\*/.test(arn));
    assert.deepEqual(others, [
      'arn:aws:lambda:*:*:event-source-mapping:*',
      'arn:aws:iam::*:role/aws-service-role/ops.apigateway.amazonaws.com/*',
      'arn:aws:apigateway:*::/apis',
      'arn:aws:apigateway:*::/apis/*',
      'arn:aws:apigateway:*::/tags/*',
    ]);
  });

  it('passes roles to Lambda only', () => {
    const passing = policy.Statement.filter(({ Action }) => [Action].flat().includes('iam:PassRole'));
    assert.deepEqual(
      passing.map(({ Condition }) => Condition),
      [{ StringEquals: { 'iam:PassedToService': 'lambda.amazonaws.com' } }],
    );
  });

  it('can make, tag and remove every resource of the template', () => {
    const allowed = actions('Deploy');
    const types = new Set(Object.values(template.Resources).map(({ Type }) => Type));
    for (const type of types) {
      const needs = NEEDS[type];
      assert.ok(
        needs,
        `add the rights that ${type} needs to this test and to resources/aws-policy-deploy.json`,
      );
      assert.deepEqual(
        needs.filter((action) => !allowed.has(action)),
        [],
        type,
      );
    }
    assert.deepEqual(
      Object.keys(NEEDS).filter((type) => !types.has(type)),
      [],
    );
  });

  it('finds the secrets, which CloudFormation names after their logical id alone', () => {
    const secrets = Object.entries(template.Resources).filter(
      ([, { Type }]) => Type === 'AWS::SecretsManager::Secret',
    );
    assert.equal(secrets.length, 2);
    for (const [id] of secrets) assert.match(id, /^MediaBatch/);
  });

  it('can follow, cancel and repair a deploy, and rotate the signing key', () => {
    const allowed = actions('Deploy');
    assert.deepEqual(
      DEPLOY_OPERATIONS.filter((action) => !allowed.has(action)),
      [],
    );
  });

  it('lets an operator store the API key, and neither read a secret nor write the signing secret', () => {
    const operate = policy.Statement.filter(({ Sid }) => Sid.startsWith('Operate'));
    const secrets = operate.filter(({ Action }) =>
      [Action].flat().some((each) => each.startsWith('secretsmanager:')),
    );
    assert.deepEqual(
      secrets.map(({ Action, Resource }) => [
        [Action].flat().filter((each) => each.startsWith('secretsmanager:')),
        [Resource].flat().filter((arn) => arn.startsWith('arn:aws:secretsmanager:')),
      ]),
      [
        [
          ['secretsmanager:PutSecretValue'],
          [
            'arn:aws:secretsmanager:*:*:secret:MediaBatchApiKey*',
            'arn:aws:secretsmanager:*:*:secret:media-batch*',
          ],
        ],
      ],
    );
    // CloudFormation names a secret by its logical id, a dash and random characters.
    assert.ok(template.Resources['MediaBatchApiKey']);
  });

  it('lets an operator work without any right to deploy', () => {
    const allowed = actions('Operate');
    assert.deepEqual(
      OPERATIONS.filter((action) => !allowed.has(action)),
      [],
    );
  });
});

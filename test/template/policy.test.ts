import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { readUserPolicy, type UserPolicy } from '../../src/local/cloud/restricted-caller.ts';
import { buildTemplate, ENUMERATOR_FILE, parseTemplate, type Template } from './built-template.ts';

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
  'AWS::IAM::Role': [
    'iam:CreateRole',
    'iam:DeleteRole',
    'iam:PutRolePolicy',
    // CreateRole sets a boundary too, but an update of the stack sets and removes it with these.
    'iam:PutRolePermissionsBoundary',
    'iam:DeleteRolePermissionsBoundary',
    'iam:TagRole',
  ],
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
  'AWS::StepFunctions::StateMachine': [
    'states:CreateStateMachine',
    'states:DeleteStateMachine',
    'states:UpdateStateMachine',
    'iam:PassRole',
    'states:TagResource',
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
  'cloudwatch:DescribeAlarms',
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
  'dynamodb:BatchGetItem',
  'dynamodb:PutItem',
  // A transaction of the ledger has no action of its own: each of its parts has (DynamoDB, "Using IAM with transactions").
  'dynamodb:UpdateItem',
  'dynamodb:DeleteItem',
  'dynamodb:ConditionCheckItem',
  'lambda:GetEventSourceMapping',
  'lambda:UpdateEventSourceMapping',
  'lambda:InvokeFunction',
  'events:DescribeRule',
  'secretsmanager:DescribeSecret',
  'states:StartExecution',
  'states:DescribeExecution',
  'states:StopExecution',
  'states:RedriveExecution',
  'states:ListExecutions',
  'states:ListMapRuns',
  'states:DescribeMapRun',
  'states:UpdateMapRun',
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
  // A change set that tags the stack asks for these too.
  'cloudformation:TagResource',
  'cloudformation:UntagResource',
  'cloudformation:DescribeStackResources',
  'dynamodb:DescribeTable',
  'secretsmanager:GetSecretValue',
  'secretsmanager:PutSecretValue',
  'secretsmanager:UpdateSecretVersionStage',
];

describe('the policies that users paste', () => {
  let policy: UserPolicy;
  let template: Template;
  let enumerator: Template;
  const actions = (group: 'Deploy' | 'Operate'): Set<string> =>
    new Set(policy.Statement.filter(({ Sid }) => Sid.startsWith(group)).flatMap(({ Action }) => Action));

  /** @returns what a group may do with a secret */
  const secretRights = (group: 'Deploy' | 'Operate', arn: string): string[] =>
    policy.Statement.filter(({ Sid }) => Sid.startsWith(group))
      .filter(({ Resource }) => [Resource].flat().some((pattern) => coversArn(pattern, arn)))
      .flatMap(({ Action }) => Action)
      .filter((action) => /^(secretsmanager:|\*)/.test(action) && !action.endsWith(':GetRandomPassword'));

  before(async function () {
    this.timeout(20_000);
    policy = await readUserPolicy();
    template = parseTemplate(await buildTemplate());
    enumerator = parseTemplate(await readFile(ENUMERATOR_FILE, 'utf8'));
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

  it('passes roles to Lambda and Step Functions only', () => {
    const passing = policy.Statement.filter(({ Action }) => [Action].flat().includes('iam:PassRole'));
    assert.deepEqual(
      passing.map(({ Condition }) => Condition),
      [{ StringEquals: { 'iam:PassedToService': ['lambda.amazonaws.com', 'states.amazonaws.com'] } }],
    );
  });

  it('can make, tag and remove every resource of the templates', () => {
    const allowed = actions('Deploy');
    const types = new Set(
      [template, enumerator].flatMap(({ Resources }) => Object.values(Resources).map(({ Type }) => Type)),
    );
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

  it('finds the owner of a table by the table alone, whatever the stack is called', () => {
    const statements = policy.Statement.filter(({ Action }) =>
      [Action].flat().includes('cloudformation:DescribeStackResources'),
    );
    assert.deepEqual(
      statements.map(({ Resource }) => Resource),
      ['*'],
    );
  });

  it('finds the secrets and state machines, which CloudFormation names after their logical id alone', () => {
    const named = [template, enumerator].flatMap(({ Resources }) =>
      Object.entries(Resources).filter(([, { Type }]) => /::(Secret|StateMachine)$/.test(Type)),
    );
    assert.equal(named.length, 4);
    for (const [id] of named) assert.match(id, /^MediaBatch/);
  });

  it('reaches the log groups, that of the API under its prefix too', () => {
    const groups = policy.Statement.find(({ Sid }) => Sid === 'DeployLogs')?.Resource ?? [];
    const named = template.Resources['HttpApiLogs']?.Properties?.['LogGroupName'] as { 'Fn::Sub': string };
    const vended = named['Fn::Sub']
      .replace('${AWS::StackName}', 'media-batch-2')
      .replace('${HttpApi}', 'a1b2');
    for (const group of ['media-batch-2-ConsumerLogs-AbCdEf', vended]) {
      const arn = `arn:aws:logs:eu-west-1:123456789012:log-group:${group}`;
      assert.ok(
        [groups].flat().some((pattern) => coversArn(pattern, arn)),
        group,
      );
    }
  });

  it('can follow, cancel and repair a deploy, and rotate the signing key', () => {
    const allowed = actions('Deploy');
    assert.deepEqual(
      DEPLOY_OPERATIONS.filter((action) => !allowed.has(action)),
      [],
    );
  });

  it('lets an operator store the API key, and neither read a secret nor write the signing secret', () => {
    // CloudFormation names a secret by its logical id, a dash and random characters.
    const secretOf = (id: string): string => {
      assert.ok(template.Resources[id]);
      return `arn:aws:secretsmanager:eu-west-1:123456789012:secret:${id}-AbCdEf12345`;
    };
    const apiKey = secretOf('MediaBatchApiKey');
    const signing = secretOf('MediaBatchSigningSecret');
    assert.deepEqual(secretRights('Operate', apiKey), [
      'secretsmanager:DescribeSecret',
      'secretsmanager:PutSecretValue',
    ]);
    assert.deepEqual(secretRights('Operate', signing), []);
    assert.deepEqual(
      secretRights('Operate', 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:other'),
      [],
    );
    // Whoever deploys rotates it: so the matcher does find what is granted.
    assert.ok(secretRights('Deploy', signing).includes('secretsmanager:GetSecretValue'));
  });

  it('sees a wildcard that opens the signing secret', () => {
    const arn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:MediaBatchSigningSecret-AbCdEf12345';
    for (const pattern of [
      '*',
      'arn:aws:secretsmanager:*',
      'arn:aws:*:*:*:secret:MediaBatchS*',
      `${arn.slice(0, -1)}?`,
    ]) {
      assert.ok(coversArn(pattern, arn), pattern);
    }
    for (const pattern of [
      'arn:aws:secretsmanager:*:*:secret:MediaBatchApiKey*',
      arn.toLowerCase(),
      arn.slice(0, -1),
    ]) {
      assert.ok(!coversArn(pattern, arn), pattern);
    }
  });

  it('lets an operator work without any right to deploy', () => {
    const allowed = actions('Operate');
    assert.deepEqual(
      OPERATIONS.filter((action) => !allowed.has(action)),
      [],
    );
  });
});

/** IAM's wildcards: `*` is any text, colons too, and `?` one character (IAM User Guide, "Resource"). */
function coversArn(pattern: string, arn: string): boolean {
  const literal = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${literal.replaceAll('*', '.*').replaceAll('?', '.')}$`).test(arn);
}

import assert from 'node:assert/strict';
import { ALARMS as KNOWN_ALARMS } from '../../src/core/stack/alarms.ts';
import { API_KEY_PLACEHOLDER } from '../../src/core/stack/secret-arn.ts';
import {
  CONSUMER_TIMEOUT_SECONDS,
  OUTPUTS,
  PARAMETERS,
  RECONCILER_OUTPUTS,
  TEMPLATE_DESCRIPTION,
  TUNING_LIMITS,
} from '../../src/core/stack/stack-contract.ts';
import { TABLE_KEYS } from '../../src/core/batch/table-keys.ts';
import { TEMPLATE_VERSION, VERSION_OUTPUT } from '../../src/core/stack/template-version.ts';
import { buildTemplate, parseTemplate, type Json, type Resource, type Template } from './built-template.ts';

/** Each alarm: its metric and what makes it ring. */
const ALARMS = {
  PausedAlarm: ['MediaBatch/${AWS::StackName}', 'Paused', 'Maximum > 0 in 300 s'],
  HeldAlarm: ['MediaBatch/${AWS::StackName}', 'Held', 'Maximum > 0 in 300 s'],
  SilentAlarm: ['MediaBatch/${AWS::StackName}', 'Silent', 'Maximum > 0 in 1 of 7 x 3600 s'],
  DeadLetterAlarm: ['MediaBatch/${AWS::StackName}', 'NewDeadLetters', 'Sum > 0 in 300 s'],
  ReconcilerAlarm: ['MediaBatch/${AWS::StackName}', 'Held', 'SampleCount < 1 in 3 x 300 s, or no data'],
  OldestMessageAlarm: ['AWS/SQS', 'ApproximateAgeOfOldestMessage', 'Maximum > 967680 in 300 s'],
  ConsumerErrorsAlarm: ['AWS/Lambda', 'Errors', 'Sum > 0 in 300 s'],
  ConsumerThrottlesAlarm: ['AWS/Lambda', 'Throttles', 'Sum > 0 in 300 s'],
  WebhookThrottlesAlarm: ['AWS/Lambda', 'Throttles', 'Sum > 0 in 300 s'],
  WebhookErrorsAlarm: ['AWS/ApiGateway', '5xx', 'Sum > 0 in 300 s'],
  WebhookRefusalsAlarm: ['AWS/ApiGateway', '4xx', 'Sum > 5 in 300 s'],
};

const INVENTORY = {
  WorkQueue: 'AWS::SQS::Queue',
  DeadLetterQueue: 'AWS::SQS::Queue',
  WorkQueuePolicy: 'AWS::SQS::QueuePolicy',
  DeadLetterQueuePolicy: 'AWS::SQS::QueuePolicy',
  ResultsTable: 'AWS::DynamoDB::Table',
  MediaBatchApiKey: 'AWS::SecretsManager::Secret',
  MediaBatchSigningSecret: 'AWS::SecretsManager::Secret',
  ConsumerLogs: 'AWS::Logs::LogGroup',
  WebhookLogs: 'AWS::Logs::LogGroup',
  ReconcilerLogs: 'AWS::Logs::LogGroup',
  HttpApiLogs: 'AWS::Logs::LogGroup',
  ConsumerRole: 'AWS::IAM::Role',
  PauseDispatchPolicy: 'AWS::IAM::Policy',
  DecryptApiKeyPolicy: 'AWS::IAM::Policy',
  Consumer: 'AWS::Lambda::Function',
  EventSourceMapping: 'AWS::Lambda::EventSourceMapping',
  HttpApi: 'AWS::ApiGatewayV2::Api',
  HttpApiStage: 'AWS::ApiGatewayV2::Stage',
  WebhookIntegration: 'AWS::ApiGatewayV2::Integration',
  WebhookRoute: 'AWS::ApiGatewayV2::Route',
  WebhookPermission: 'AWS::Lambda::Permission',
  WebhookRole: 'AWS::IAM::Role',
  Webhook: 'AWS::Lambda::Function',
  ReconcilerRole: 'AWS::IAM::Role',
  Reconciler: 'AWS::Lambda::Function',
  ReconcilerRule: 'AWS::Events::Rule',
  ReconcilerPermission: 'AWS::Lambda::Permission',
  AlarmTopic: 'AWS::SNS::Topic',
  AlarmSubscription: 'AWS::SNS::Subscription',
  ...Object.fromEntries(Object.keys(ALARMS).map((id) => [id, 'AWS::CloudWatch::Alarm'])),
};

const DEFAULTS = {
  BatchSize: 5,
  MaximumConcurrency: 2,
  MaximumBatchingWindow: 10,
  MaxAttempts: 3,
  BrakePercent: 20,
  MaxRequestsPerSecond: 0,
  ReconcileAfterMinutes: 15,
  ConnectionId: '',
  ApiKeyArn: '',
  ApiKeyKmsKeyArn: '',
  IttybitApiUrl: 'https://api.ittybit.com',
  DispatchEnabled: 'true',
  LogRetentionDays: 30,
  AlarmEmail: '',
  ExistingResultsTable: '',
  PermissionsBoundaryArn: '',
};

/** Properties that would give a resource a name of its own. AWS demands that of an HTTP API, and a prefix of its logs. */
const NAMES =
  /^(QueueName|TableName|FunctionName|RoleName|LogGroupName|TopicName|AlarmName|ManagedPolicyName|Name)$/;

const FOURTEEN_DAYS = 14 * 86_400;

describe('the built template', () => {
  let text: string;
  let template: Template;
  const resource = (id: string): Resource & { Properties: Record<string, Json> } => {
    const found = template.Resources[id];
    assert.ok(found, `no resource ${id}`);
    return { ...found, Properties: found.Properties ?? {} };
  };

  before(async function () {
    this.timeout(20_000);
    text = await buildTemplate();
    template = parseTemplate(text);
  });

  it('fits into one request without a bucket, and leaves room for what is to come', () => {
    // CloudFormation's ceiling for a template that is sent without a bucket is 51,200; this is our own aim.
    const bytes = Buffer.byteLength(text);
    // Design aims at 45,000: the pace took the rest, as its rules must run in the functions. CloudFormation takes 51,200.
    assert.ok(bytes <= 48_200, `${bytes} bytes`);
  });

  it('says what the list of our stacks looks for', () => {
    assert.equal(template.Description, TEMPLATE_DESCRIPTION);
  });

  it('has exactly these resources', () => {
    const types = Object.fromEntries(Object.entries(template.Resources).map(([id, { Type }]) => [id, Type]));
    assert.deepEqual(types, INVENTORY);
  });

  it('has exactly the outputs that the code reads', () => {
    const read = [...Object.values(OUTPUTS), ...Object.values(RECONCILER_OUTPUTS), VERSION_OUTPUT];
    assert.deepEqual(Object.keys(template.Outputs).sort(), read.sort());
  });

  it('has the version that the code beside it knows', () => {
    assert.equal(template.Outputs[VERSION_OUTPUT]?.Value, String(TEMPLATE_VERSION));
  });

  it('has exactly the parameters that the code sets, with the published defaults', () => {
    assert.deepEqual(Object.keys(template.Parameters).sort(), [...PARAMETERS].sort());
    const defaults = Object.entries(template.Parameters).map(([name, { Default }]) => [name, Default]);
    assert.deepEqual(Object.fromEntries(defaults), DEFAULTS);
  });

  it('describes and bounds each parameter', () => {
    for (const [name, parameter] of Object.entries(template.Parameters)) {
      assert.ok(parameter['Description'], name);
      const bounds = ['MinValue', 'AllowedValues', 'AllowedPattern'].filter((bound) => bound in parameter);
      assert.equal(bounds.length, 1, name);
    }
    const bounds = ['BatchSize', 'MaximumConcurrency', 'MaximumBatchingWindow'].map((name) => {
      const { MinValue, MaxValue } = template.Parameters[name]!;
      return [MinValue, MaxValue];
    });
    assert.deepEqual(bounds, Object.values(TUNING_LIMITS));
  });

  for (const [name, good, bad] of [
    ['ConnectionId', ['', 'conn_A-1'], ['a b', 'x'.repeat(129)]],
    [
      'ApiKeyArn',
      [
        '',
        'arn:aws:secretsmanager:eu-west-1:123456789012:secret:my/key-AbCdEf',
        'arn:aws-cn:ssm:cn-north-1:123456789012:parameter/ittybit/key',
      ],
      [
        'my-secret',
        'arn:aws:s3:::bucket',
        'arn:aws:ssm:eu-west-1:1:parameter/x',
        'arn:aws:secretsmanager:eu-west-1:123456789012:secret:ittybit',
        'arn:aws:secretsmanager:eu-west-1:123456789012:secret:my-key',
        'arn:aws:secretsmanager:eu-west-1:123456789012:secret:my-key-AbCdE',
      ],
    ],
    [
      'ApiKeyKmsKeyArn',
      ['', 'arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab'],
      [
        'alias/my-key',
        'arn:aws:kms:eu-west-1:123456789012:alias/my-key',
        'arn:aws:kms:eu-west-1:123456789012:key/*',
        'arn:aws:kms:eu-west-1:123456789012:key/',
      ],
    ],
    [
      'IttybitApiUrl',
      ['https://api.ittybit.com', 'http://127.0.0.1:4000', 'http://localhost'],
      ['http://api.ittybit.com', 'http://localhost.example.com', 'http://127.0.0.1.example.com', 'ftp://x'],
    ],
    ['AlarmEmail', ['', 'a@b.example'], ['a', 'a@', 'a b@c']],
    ['ExistingResultsTable', ['', 'media-batch-ResultsTable-1ABC.x'], ['ab', 'a/b', 'x'.repeat(256)]],
    [
      'PermissionsBoundaryArn',
      ['', 'arn:aws:iam::123456789012:policy/team/Boundary', 'arn:aws-cn:iam::aws:policy/PowerUserAccess'],
      ['Boundary', 'arn:aws:iam::123456789012:role/x', 'arn:aws:iam::1:policy/x'],
    ],
  ] as const) {
    it(`takes a right ${name} and refuses a wrong one`, () => {
      const pattern = new RegExp(template.Parameters[name]!['AllowedPattern'] as string);
      for (const value of good) assert.match(value, pattern);
      for (const value of bad) assert.doesNotMatch(value, pattern);
    });
  }

  it('needs no Transform and gives no resource a name of its own', () => {
    assert.equal(template.Transform, undefined);
    const named = Object.entries(template.Resources)
      .filter(([, { Type }]) => !/EventSourceMapping|Lambda::Permission/.test(Type))
      .flatMap(([id, { Properties = {} }]) =>
        Object.keys(Properties).map((property) => [id, property] as const),
      )
      .filter(([, property]) => NAMES.test(property));
    assert.deepEqual(named, [
      ['HttpApiLogs', 'LogGroupName'],
      ['HttpApi', 'Name'],
    ]);
    assert.deepEqual(resource('HttpApiLogs').Properties['LogGroupName'], {
      'Fn::Sub': '/aws/vendedlogs/${AWS::StackName}-${HttpApi}',
    });
    assert.deepEqual(resource('HttpApi').Properties['Name'], { Ref: 'AWS::StackName' });
  });

  it('runs the functions on the runtime that the build is for, each by its own handler', () => {
    for (const [id, handler] of [
      ['Consumer', 'consumer'],
      ['Webhook', 'webhook'],
      ['Reconciler', 'reconciler'],
    ] as const) {
      const { Handler, Runtime, Architectures } = resource(id).Properties;
      assert.deepEqual([Handler, Runtime, Architectures], [`index.${handler}`, 'nodejs24.x', ['arm64']]);
    }
  });

  it('runs the reconciler each minute, and lets nothing else run it', () => {
    const rule = resource('ReconcilerRule').Properties;
    assert.equal(rule['ScheduleExpression'], 'rate(1 minute)');
    assert.deepEqual(rule['Targets'], [{ Id: 'reconciler', Arn: { 'Fn::GetAtt': ['Reconciler', 'Arn'] } }]);
    assert.equal(resource('Reconciler').Properties['Timeout'], 60);
    const { Principal, SourceArn } = resource('ReconcilerPermission').Properties;
    assert.deepEqual(
      [Principal, SourceArn],
      ['events.amazonaws.com', { 'Fn::GetAtt': ['ReconcilerRule', 'Arn'] }],
    );
  });

  it('keeps the table when the stack goes or the table is replaced, and nothing else', () => {
    const kept = Object.entries(template.Resources).filter(
      ([, r]) => r.DeletionPolicy ?? r.UpdateReplacePolicy,
    );
    assert.deepEqual(
      kept.map(([id, r]) => [id, r.DeletionPolicy, r.UpdateReplacePolicy]),
      [['ResultsTable', 'Retain', 'Retain']],
    );
  });

  it('sets the queues up so that nothing is lost early', () => {
    const work = resource('WorkQueue').Properties;
    assert.equal(work['VisibilityTimeout'], 120);
    assert.equal(resource('Consumer').Properties['Timeout'], CONSUMER_TIMEOUT_SECONDS);
    assert.ok(120 >= 6 * CONSUMER_TIMEOUT_SECONDS);
    assert.equal(work['ReceiveMessageWaitTimeSeconds'], 20);
    assert.deepEqual(work['RedrivePolicy'], {
      deadLetterTargetArn: { 'Fn::GetAtt': ['DeadLetterQueue', 'Arn'] },
      maxReceiveCount: 100,
    });
    assert.ok(Number(template.Parameters['MaxAttempts']!['MaxValue']) < 100);
    for (const id of ['WorkQueue', 'DeadLetterQueue']) {
      assert.equal(resource(id).Properties['MessageRetentionPeriod'], FOURTEEN_DAYS);
      assert.equal(resource(id).Properties['SqsManagedSseEnabled'], true);
    }
    assert.equal(resource('OldestMessageAlarm').Properties['Threshold'], 0.8 * FOURTEEN_DAYS);
  });

  for (const id of ['WorkQueue', 'DeadLetterQueue']) {
    it(`allows access to ${id} without TLS only from the machine itself`, () => {
      const policy = resource(`${id}Policy`).Properties;
      assert.deepEqual(policy['Queues'], [{ Ref: id }]);
      assert.deepEqual((policy['PolicyDocument'] as { Statement: Json }).Statement, [
        {
          Sid: 'TlsOnly',
          Effect: 'Deny',
          Principal: '*',
          Action: 'sqs:*',
          Resource: '*',
          Condition: {
            Bool: { 'aws:SecureTransport': 'false' },
            NotIpAddress: { 'aws:SourceIp': '127.0.0.0/8' },
          },
        },
      ]);
    });
  }

  it('paces the consumer by its mapping, never by reserved concurrency', () => {
    const mapping = resource('EventSourceMapping').Properties;
    assert.deepEqual(mapping['ScalingConfig'], { MaximumConcurrency: { Ref: 'MaximumConcurrency' } });
    assert.deepEqual(mapping['BatchSize'], { Ref: 'BatchSize' });
    assert.deepEqual(mapping['MaximumBatchingWindowInSeconds'], { Ref: 'MaximumBatchingWindow' });
    assert.deepEqual(mapping['FunctionResponseTypes'], ['ReportBatchItemFailures']);
    assert.deepEqual(mapping['Enabled'], { 'Fn::If': ['Dispatches', true, false] });
    assert.ok(!text.includes('ReservedConcurrentExecutions'));
  });

  it('makes the table that the code reads, with point-in-time recovery', () => {
    const table = resource('ResultsTable').Properties;
    const keys = (pk: string, sk: string): Json => [
      { AttributeName: pk, KeyType: 'HASH' },
      { AttributeName: sk, KeyType: 'RANGE' },
    ];
    assert.deepEqual(table['KeySchema'], keys(TABLE_KEYS.pk, TABLE_KEYS.sk));
    assert.deepEqual(table['GlobalSecondaryIndexes'], [
      {
        IndexName: TABLE_KEYS.indexName,
        KeySchema: keys(TABLE_KEYS.indexPk, TABLE_KEYS.indexSk),
        Projection: { ProjectionType: 'ALL' },
      },
    ]);
    assert.equal(table['BillingMode'], 'PAY_PER_REQUEST');
    assert.deepEqual(table['PointInTimeRecoverySpecification'], { PointInTimeRecoveryEnabled: true });
  });

  it('holds no secret, only a placeholder and a generated one', () => {
    assert.equal(resource('MediaBatchApiKey').Properties['SecretString'], API_KEY_PLACEHOLDER);
    const generated = resource('MediaBatchSigningSecret').Properties['GenerateSecretString'];
    assert.deepEqual(generated, {
      SecretStringTemplate: '{"ittybit_webhook_secret":""}',
      GenerateStringKey: 'path_key',
      PasswordLength: 64,
      ExcludePunctuation: true,
    });
  });

  it('admits the API to the webhook function by its one route', () => {
    assert.equal(
      resource('WebhookRoute').Properties['RouteKey'],
      'POST /webhook/{batch}/{source}/{signature}',
    );
    assert.equal(resource('WebhookIntegration').Properties['PayloadFormatVersion'], '2.0');
    assert.deepEqual(resource('WebhookPermission').Properties['SourceArn'], {
      'Fn::Sub':
        'arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${HttpApi}/*/POST/webhook/*/*/*',
    });
    const stage = JSON.stringify(resource('HttpApiStage').Properties);
    assert.match(stage, /"ThrottlingRateLimit":500/);
    assert.doesNotMatch(stage, /context\.path|querystring/i);
  });

  it('raises these alarms, to one topic that others can subscribe to as well', () => {
    const alarms = Object.entries(template.Resources).filter(
      ([, { Type }]) => Type === 'AWS::CloudWatch::Alarm',
    );
    assert.deepEqual(
      Object.fromEntries(alarms.map(([id, { Properties = {} }]) => [id, ringsOn(Properties)])),
      ALARMS,
    );
    assert.deepEqual(alarms.map(([id]) => id).sort(), [...KNOWN_ALARMS].sort());
    for (const [id, { Properties = {} }] of alarms) {
      assert.deepEqual(Properties['AlarmActions'], [{ Ref: 'AlarmTopic' }], id);
      // No file, batch or reason is named in a mail.
      assert.equal(typeof Properties['AlarmDescription'], 'string', id);
    }
    assert.equal(resource('AlarmTopic').Condition, undefined);
    assert.equal(resource('AlarmSubscription').Condition, 'HasAlarmEmail');
  });

  it('bounds each role where the account demands it', () => {
    const roles = Object.values(template.Resources).filter(({ Type }) => Type === 'AWS::IAM::Role');
    assert.equal(roles.length, 3);
    for (const { Properties = {} } of roles) {
      const boundary = {
        'Fn::If': ['HasBoundary', { Ref: 'PermissionsBoundaryArn' }, { Ref: 'AWS::NoValue' }],
      };
      assert.deepEqual(Properties['PermissionsBoundary'], boundary);
    }
  });

  it('takes the table of a deleted stack over instead of making one', () => {
    assert.equal(resource('ResultsTable').Condition, 'MakesTable');
    for (const id of ['Consumer', 'Webhook', 'Reconciler']) {
      const { Variables } = resource(id).Properties['Environment'] as { Variables: Record<string, Json> };
      assert.deepEqual(Variables['TABLE_NAME'], EITHER_TABLE, id);
    }
    assert.deepEqual(template.Outputs['ResultsTableName']?.Value, EITHER_TABLE);
  });
});

const EITHER_TABLE = { 'Fn::If': ['MakesTable', { Ref: 'ResultsTable' }, { Ref: 'ExistingResultsTable' }] };
const SIGNS: Readonly<Record<string, string>> = { GreaterThanThreshold: '>', LessThanThreshold: '<' };

/** @returns an alarm's namespace, metric and condition, in short */
function ringsOn(alarm: Readonly<Record<string, Json>>): string[] {
  const { Namespace, MetricName, Statistic, Period, EvaluationPeriods, DatapointsToAlarm, ...rest } =
    alarm as Readonly<Record<string, string | number>>;
  const { Threshold, ComparisonOperator = '', TreatMissingData } = rest;
  const of = DatapointsToAlarm === undefined ? '' : `${DatapointsToAlarm} of `;
  const periods = EvaluationPeriods === 1 ? '' : `${of}${EvaluationPeriods} x `;
  const missing = TreatMissingData === undefined ? '' : `, or no data`;
  assert.ok(missing === '' || TreatMissingData === 'breaching');
  const namespace: unknown =
    typeof Namespace === 'string' ? Namespace : Object.values(alarm['Namespace'] ?? {})[0];
  return [
    String(namespace),
    String(MetricName),
    `${Statistic} ${SIGNS[ComparisonOperator]} ${Threshold} in ${periods}${Period} s${missing}`,
  ];
}

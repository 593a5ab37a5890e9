import assert from 'node:assert/strict';
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
  DeadLetterAlarm: 'AWS::CloudWatch::Alarm',
  OldestMessageAlarm: 'AWS::CloudWatch::Alarm',
  ConsumerErrorsAlarm: 'AWS::CloudWatch::Alarm',
  WebhookErrorsAlarm: 'AWS::CloudWatch::Alarm',
};

const DEFAULTS = {
  BatchSize: 5,
  MaximumConcurrency: 2,
  MaximumBatchingWindow: 10,
  MaxAttempts: 3,
  BrakePercent: 20,
  ReconcileAfterMinutes: 15,
  ConnectionId: '',
  ApiKeyArn: '',
  ApiKeyKmsKeyArn: '',
  IttybitApiUrl: 'https://api.ittybit.com',
  DispatchEnabled: 'true',
  LogRetentionDays: 30,
  AlarmEmail: '',
};

/** Properties that would give a resource a name of its own. The HTTP API's `Name` is one that AWS demands. */
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
    assert.ok(bytes <= 45_000, `${bytes} bytes`);
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
    assert.deepEqual(named, [['HttpApi', 'Name']]);
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
          Resource: { 'Fn::GetAtt': [id, 'Arn'] },
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

  it('mails alarms only where there is an address', () => {
    for (const id of ['AlarmTopic', 'AlarmSubscription'])
      assert.equal(resource(id).Condition, 'HasAlarmEmail');
    const alarms = Object.values(template.Resources).filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm');
    assert.equal(alarms.length, 4);
    for (const { Properties = {} } of alarms) {
      const actions = { 'Fn::If': ['HasAlarmEmail', [{ Ref: 'AlarmTopic' }], { Ref: 'AWS::NoValue' }] };
      assert.deepEqual(Properties['AlarmActions'], actions);
      assert.equal(Properties['TreatMissingData'], 'notBreaching');
    }
  });
});

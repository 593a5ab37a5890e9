import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { InvokeCommand, UpdateEventSourceMappingCommand } from '@aws-sdk/client-lambda';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { dispatchKey } from '../../src/core/stack/dispatch-codec.ts';
import { webhookPath } from '../../src/core/ittybit/signed-address.ts';
import { s3Uri } from '../../src/core/files/s3-location.ts';
import type { StackParameters } from '../../src/core/stack/stack-contract.ts';
import { PipelineCloud, postTo, type DeployedPipeline } from '../helpers/deployed-pipeline.ts';
import { eventually } from '../helpers/wait-for.ts';
import { rightsOf, withoutRight } from '../helpers/template-rights.ts';

/**
 * The emulator polls queues, writes logs and decrypts under no role: test/template/grants.test.ts holds these to their
 * text.
 */
const NOT_ENFORCED =
  /^ConsumerRole sqs:(ReceiveMessage|DeleteMessage|GetQueueAttributes) |logs:(CreateLogStream|PutLogEvents) |kms:Decrypt /;
const PARAMETER = 'arn:aws:ssm:eu-west-1:000000000000:parameter/media-batch/api-key';

/** What uses a right: how the stack is set up, what is sent to it, and what comes of it with the right. */
interface Scenario {
  readonly parameters?: StackParameters;
  readonly apiKey?: string;
  /** of the one message; absent: a file to submit */
  readonly body?: string;
  readonly outage?: boolean;
  readonly works: (pipeline: DeployedPipeline, name: string) => Promise<unknown>;
  /** what else must not have happened without the right */
  readonly without?: (pipeline: DeployedPipeline) => Promise<void>;
}

const film = (name: string) => ({ bucket: 'film-archive', key: `rights/${name}.mp4` });
const succeeds = (pipeline: DeployedPipeline, name: string) => pipeline.until('succeeded', film(name));

const SUBMIT: Scenario = { works: succeeds };
const PARAMETER_KEY: Scenario = { parameters: { ApiKeyArn: PARAMETER }, works: succeeds };
const RETRY: Scenario = { outage: true, works: succeeds };
const BURY: Scenario = {
  body: 'no JSON',
  works: (pipeline) =>
    eventually('it is a dead letter', async () => (await pipeline.held()).dead === 1 || undefined),
};
const PAUSE: Scenario = {
  apiKey: 'ittybit_live_refused',
  works: (pipeline) =>
    eventually('dispatch is off', async () => (await pipeline.mapping()).state === 'Disabled' || undefined),
  without: async (pipeline) => {
    assert.equal((await pipeline.mapping()).state, 'Enabled');
  },
};
const SCENARIOS = { SUBMIT, PARAMETER_KEY, RETRY, BURY, PAUSE };

/** Each right of the consumer, and what cannot be done without it. */
const CONSUMER: Readonly<Record<string, Scenario>> = {
  'ConsumerRole sqs:ChangeMessageVisibility WorkQueue': RETRY,
  'ConsumerRole sqs:SendMessage DeadLetterQueue': BURY,
  'ConsumerRole dynamodb:GetItem ResultsTable': SUBMIT,
  'ConsumerRole dynamodb:PutItem ResultsTable': SUBMIT,
  'ConsumerRole dynamodb:UpdateItem ResultsTable': SUBMIT,
  'ConsumerRole secretsmanager:GetSecretValue MediaBatchSigningSecret': SUBMIT,
  'ConsumerRole secretsmanager:GetSecretValue MediaBatchApiKey': SUBMIT,
  'ConsumerRole ssm:GetParameter ApiKeyArn': PARAMETER_KEY,
  'ConsumerRole lambda:ListEventSourceMappings *': PAUSE,
  'PauseDispatchPolicy lambda:UpdateEventSourceMapping EventSourceMapping': PAUSE,
};

/** Each right that the reconciler needs to end a wait. */
const END_OF_WAIT = [
  'ReconcilerRole dynamodb:GetItem ResultsTable',
  'ReconcilerRole dynamodb:PutItem ResultsTable',
  'ReconcilerRole dynamodb:UpdateItem ResultsTable',
  'ReconcilerRole lambda:ListEventSourceMappings *',
  'ReconcilerRole lambda:UpdateEventSourceMapping EventSourceMapping',
];

/** Rights of what reads old results and asks Ittybit, which test/template/grants.test.ts holds to their text. */
const LOOK_UPS = [
  'ConsumerRole dynamodb:Query ResultsTable',
  'ReconcilerRole dynamodb:Query ResultsTable',
  'ReconcilerRole dynamodb:Query ResultsTable/index',
  'ReconcilerRole secretsmanager:GetSecretValue MediaBatchSigningSecret',
  'ReconcilerRole secretsmanager:GetSecretValue MediaBatchApiKey',
  'ReconcilerRole ssm:GetParameter ApiKeyArn',
  'ReconcilerRole sqs:SendMessage WorkQueue',
  'ReconcilerRole sqs:GetQueueAttributes WorkQueue',
  'ReconcilerRole sqs:ReceiveMessage DeadLetterQueue',
  'ReconcilerRole sqs:DeleteMessage DeadLetterQueue',
  'ReconcilerRole sqs:SendMessage DeadLetterQueue',
  'ReconcilerRole sqs:ChangeMessageVisibility DeadLetterQueue',
  'ReconcilerRole sqs:GetQueueAttributes DeadLetterQueue',
];

const WEBHOOK = [
  'WebhookRole dynamodb:GetItem ResultsTable',
  'WebhookRole dynamodb:PutItem ResultsTable',
  'WebhookRole dynamodb:UpdateItem ResultsTable',
  'WebhookRole secretsmanager:GetSecretValue MediaBatchSigningSecret',
];

describe('the rights of the deployed functions', function () {
  this.timeout(60_000);
  let cloud: PipelineCloud;
  let stacks = 0;
  // Short, or the emulator cuts the names of its resources.
  const newStack = () => `media-batch-${++stacks}`;

  before(async () => {
    cloud = await PipelineCloud.start('rights-test');
  });
  after(() => cloud.stop());

  /** Deploys a stack of its own and sends it the one message. */
  const begin = async (name: string, scenario: Scenario, template: string): Promise<DeployedPipeline> => {
    const { parameters, apiKey, outage, body = JSON.stringify(film(name)) } = scenario;
    if (outage) {
      cloud.cloud.ittybit.faults.add({
        match: film(name).key,
        effect: { type: 'status', status: 503 },
        times: 1,
      });
    }
    const pipeline = await cloud.deploy(newStack(), {
      apiKey,
      template,
      ...(parameters && { parameters }),
    });
    await pipeline.send(body);
    return pipeline;
  };

  /** @returns the function's own words about a denial, from the emulator's log */
  const denial = (pipeline: DeployedPipeline, action: string) =>
    eventually(`the log says that ${action} is denied`, async () => {
      const log = await readFile(cloud.cloud.emulator.logFile, 'utf8');
      const stack = pipeline.outputs.resultsTable.split('-ResultsTable-')[0] ?? '';
      return log
        .split('\n')
        .find((line) => line.includes(`not authorized to perform: ${action} `) && line.includes(`${stack}-`));
    });

  it('are all in this test', () => {
    const enforced = rightsOf(cloud.template).filter((right) => !NOT_ENFORCED.test(right));
    assert.deepEqual(
      enforced.sort(),
      [...Object.keys(CONSUMER), ...END_OF_WAIT, ...LOOK_UPS, ...WEBHOOK].sort(),
    );
  });

  it('are enough for what the consumer does', async () => {
    const running: Promise<unknown>[] = [];
    for (const [name, scenario] of Object.entries(SCENARIOS)) {
      const pipeline = await begin(name, scenario, cloud.template);
      running.push(scenario.works(pipeline, name));
    }
    await Promise.all(running);
  });

  for (const [right, scenario] of Object.entries(CONSUMER)) {
    it(`all matter: without ${right} the file stays in its queue`, async () => {
      const name = right.replaceAll(/\W+/g, '-');
      const pipeline = await begin(name, scenario, withoutRight(cloud.template, right));
      await eventually('the consumer has failed', async () => {
        const { lastResult } = await pipeline.mapping();
        return lastResult?.includes('1 partial failures') || undefined;
      });
      await denial(pipeline, right.split(' ')[1]!);
      assert.deepEqual(await pipeline.held(), { work: 1, hidden: 1, dead: 0 });
      assert.equal(cloud.cloud.ittybit.book.jobsByInput().has(s3Uri(film(name))), false);
      await scenario.without?.(pipeline);
    });
  }

  /** Runs the reconciler where a wait is over. @returns its error; undefined where it has ended the wait */
  const endWait = async (pipeline: DeployedPipeline): Promise<string | undefined> => {
    const { stackId, resultsTable: TableName, eventSourceMapping: UUID } = pipeline.outputs;
    const Item = { ...dispatchKey(stackId), state: 'waiting', until: new Date(0).toISOString(), epoch: 1 };
    await cloud.dynamo.send(new PutCommand({ TableName, Item }));
    await cloud.lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: false }));
    const FunctionName = pipeline.outputs.reconcilerFunction;
    const { FunctionError } = await cloud.lambda.send(new InvokeCommand({ FunctionName }));
    return FunctionError;
  };
  const stateOf = async ({ outputs }: DeployedPipeline) =>
    (await cloud.cloud.services.dispatch.readState(outputs)).state;

  it('are enough for the end of a wait', async () => {
    const pipeline = await cloud.deploy(newStack());
    assert.equal(await endWait(pipeline), undefined);
    assert.deepEqual([(await pipeline.mapping()).state, await stateOf(pipeline)], ['Enabled', 'running']);
  });

  for (const right of END_OF_WAIT) {
    it(`all matter: without ${right} the wait goes on`, async () => {
      const pipeline = await cloud.deploy(newStack(), { template: withoutRight(cloud.template, right) });
      assert.notEqual(await endWait(pipeline), undefined);
      await denial(pipeline, right.split(' ')[1]!);
      assert.equal(await stateOf(pipeline), 'waiting');
    });
  }

  const report = async (pipeline: DeployedPipeline) => {
    const path = webhookPath(await pipeline.pathKey(), { batch: 'a-batch', ...film('reported') }, 1);
    const body = JSON.stringify({ id: 'job_1', status: 'succeeded' });
    return postTo(`${pipeline.outputs.webhookEndpoint}/${path}`, body);
  };

  it('are enough for what the webhook function does', async () => {
    const pipeline = await cloud.deploy(newStack());
    assert.equal((await report(pipeline)).status, 200);
    assert.equal((await pipeline.item(film('reported'), 'a-batch'))?.status, 'succeeded');
  });

  for (const right of WEBHOOK) {
    it(`all matter: without ${right} Ittybit is asked to try again`, async () => {
      const template = withoutRight(cloud.template, right);
      const pipeline = await cloud.deploy(newStack(), { template });
      const answer = await report(pipeline);
      assert.deepEqual(
        [answer.status, answer.text],
        [503, '{"message":"The result could not be stored now: send it again."}'],
      );
      assert.equal(await pipeline.item(film('reported'), 'a-batch'), undefined);
    });
  }
});

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { DEFAULT_JOB_OPTIONS } from '../../src/core/ittybit/job-options.ts';
import { webhookPath } from '../../src/core/ittybit/signed-address.ts';
import { s3Uri } from '../../src/core/files/s3-location.ts';
import type { StackParameters } from '../../src/core/stack/stack-contract.ts';
import { PipelineCloud, postTo, type DeployedPipeline } from '../helpers/deployed-pipeline.ts';
import { eventually } from '../helpers/wait-for.ts';
import { rightsOf, withoutRight } from '../helpers/template-rights.ts';

/** The emulator polls queues and writes logs under no role: test/template/grants.test.ts holds these to their text. */
const NOT_ENFORCED =
  /ConsumerRole sqs:(ReceiveMessage|DeleteMessage|GetQueueAttributes) |logs:(CreateLogStream|PutLogEvents) /;
/** It grants nothing: the signing secret is no parameter. */
const WITHOUT_MEANING = /ssm:GetParameter MediaBatchSigningSecret$/;
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
  'ConsumerRole dynamodb:UpdateItem ResultsTable': RETRY,
  'ConsumerRole dynamodb:Scan ResultsTable': SUBMIT,
  'ConsumerRole dynamodb:Query ResultsTable': RETRY,
  'ConsumerRole secretsmanager:GetSecretValue MediaBatchSigningSecret': SUBMIT,
  'ConsumerRole secretsmanager:GetSecretValue ApiKey': SUBMIT,
  'ConsumerRole ssm:GetParameter ApiKey': PARAMETER_KEY,
  'ConsumerRole lambda:ListEventSourceMappings *': PAUSE,
  'PauseDispatchPolicy lambda:UpdateEventSourceMapping EventSourceMapping': PAUSE,
};

const WEBHOOK = [
  'WebhookRole dynamodb:GetItem ResultsTable',
  'WebhookRole dynamodb:PutItem ResultsTable',
  'WebhookRole dynamodb:UpdateItem ResultsTable',
  'WebhookRole secretsmanager:GetSecretValue MediaBatchSigningSecret',
];

const TAKE_OVER = 'ConsumerRole dynamodb:ConditionCheckItem ResultsTable';

/** Rights of the reconciler without which it fails, with an open file and a dead letter. */
const RECONCILER = [
  'ReconcilerRole dynamodb:GetItem ResultsTable',
  'ReconcilerRole dynamodb:PutItem ResultsTable',
  'ReconcilerRole dynamodb:UpdateItem ResultsTable',
  'ReconcilerRole dynamodb:Query ResultsTable/index',
  'ReconcilerRole sqs:ReceiveMessage DeadLetterQueue',
  'ReconcilerRole sqs:ChangeMessageVisibility DeadLetterQueue',
  'ReconcilerRole sqs:GetQueueAttributes WorkQueue',
  'ReconcilerRole sqs:GetQueueAttributes DeadLetterQueue',
  'ReconcilerRole cloudwatch:PutMetricData *',
];
/** Its other rights are for rarer work, which pipeline.test.ts, reconciler.test.ts and update.test.ts have it do. */
const OF_RARER_WORK = [
  'ReconcilerRole dynamodb:Query ResultsTable',
  'ReconcilerRole sqs:SendMessage WorkQueue',
  'ReconcilerRole sqs:SendMessage DeadLetterQueue',
  'ReconcilerRole sqs:DeleteMessage DeadLetterQueue',
  'ReconcilerRole secretsmanager:GetSecretValue MediaBatchSigningSecret',
  'ReconcilerRole secretsmanager:GetSecretValue ApiKey',
  'ReconcilerRole ssm:GetParameter ApiKey',
  'ReconcilerRole lambda:ListEventSourceMappings *',
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
    const enforced = rightsOf(cloud.template).filter(
      (right) => !NOT_ENFORCED.test(right) && !WITHOUT_MEANING.test(right),
    );
    const shown = [...Object.keys(CONSUMER), TAKE_OVER, ...WEBHOOK, ...RECONCILER, ...OF_RARER_WORK];
    assert.deepEqual(enforced.sort(), shown.sort());
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

  /** A dead file of the default batch, which another batch then wants. */
  const takeOver = async (pipeline: DeployedPipeline, name: string) => {
    const refused = { type: 'status', status: 400 } as const;
    cloud.cloud.ittybit.faults.add({ match: film(name).key, effect: refused, times: 1 });
    await pipeline.send(JSON.stringify(film(name)));
    await pipeline.until('dead', film(name));
    const { bucket } = film(name);
    await cloud.cloud.services.batches.create(pipeline.outputs.resultsTable, {
      ...{ batch: 'second', bucket, prefix: 'rights/', extensions: ['mp4'] },
      ...{ job: DEFAULT_JOB_OPTIONS, created_at: new Date().toISOString() },
    });
    await pipeline.send(JSON.stringify({ v: 1, batch: 'second', ...film(name) }));
  };

  it('are enough to take a dead file over', async () => {
    const pipeline = await cloud.deploy(newStack());
    await takeOver(pipeline, 'taken-over');
    await pipeline.until('succeeded', film('taken-over'), 'second');
  });

  it(`all matter: without ${TAKE_OVER} a dead file is not taken over`, async () => {
    const pipeline = await cloud.deploy(newStack(), { template: withoutRight(cloud.template, TAKE_OVER) });
    await takeOver(pipeline, 'not-taken-over');
    await denial(pipeline, 'dynamodb:ConditionCheckItem');
    assert.equal(await pipeline.item(film('not-taken-over'), 'second'), undefined);
    assert.equal(cloud.cloud.ittybit.book.jobsByInput().has(s3Uri(film('not-taken-over'))), false);
  });

  /** A file whose callback was lost, and a letter that nobody can read. */
  const leaveOpen = async (name: string, template: string): Promise<DeployedPipeline> => {
    cloud.cloud.ittybit.faults.add({ match: film(name).key, effect: { type: 'webhook_lost' } });
    const pipeline = await cloud.deploy(newStack(), { template });
    await pipeline.send(JSON.stringify(film(name)), 'no JSON');
    await pipeline.until('submitted', film(name));
    await eventually('it is a dead letter', async () => (await pipeline.held()).dead === 1 || undefined);
    return pipeline;
  };

  it('are enough for what the reconciler does', async () => {
    const pipeline = await leaveOpen('reconciled', cloud.template);
    await eventually('the file has ended', async () => {
      await pipeline.reconcile();
      return (await pipeline.item(film('reconciled')))?.status === 'succeeded' || undefined;
    });
  });

  for (const right of RECONCILER) {
    it(`all matter: without ${right} the reconciler says what it may not do`, async () => {
      const name = right.replaceAll(/\W+/g, '-');
      const pipeline = await leaveOpen(name, withoutRight(cloud.template, right));
      const said = new RegExp(`not authorized to perform: ${right.split(' ')[1]}`);
      const status = async () => (await pipeline.item(film(name)))?.status;
      await assert.rejects(pipeline.reconcile(), said);
      if (right.includes(' dynamodb:')) {
        assert.equal(await status(), 'submitted');
        return;
      }
      await eventually('a queue that it may not read keeps no file from its end', async () => {
        if ((await status()) === 'succeeded') return true;
        // A run may also pass: the letter that it may not release is hidden for a while.
        await Promise.allSettled([pipeline.reconcile()]);
        return undefined;
      });
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

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { storeApiKey } from '../../src/app/stack/api-key.ts';
import { listDeadLetters } from '../../src/app/batch/dead-letters.ts';
import { deployEnumerator } from '../../src/app/stack/cloud-enqueue-stack.ts';
import { deployPipeline } from '../../src/app/stack/deploy-pipeline.ts';
import { checkTakeover } from '../../src/app/stack/take-over-table.ts';
import { pauseDispatch, resumeDispatch, tuneThroughput } from '../../src/app/stack/dispatch.ts';
import { enqueuePrefix } from '../../src/app/batch/enqueue-prefix.ts';
import { giveUp } from '../../src/app/batch/give-up.ts';
import { reconcileNow } from '../../src/app/stack/reconcile-now.ts';
import { cancelBatch } from '../../src/app/batch/stop-batch.ts';
import { findPipeline } from '../../src/app/stack/pipeline.ts';
import { redriveAll } from '../../src/app/batch/redrive.ts';
import { planKeyRotation } from '../../src/app/stack/signing-key.ts';
import { createServices } from '../../src/aws/services.ts';
import type { RunInput } from '../../src/core/batch/cloud-run.ts';
import { executionArn } from '../../src/core/batch/cloud-runs.ts';
import type { ResultItem } from '../../src/core/batch/result-item.ts';
import type { CloudServices } from '../../src/core/stack/cloud-services.ts';
import { AwsError, DeployError } from '../../src/core/errors.ts';
import { DEFAULT_JOB_OPTIONS } from '../../src/core/ittybit/job-options.ts';
import type { StackOutputs, StackParameters } from '../../src/core/stack/stack-contract.ts';
import { LOCAL_API_KEY } from '../../src/local/cloud/local-cloud.ts';
import {
  assumeRole,
  createRestrictedRole,
  readUserPolicy,
  type UserPolicy as Policy,
} from '../../src/local/cloud/restricted-caller.ts';
import { createBucketOwner } from '../../src/local/cloud/seed-bucket.ts';
import { PipelineCloud, type DeployedPipeline } from '../helpers/deployed-pipeline.ts';
import { eventually } from '../helpers/wait-for.ts';
import { ENUMERATOR_FILE } from '../template/built-template.ts';

/** One thing that a user does, and the rights that it takes. */
interface Step {
  readonly rights: readonly string[];
  readonly run: (services: CloudServices, pipeline: StackOutputs) => Promise<unknown>;
}

const BUCKET = 'film-archive';
/** A run that waits for ever, because the queue never has less than no message. */
const RUN: RunInput = {
  run: {
    ...{ batch: 'rights', bucket: BUCKET, prefix: '', extensions: ['mp4'], filter: {}, ordinal: 0 },
    job: DEFAULT_JOB_OPTIONS,
  },
  depth: -1,
  recheck: 3600,
};
const PARAMETER = 'arn:aws:ssm:eu-west-1:000000000000:parameter/media-batch/api-key';

describe('the rights of the user', function () {
  this.timeout(60_000);
  let cloud: PipelineCloud;
  let pipeline: DeployedPipeline;
  let policy: Policy;
  /** the state machine that enqueues the bucket */
  let machine: string;
  let roles = 0;
  let jobs = 0;
  /** each deploy a change: some are refused before it is made */
  const retentions = ['3', '5', '7', '14', '60', '90', '120'];

  const deploy = (services: CloudServices, parameters: StackParameters) =>
    deployPipeline({ stackName: 'media-batch', templateBody: cloud.template, parameters }, services, {
      everyMs: 20,
    });

  const addDeadLetter = async () => {
    const letters = [{ body: 'a dead letter' }];
    const url = pipeline.outputs.deadLetterQueueUrl;
    assert.deepEqual(await cloud.cloud.services.queues.send(url, letters), []);
  };

  /** AWS checks the right first; after that there is nothing to stop or to continue. */
  const unlessIdle = (work: Promise<void>) =>
    work.catch((error: unknown) => {
      if (!(error instanceof AwsError && error.code === 'conflict')) throw error;
    });

  const STEPS: Readonly<Record<string, Step>> = {
    'take note of no change': {
      rights: ['cloudformation:DescribeStacks', 'cloudformation:DeleteChangeSet'],
      run: (services) => deploy(services, {}),
    },
    deploy: {
      rights: [
        'cloudformation:CreateChangeSet',
        'cloudformation:DescribeChangeSet',
        'cloudformation:ExecuteChangeSet',
        'cloudformation:DescribeStackEvents',
      ],
      run: (services) => deploy(services, { LogRetentionDays: retentions.pop() ?? '1' }),
    },
    'cancel an update': {
      rights: ['cloudformation:CancelUpdateStack'],
      run: ({ stacks }) => unlessIdle(stacks.cancelUpdate('media-batch')),
    },
    'continue a rollback': {
      rights: ['cloudformation:ContinueUpdateRollback'],
      run: ({ stacks }) => unlessIdle(stacks.continueRollback('media-batch', 'continue')),
    },
    'delete a stack': {
      rights: ['cloudformation:DeleteStack'],
      run: ({ stacks }) => stacks.deleteStack('media-batch-that-is-gone'),
    },
    'see whether a table can be taken over': {
      rights: [
        'dynamodb:DescribeTable',
        'cloudformation:DescribeStackResources',
        'cloudformation:ListStacks',
      ],
      run: async (services, { resultsTable }) => {
        const taken = checkTakeover(resultsTable, 'media-batch-new', services);
        await assert.rejects(taken, (error: unknown) => {
          if (error instanceof DeployError && error.code === 'table-in-use') return true;
          throw error;
        });
      },
    },
    'find the pipeline': {
      rights: ['cloudformation:DescribeStacks'],
      run: ({ stacks }) => findPipeline('media-batch', stacks),
    },
    'store the API key': {
      rights: ['secretsmanager:PutSecretValue'],
      run: ({ secrets }, outputs) => storeApiKey(outputs, LOCAL_API_KEY, secrets),
    },
    'see whether an API key is stored': {
      rights: ['secretsmanager:DescribeSecret'],
      run: async ({ secrets }, { apiKeyArn }) => {
        assert.equal(await secrets.isReplaced(apiKeyArn), true);
      },
    },
    'rotate the signing key': {
      rights: [
        'secretsmanager:GetSecretValue',
        'secretsmanager:PutSecretValue',
        'secretsmanager:UpdateSecretVersionStage',
      ],
      run: async ({ secrets }, outputs) => (await planKeyRotation(outputs, secrets)).store(),
    },
    'store the API key as a parameter': {
      rights: ['ssm:PutParameter'],
      run: ({ secrets }, outputs) =>
        storeApiKey({ ...outputs, apiKeyArn: PARAMETER }, LOCAL_API_KEY, secrets),
    },
    enqueue: {
      rights: ['s3:ListBucket', 'dynamodb:PutItem', 'sqs:SendMessage'],
      run: (services, outputs) =>
        enqueuePrefix({ bucket: BUCKET, prefix: '', job: DEFAULT_JOB_OPTIONS }, outputs, services),
    },
    'follow a batch': {
      rights: ['dynamodb:Query'],
      run: ({ batches }, { resultsTable }) => batches.read(resultsTable, 'a-batch'),
    },
    'cancel a batch': {
      rights: ['dynamodb:UpdateItem'],
      run: ({ batches }, outputs) => cancelBatch('a-batch', outputs, batches),
    },
    'list the batches': {
      rights: ['dynamodb:Query'],
      run: ({ batches }, { resultsTable }) => batches.list(resultsTable, { limit: 1 }),
    },
    'open a result': {
      rights: ['dynamodb:GetItem'],
      run: ({ batches }, { resultsTable }) =>
        batches.result(resultsTable, { batch: 'a-batch', bucket: BUCKET, key: 'a.mp4' }),
    },
    'see the statuses of a level': {
      rights: ['dynamodb:BatchGetItem'],
      run: ({ batches }, { resultsTable }) =>
        batches.resultsIn(resultsTable, 'a-batch', [{ bucket: BUCKET, key: 'a.mp4' }]),
    },
    'give up on a job': {
      rights: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
      run: async ({ ledgers }, { resultsTable }) => {
        const at = new Date().toISOString();
        const file = { batch: 'a-batch', bucket: BUCKET, key: `hangs ${++jobs}.mp4` };
        const next: ResultItem = {
          ...{ ...file, status: 'submitted', kind: 'video', attempts: 1, run: 1, job_id: 'job_1' },
          ...{ created_at: at, updated_at: at, rev: 1 },
        };
        const seed = cloud.cloud.services.ledgers.of(resultsTable);
        assert.ok(await seed.write({ before: undefined, next }));
        assert.ok((await giveUp(file, ledgers.of(resultsTable), Date.now)).isGivenUp);
      },
    },
    'list the buckets': {
      rights: ['s3:ListAllMyBuckets'],
      run: ({ buckets }) => buckets.buckets(),
    },
    'list the stacks': {
      rights: ['cloudformation:ListStacks'],
      run: ({ stacks }) => stacks.list(),
    },
    'see dead letters': {
      rights: ['sqs:GetQueueAttributes', 'sqs:ReceiveMessage'],
      run: ({ queues }, outputs) => listDeadLetters(outputs, queues, { limit: 1 }),
    },
    'release what was seen': {
      rights: ['sqs:ChangeMessageVisibility'],
      run: async ({ queues }, outputs) => {
        await addDeadLetter();
        const letter = { max: 1, hideSeconds: 1, waitSeconds: 1 };
        const [seen] = await queues.receive(outputs.deadLetterQueueUrl, letter);
        await queues.release(outputs.deadLetterQueueUrl, [seen!.receipt]);
      },
    },
    redrive: {
      rights: ['sqs:ListMessageMoveTasks', 'sqs:DeleteMessage'],
      run: async ({ queues }, outputs) => {
        await addDeadLetter();
        await redriveAll(outputs, queues);
      },
    },
    'have SQS redrive': {
      rights: ['sqs:StartMessageMoveTask'],
      run: async ({ queues }, { deadLetterQueueArn, workQueueArn }) => {
        const move = { sourceArn: deadLetterQueueArn, destinationArn: workQueueArn };
        // The emulator checks the right and then has no such operation.
        await queues.startMove(move).catch((error: unknown) => {
          if (!(error instanceof AwsError && error.code === 'unsupported')) throw error;
        });
      },
    },
    tune: {
      rights: ['lambda:GetEventSourceMapping', 'lambda:UpdateEventSourceMapping'],
      // What the stack has: another size would be a change that the next deploy keeps.
      run: ({ dispatch }, outputs) => tuneThroughput(outputs, { batchSize: 5 }, dispatch),
    },
    'see whether dispatch runs': {
      rights: ['dynamodb:GetItem'],
      run: ({ dispatch }, outputs) => dispatch.readState(outputs),
    },
    'see whether the reconciler runs': {
      rights: ['dynamodb:GetItem', 'events:DescribeRule'],
      run: async ({ reconciler }, outputs) => {
        await reconciler.readRun(outputs);
        assert.equal(await reconciler.readRule(outputs.reconcilerRule ?? ''), true);
      },
    },
    'reconcile now': {
      rights: ['lambda:InvokeFunction'],
      run: ({ reconciler }, outputs) => reconcileNow('media-batch', outputs, reconciler),
    },
    pause: {
      rights: ['dynamodb:PutItem', 'lambda:UpdateEventSourceMapping'],
      run: ({ dispatch }, outputs) => pauseDispatch(outputs, 'a test', dispatch),
    },
    'start a cloud enqueue': {
      rights: ['states:StartExecution'],
      run: ({ cloudRuns }) => cloudRuns.start(machine, 'rights', RUN),
    },
    'see how a cloud enqueue stands': {
      rights: ['states:DescribeExecution', 'states:ListMapRuns', 'states:DescribeMapRun'],
      run: async ({ cloudRuns }) => {
        assert.ok((await cloudRuns.describe(executionArn(machine, 'rights')))?.map);
      },
    },
    'find the cloud enqueues': {
      rights: ['states:ListExecutions'],
      run: async ({ cloudRuns }) => {
        assert.deepEqual(await cloudRuns.recent(machine), ['rights']);
        await cloudRuns.isBusy(machine);
      },
    },
    'set the pace of a cloud enqueue': {
      rights: ['states:UpdateMapRun'],
      run: async ({ cloudRuns }) => {
        const state = await cloudRuns.describe(executionArn(machine, 'rights'));
        await cloudRuns.setPace(state?.map?.arn ?? '', 2);
      },
    },
    'pause a cloud enqueue': {
      rights: ['states:StopExecution'],
      run: ({ cloudRuns }) => cloudRuns.stop(executionArn(machine, 'rights'), 'Paused'),
    },
    'resume a cloud enqueue': {
      rights: ['states:RedriveExecution'],
      run: ({ cloudRuns }) => cloudRuns.redrive(executionArn(machine, 'rights')),
    },
    resume: {
      rights: ['dynamodb:PutItem', 'lambda:UpdateEventSourceMapping'],
      run: ({ dispatch }, outputs) => resumeDispatch(outputs, dispatch),
    },
  };

  before(async () => {
    cloud = await PipelineCloud.start('caller-rights-test');
    pipeline = await cloud.deploy();
    policy = await readUserPolicy();
    const owner = createBucketOwner(cloud.cloud.root);
    await owner.seed(BUCKET, [{ key: 'a.mp4', kind: 'media' }], () => undefined);
    owner.dispose();
    const { services } = cloud.cloud;
    const templateBody = await readFile(ENUMERATOR_FILE, 'utf8');
    const made = await deployEnumerator(
      { stackName: 'media-batch', bucket: BUCKET, templateBody },
      services.stacks,
      { everyMs: 50 },
    );
    machine = made?.machine ?? '';
    await services.cloudRuns.start(machine, 'rights', RUN);
    await eventually('the run lists the bucket', async () => {
      const state = await services.cloudRuns.describe(executionArn(machine, 'rights'));
      return state?.map;
    });
  });
  after(() => cloud.stop());

  /** The services as a user whose policy has been cut down. */
  const without = async (action: string): Promise<CloudServices> => {
    const Statement = policy.Statement.map((statement) => ({
      ...statement,
      Action: [statement.Action].flat().filter((each) => each !== action),
    })).filter(({ Action }) => Action.length > 0);
    const { root, services } = cloud.cloud;
    const cut = { ...policy, Statement };
    const role = await createRestrictedRole(services.stacks, cut, `media-batch-user-${++roles}`);
    return createServices({ ...root, credentials: await assumeRole(root, role) });
  };

  it('are enough for each step', async () => {
    for (const { run } of Object.values(STEPS)) await run(cloud.cloud.services, pipeline.outputs);
  });

  for (const [name, { rights, run }] of Object.entries(STEPS)) {
    for (const action of rights) {
      it(`all matter: without ${action} "${name}" fails and names it`, async () => {
        const services = await without(action);
        try {
          await assert.rejects(run(services, pipeline.outputs), (error: Error) => {
            const denied = error instanceof AwsError ? error : error.cause;
            assert.ok(denied instanceof AwsError, String(error));
            assert.deepEqual([denied.code, denied.action], ['missing-permission', action]);
            assert.ok(error.message.includes(`AWS denies ${action}`), error.message);
            return true;
          });
        } finally {
          services.dispose();
        }
      });
    }
  }
});

import assert from 'node:assert/strict';
import {
  checkCloudPlace,
  checkRemovable,
  deployEnumerator,
  findEnumerator,
  isOutdated,
  listEnumerators,
} from '../../../../src/app/stack/cloud-enqueue-stack.ts';
import {
  ENUMERATOR_OUTPUTS,
  ENUMERATOR_VERSION,
  enumeratorName,
} from '../../../../src/core/stack/enumerator-contract.ts';
import type { Stack } from '../../../../src/core/stack/stack-service.ts';
import { FakeCloudRuns, RUNNING } from '../../../helpers/fake-cloud-runs.ts';
import { FakeStacks, OUTPUT_VALUES, stackOf } from '../../../helpers/fake-stacks.ts';
import { awsError, FakeBuckets, PIPELINE } from '../../../helpers/fakes.ts';

const MACHINE = 'arn:aws:states:us-east-1:111122223333:stateMachine:MediaBatchEnumerator-x';
const PLACE = { bucket: 'film', prefix: 'in/' };
const HOME = { region: 'us-east-1', account: '111122223333' };

/** The stack of the bucket `film`, of the pipeline `PIPELINE`. */
function enumerator(change: Partial<Stack> = {}): Stack {
  return stackOf('CREATE_COMPLETE', {
    id: 'arn:stack/enumerator',
    outputs: {
      [ENUMERATOR_OUTPUTS.machine]: MACHINE,
      [ENUMERATOR_OUTPUTS.bucket]: 'film',
      [ENUMERATOR_OUTPUTS.version]: String(ENUMERATOR_VERSION),
    },
    parameters: { WorkQueueUrl: PIPELINE.workQueueUrl, ResultsTable: PIPELINE.resultsTable },
    ...change,
  });
}

describe('the place of an enqueue in the cloud', () => {
  const asked: [string, string][] = [];
  const services = (isOwn: boolean) => ({
    buckets: new FakeBuckets([]),
    bucketOwners: {
      isOwn: async (bucket: string, account: string) => {
        asked.push([bucket, account]);
        return isOwn;
      },
    },
  });

  it('is a bucket of the pipeline’s account and region', async () => {
    await checkCloudPlace(PLACE, HOME, services(true));
    assert.deepEqual(asked, [['film', '111122223333']]);
  });

  it('is refused in another account, and the sentence says what to do instead', async () => {
    await assert.rejects(checkCloudPlace(PLACE, HOME, services(false)), {
      code: 'cloud-enqueue-refused',
      message:
        'The bucket "film" belongs to another AWS account than the pipeline: enqueue it from the editor, or deploy a pipeline there.',
    });
  });

  it('is refused in another region, before anything else is asked', async () => {
    asked.length = 0;
    await assert.rejects(checkCloudPlace(PLACE, { ...HOME, region: 'eu-west-1' }, services(true)), {
      code: 'cloud-enqueue-refused',
      message: /^The bucket "film" is in us-east-1 and the pipeline in eu-west-1: /,
    });
    assert.deepEqual(asked, []);
  });

  it('is refused for a directory bucket, and where the bucket may not be listed', async () => {
    const express = { ...PLACE, bucket: 'film--use1-az4--x-s3' };
    await assert.rejects(checkCloudPlace(express, HOME, services(true)), { code: 'invalid-input' });
    const denied = services(true);
    denied.buckets.level = async () => Promise.reject(awsError('missing-permission'));
    await assert.rejects(checkCloudPlace(PLACE, HOME, denied), { code: 'missing-permission' });
  });
});

describe('the stack of an enqueue in the cloud', () => {
  async function found(change: Partial<Stack> = {}) {
    const stacks = new FakeStacks();
    stacks.others.set(enumeratorName('media-batch', 'film'), enumerator(change));
    const stack = await findEnumerator('media-batch', 'film', stacks);
    assert.ok(stack);
    return stack;
  }

  it('is outdated by an older template, and by a pipeline that was made anew', async () => {
    assert.equal(isOutdated(await found(), PIPELINE), false);
    const { [ENUMERATOR_OUTPUTS.version]: _, ...older } = enumerator().outputs;
    assert.equal(isOutdated(await found({ outputs: older }), PIPELINE), true);
    for (const change of [{ workQueueUrl: 'another' }, { resultsTable: 'another' }])
      assert.equal(isOutdated(await found(), { ...PIPELINE, ...change }), true);
    // One that a newer Media Batch made is used as it is.
    const newer = { ...enumerator().outputs, [ENUMERATOR_OUTPUTS.version]: '99' };
    assert.equal(isOutdated(await found({ outputs: newer }), PIPELINE), false);
  });

  it('is made for the pipeline, with the parameters that both share', async () => {
    const stacks = new FakeStacks();
    const shared = { LogRetentionDays: '7', PermissionsBoundaryArn: 'arn:b', BatchSize: '5' };
    stacks.others.set('media-batch', stackOf('CREATE_COMPLETE', { parameters: shared, tags: { team: 'x' } }));
    await assert.rejects(
      deployEnumerator({ stackName: 'media-batch', bucket: 'film', templateBody: '{}' }, stacks, {
        everyMs: 1,
      }),
      { code: 'not-deployed', message: /has no state machine: delete it/ },
    );
    const [request] = stacks.requests;
    assert.equal(request?.stackName, enumeratorName('media-batch', 'film'));
    assert.deepEqual(request.parameters, {
      SourceBucket: 'film',
      WorkQueueUrl: OUTPUT_VALUES['WorkQueueUrl'],
      WorkQueueArn: OUTPUT_VALUES['WorkQueueArn'],
      ResultsTable: OUTPUT_VALUES['ResultsTableName'],
      LogRetentionDays: '7',
      PermissionsBoundaryArn: 'arn:b',
    });
    assert.deepEqual(request.tags, { team: 'x' });
  });

  it('is not removed while a run goes on, and is afterwards', async () => {
    const runs = new FakeCloudRuns();
    const stack = await found();
    runs.states.set(`${MACHINE.replace('stateMachine', 'execution')}:b1`, RUNNING);
    await assert.rejects(checkRemovable(stack, runs), {
      code: 'conflict',
      message:
        'The bucket "film" is being enqueued in the cloud: pause or cancel that, then remove its cloud enqueue.',
    });
    runs.states.set(`${MACHINE.replace('stateMachine', 'execution')}:b1`, { ...RUNNING, status: 'ABORTED' });
    await checkRemovable(stack, runs);
    await checkRemovable({ ...stack, machine: undefined }, runs);
  });

  it('has a name of its own, also where that of the pipeline is cut', () => {
    const names = ['a', 'b'].map((end) => enumeratorName(`m${'x'.repeat(120)}${end}`, 'film'));
    assert.deepEqual(
      names.map(({ length }) => length),
      [128, 128],
    );
    assert.notEqual(names[0], names[1]);
  });

  it('is listed for its own pipeline only', async () => {
    const stacks = new FakeStacks();
    stacks.others.set(enumeratorName('media-batch', 'film'), enumerator());
    stacks.others.set(enumeratorName('other', 'film'), enumerator({ id: 'arn:stack/2' }));
    // Its name begins as those of this pipeline do.
    stacks.others.set(enumeratorName('media-batch-enqueue-x', 'film'), enumerator({ id: 'arn:stack/3' }));
    const names = (await listEnumerators('media-batch', stacks)).map(({ name }) => name);
    assert.deepEqual(names, [enumeratorName('media-batch', 'film')]);
  });
});

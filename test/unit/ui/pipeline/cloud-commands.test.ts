import assert from 'node:assert/strict';
import { readCloudEnqueue } from '../../../../src/app/batch/cloud-enqueue.ts';
import { findEnumerator } from '../../../../src/app/stack/cloud-enqueue-stack.ts';
import { findPipeline } from '../../../../src/app/stack/pipeline.ts';
import { enumeratorName } from '../../../../src/core/stack/enumerator-contract.ts';
import type { ViewNode } from '../../../../src/ui/base/node.ts';
import {
  pauseCloudEnqueueCommand,
  removeCloudEnqueueCommand,
  resumeCloudEnqueueCommand,
  setCloudPaceCommand,
} from '../../../../src/ui/pipeline/cloud-commands.ts';
import { eventOf, stackOf } from '../../../helpers/fake-stacks.ts';
import { cloudFixture, MACHINE, type CloudFixture } from '../../../helpers/ui/cloud-fixture.ts';

const EXECUTION = MACHINE.replace('stateMachine', 'execution');
const NAME = enumeratorName('media-batch', 'film');

/** A row of a run as it is now. */
async function rowOf({ fake, ui }: CloudFixture, batch: string): Promise<ViewNode> {
  const pipeline = await findPipeline('media-batch', fake.stacks);
  const enqueue = await readCloudEnqueue(batch, pipeline, fake.services);
  const enumerator = await findEnumerator('media-batch', 'film', fake.stacks);
  assert.ok(enqueue && enumerator && ui);
  return { id: 'run', label: 'x', tokens: ['cloudRun'], data: { enqueue, enumerator } };
}

describe('the commands of an enqueue in the cloud', () => {
  it('pause, pace and resume the run of a row', async () => {
    const made = cloudFixture({ 'How many parts': '3' });
    const batch = await made.start('in/');
    const running = await rowOf(made, batch);
    await setCloudPaceCommand(made.ui, running);
    assert.equal(made.said(), '3 parts are sent at once from now on.');
    await pauseCloudEnqueueCommand(made.ui, running);
    assert.equal(made.said(), 'Paused. Up to 8,000 more files may still arrive.');
    await resumeCloudEnqueueCommand(made.ui, await rowOf(made, batch));
    assert.equal(made.said(), 'The enqueue goes on. You can close the editor.');
    assert.deepEqual(made.runs.calls, [
      'pace arn:map 3',
      `stop ${EXECUTION}:${batch} Paused`,
      `redrive ${EXECUTION}:${batch}`,
    ]);
  });

  it('ask which run, and offer only those that can be told so', async () => {
    const made = cloudFixture({ '': ({ choices }) => choices[0] });
    const first = await made.start('1998/');
    await made.start('1999/');
    made.stand(first, { status: 'ABORTED' });
    await pauseCloudEnqueueCommand(made.ui);
    assert.deepEqual(made.stub.shown[0]?.choices, ['s3://film/1999/']);
    await resumeCloudEnqueueCommand(made.ui);
    assert.equal(made.stub.shown.find(({ choices }) => choices.length === 2)?.choices[0], 's3://film/1998/');
    const none = cloudFixture();
    await pauseCloudEnqueueCommand(none.ui);
    assert.equal(none.said(), 'There is no cloud enqueue for this.');
  });

  it('say that a new run lists all again where AWS cannot go on', async () => {
    const made = cloudFixture();
    const batch = await made.start('in/');
    made.stand(batch, { status: 'ABORTED' });
    made.runs.redrivable = false;
    await resumeCloudEnqueueCommand(made.ui, await rowOf(made, batch));
    assert.match(made.said() ?? '', /^A new run lists everything again/);
  });

  it('take the row of a batch, however old its run is', async () => {
    const made = cloudFixture();
    const batch = await made.start('in/');
    made.runs.started.length = 0;
    const row = { id: `batch ${batch}`, label: 'in/', tokens: ['batch', 'inCloud'], data: { batch } };
    await pauseCloudEnqueueCommand(made.ui, row);
    await resumeCloudEnqueueCommand(made.ui, row);
    assert.deepEqual(made.runs.calls, [`stop ${EXECUTION}:${batch} Paused`, `redrive ${EXECUTION}:${batch}`]);
  });

  it('make the stack of the bucket anew where it is gone, after a question, and list again with it', async () => {
    const made = cloudFixture({ 'Resume the enqueue of s3://film/in/?': 'Resume' });
    const { stacks } = made.fake;
    const batch = await made.start('in/');
    made.stand(batch, { status: 'ABORTED' });
    const stack = stacks.others.get(NAME);
    assert.ok(stack);
    stacks.others.set(NAME, stackOf('REVIEW_IN_PROGRESS', { id: 'arn:stack/enumerator', outputs: {} }));
    made.stub.files.set('/ext/dist/enumerator.yaml', 'Resources: {}');
    const execute = stacks.executeChangeSet.bind(stacks);
    stacks.executeChangeSet = async () => {
      await execute();
      stacks.others.set(NAME, stack);
      stacks.history.push(eventOf(9, NAME, 'CREATE_COMPLETE'));
    };
    const row = { id: `batch ${batch}`, label: 'in/', tokens: ['batch', 'inCloud'], data: { batch } };
    await resumeCloudEnqueueCommand(made.ui, row);
    const question = made.stub.shown.find(({ text }) => text.startsWith('Resume the enqueue'));
    assert.match(question?.detail ?? '', /^Adds the stack "media-batch-enqueue-/m);
    assert.deepEqual([made.runs.calls, made.runs.started.at(-1)?.name], [[], `${batch}-run-2`]);
    assert.match(made.said() ?? '', /^A new run lists everything again/);
  });

  it('refuse a row that is old, and do nothing', async () => {
    const made = cloudFixture();
    const batch = await made.start('in/');
    const old = await rowOf(made, batch);
    made.stand(batch, { status: 'ABORTED' });
    await assert.rejects(pauseCloudEnqueueCommand(made.ui, old), {
      code: 'invalid-input',
      message: /^This enqueue has changed meanwhile \(paused: /,
    });
    made.batches.metas.delete(batch);
    await assert.rejects(resumeCloudEnqueueCommand(made.ui, old), { message: /meanwhile \(gone\)/ });
    assert.deepEqual(made.runs.calls, []);
  });

  it('take no pace outside what AWS and the queue bear', async () => {
    const made = cloudFixture({ 'How many parts': '0' });
    const batch = await made.start('in/');
    await assert.rejects(setCloudPaceCommand(made.ui, await rowOf(made, batch)), { name: 'AbortError' });
    assert.deepEqual(made.runs.calls, []);
  });
});

describe('Remove Cloud Enqueue', () => {
  const row = async ({ fake }: CloudFixture): Promise<ViewNode> => {
    const enumerator = await findEnumerator('media-batch', 'film', fake.stacks);
    return { id: 'stack', label: 'film', tokens: ['cloudStack'], data: { enumerator } };
  };
  /** Lets CloudFormation delete the stack at once. */
  const deletable = ({ fake: { stacks } }: CloudFixture): void => {
    const deleteStack = stacks.deleteStack.bind(stacks);
    stacks.deleteStack = async (name) => {
      await deleteStack(name);
      stacks.others.set(NAME, stackOf('DELETE_COMPLETE', { id: 'arn:stack/enumerator' }));
      stacks.history.push(eventOf(9, NAME, 'DELETE_COMPLETE'));
    };
  };

  it('asks first, says how what is paused is resumed then, and deletes the one stack', async () => {
    const made = cloudFixture({ 'Remove the cloud enqueue of film?': 'Remove' });
    deletable(made);
    await removeCloudEnqueueCommand(made.ui, await row(made));
    const [question] = made.stub.shown;
    assert.match(
      question?.detail ?? '',
      new RegExp(`^Account 111122223333.*\\nThe stack ${NAME} is deleted\\.`),
    );
    assert.match(question?.detail ?? '', /An enqueue that is paused can still be resumed from its batch/);
    assert.deepEqual(made.fake.stacks.deleted, [NAME]);
    assert.equal(made.said(), 'The cloud enqueue of film is removed.');
  });

  it('deletes nothing on Escape', async () => {
    const made = cloudFixture({ 'Remove the cloud enqueue of film?': undefined });
    await assert.rejects(removeCloudEnqueueCommand(made.ui, await row(made)), { name: 'AbortError' });
    assert.deepEqual(made.fake.stacks.deleted, []);
  });

  it('is refused while a run goes on, before it asks', async () => {
    const made = cloudFixture();
    await made.start('in/');
    await assert.rejects(removeCloudEnqueueCommand(made.ui, await row(made)), {
      code: 'conflict',
      message: /is being enqueued in the cloud: pause or cancel that/,
    });
    assert.deepEqual([made.stub.shown, made.fake.stacks.deleted], [[], []]);
  });

  it('asks which one from the palette, and says where there is none', async () => {
    const made = cloudFixture({
      'Remove the cloud enqueue of film?': 'Remove',
      '': ({ choices }) => choices[0],
    });
    deletable(made);
    await removeCloudEnqueueCommand(made.ui);
    assert.deepEqual(made.stub.shown[0]?.choices, ['film']);
    assert.deepEqual(made.fake.stacks.deleted, [NAME]);
    const none = cloudFixture();
    none.fake.stacks.others.clear();
    await removeCloudEnqueueCommand(none.ui);
    assert.equal(none.said(), 'There is no cloud enqueue.');
  });
});

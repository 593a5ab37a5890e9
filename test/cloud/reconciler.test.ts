import assert from 'node:assert/strict';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { listDeadLetters } from '../../src/app/batch/dead-letters.ts';
import { pauseDispatch } from '../../src/app/stack/dispatch.ts';
import { dispatchKey } from '../../src/core/stack/dispatch-codec.ts';
import { s3Uri } from '../../src/core/files/s3-location.ts';
import { PipelineCloud, type DeployedPipeline } from '../helpers/deployed-pipeline.ts';
import { eventually, waitFor } from '../helpers/wait-for.ts';

/** The rule fires each minute; the rest is for a busy machine. */
const RULE_MS = 100_000;

describe('the deployed reconciler', function () {
  this.timeout(150_000);
  let cloud: PipelineCloud;
  let pipeline: DeployedPipeline;

  const film = (name: string) => ({ bucket: 'film-archive', key: `late/${name}.mp4` });
  const book = () => cloud.cloud.ittybit.book;
  const jobs = (name: string) =>
    (
      book()
        .jobsByInput()
        .get(s3Uri(film(name))) ?? []
    ).length;
  const posts = (name: string) => book().postsByInput.get(s3Uri(film(name))) ?? 0;
  const searches = () => book().answers('GET /jobs').get(200) ?? 0;
  const state = (of: DeployedPipeline) => cloud.cloud.services.dispatch.readState(of.outputs);

  before(async () => {
    cloud = await PipelineCloud.start('reconciler-test');
    pipeline = await cloud.deploy('media-batch', { parameters: { MaxAttempts: '1' } });
    await pipeline.shortenLookUps();
  });
  after(() => cloud.stop());

  it('asks Ittybit for a job whose callback was lost', async () => {
    cloud.cloud.ittybit.faults.add({ match: film('unheard').key, effect: { type: 'webhook_lost' } });
    await pipeline.send(JSON.stringify(film('unheard')));
    await pipeline.until('submitted', film('unheard'));
    await cloud.cloud.ittybit.settled(AbortSignal.timeout(20_000));
    const did = await pipeline.reconcile('default');
    assert.deepEqual([did['asked'], did['ended']], [1, 1]);
    const item = (await pipeline.item(film('unheard')))!;
    assert.equal(item.status, 'succeeded');
    assert.match(item.output_url ?? '', /^https:/);
    assert.deepEqual([posts('unheard'), jobs('unheard')], [1, 1]);
  });

  it('finds the job of a dead letter whose answers were lost, and removes the letter', async () => {
    const { faults } = cloud.cloud.ittybit;
    faults.add({ match: film('unsaid').key, effect: { type: 'response_lost' } });
    faults.add({ match: film('unsaid').key, effect: { type: 'webhook_lost' } });
    await pipeline.send(JSON.stringify(film('unsaid')));
    const dead = await pipeline.until('dead', film('unsaid'));
    assert.equal(dead.unclear, true);
    await eventually('it is a dead letter', async () => (await pipeline.held()).dead === 1 || undefined);
    await cloud.cloud.ittybit.settled(AbortSignal.timeout(20_000));
    const before = searches();
    // A look-up says nothing before the last POST has settled.
    const item = await eventually('the job is found', async () => {
      await pipeline.reconcile();
      const now = await pipeline.item(film('unsaid'));
      return now?.status === 'succeeded' ? now : undefined;
    });
    assert.ok(searches() > before);
    assert.equal(
      item.job_id,
      book()
        .jobsByInput()
        .get(s3Uri(film('unsaid')))?.[0]?.id,
    );
    await eventually('the letter is gone', async () => {
      await pipeline.reconcile();
      return (await pipeline.held()).dead === 0 || undefined;
    });
    assert.equal(jobs('unsaid'), 1);
  });

  it('leaves the letters of dead files where they are, and their reasons with them', async () => {
    await pipeline.send('no JSON');
    await eventually('it is a dead letter', async () => (await pipeline.held()).dead === 1 || undefined);
    await pipeline.reconcile();
    const { letters } = await listDeadLetters(pipeline.outputs, cloud.cloud.services.queues);
    assert.deepEqual(
      letters.map(({ failureClass, body }) => [failureClass, body]),
      [['unreadable', 'no JSON']],
    );
  });

  it('ends the long wait for a quota, again and again, and no attempt is spent on it', async () => {
    const waiting = await cloud.deploy('media-batch-429');
    const limit = cloud.cloud.ittybit.faults.add({
      match: film('limited').key,
      effect: { type: 'status', status: 429, headers: { 'Retry-After': '3600' } },
    });
    // The message itself is hidden for the hour that Ittybit asks for, so each turn has one of its own.
    const send = () => waiting.send(JSON.stringify(film('limited')));
    const waits = () =>
      eventually('dispatch waits, and the mapping is off', async () => {
        const [now, { state: mapping }] = [await state(waiting), await waiting.mapping()];
        return now.state === 'waiting' && mapping === 'Disabled' ? now : undefined;
      });
    const endHour = async () => {
      const { resultsTable, stackId } = waiting.outputs;
      const values = { ':past': new Date(Date.now() - 1000).toISOString() };
      const update = new UpdateCommand({
        ...{ TableName: resultsTable, Key: dispatchKey(stackId), ExpressionAttributeValues: values },
        ...{ UpdateExpression: 'SET #until = :past', ExpressionAttributeNames: { '#until': 'until' } },
      });
      await cloud.dynamo.send(update);
      assert.equal((await waiting.reconcile())['waitsEnded'], 1);
      assert.equal((await waiting.mapping()).state, 'Enabled');
      assert.equal((await state(waiting)).state, 'running');
    };
    await send();
    const first = await waits();
    assert.ok(Date.parse(first.until ?? '') > Date.now() + 3_000_000);
    await waiting.reconcile();
    assert.deepEqual(await waits(), first, 'a wait that is not over stays');
    await endHour();
    await send();
    await waits();
    assert.equal(posts('limited'), 2);
    limit.remove();
    await endHour();
    await send();
    const item = await waiting.until('succeeded', film('limited'));
    assert.deepEqual([item.attempts, posts('limited'), jobs('limited')], [1, 3, 1]);
    assert.equal((await waiting.held()).dead, 0);
  });

  it('does not end a pause', async () => {
    const paused = await cloud.deploy('media-batch-lunch');
    await pauseDispatch(paused.outputs, 'lunch', cloud.cloud.services.dispatch);
    await paused.reconcile();
    const { state: now, reason, by } = await state(paused);
    assert.deepEqual([now, reason, by], ['paused', 'lunch', 'operator']);
    assert.equal((await paused.mapping()).state, 'Disabled');
  });

  it('is run each minute by its rule', async () => {
    const stack = await cloud.deploy('media-batch-rule', { parameters: { ReconcileAfterMinutes: '1' } });
    cloud.cloud.ittybit.faults.add({ match: film('alone').key, effect: { type: 'webhook_lost' } });
    await stack.send(JSON.stringify(film('alone')));
    const late = (): Error => new Error('Nobody asked for the job.');
    const done = async () => {
      const item = await stack.item(film('alone'));
      return item?.status === 'succeeded' ? item : undefined;
    };
    const item = await waitFor(done, { limitMs: RULE_MS + 40_000, everyMs: 500, late });
    assert.equal(item.attempts, 1);
    assert.equal(jobs('alone'), 1);
  });
});

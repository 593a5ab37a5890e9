import assert from 'node:assert/strict';
import { decodeQueueMessage } from '../../../../src/core/batch/queue-message.ts';
import type { ResultItem } from '../../../../src/core/batch/result-item.ts';
import type { ViewNode } from '../../../../src/ui/base/node.ts';
import { retryAllCommand, retryFilesCommand } from '../../../../src/ui/failures/retry-files.ts';
import { awsError } from '../../../helpers/fakes.ts';
import { olderOutputs, stackOf } from '../../../helpers/fake-stacks.ts';
import { dead, failed, failuresWorld, letter, metaOf } from '../../../helpers/ui/failures-world.ts';

type World = ReturnType<typeof failuresWorld>;

describe('Retry', () => {
  function world(items: readonly ResultItem[], answer: string | undefined, letters: string[] = []): World {
    return failuresWorld(
      { items, letters: letters.map((key) => letter(key, 'x', { body: key })) },
      () => answer,
    );
  }
  const all = ({ ui, failures }: World) =>
    retryAllCommand(ui, failures).catch((error: unknown) => error as Error);
  const states = ({ ledger }: World) =>
    [...ledger.items.values()].map(({ key, status, run }) => `${key} ${status} ${run}`);
  const nodesOf = async ({ tree }: World) => {
    const groups = await tree.rows();
    const files = await Promise.all(groups.map(({ node }) => tree.rows(node)));
    return [...groups, ...files.flat()].map(({ node }) => node as ViewNode);
  };

  it('says how many files are sent and how many new paid jobs that makes, and does just that', async () => {
    const items = [failed('a'), failed('b'), dead('c'), dead('d', { unclear: true })];
    const made = world(items, 'Retry', ['{']);
    await all(made);
    const [question, done] = made.stub.shown;
    assert.equal(question?.text, 'Retry 4 files? 2 new paid jobs.');
    const detail = question.detail ?? '';
    for (const line of [
      '2 failed at Ittybit: each gets another job, which is paid.',
      '2 dead: sent again; Ittybit charges once for each that it takes.',
      '1 of these may have a job already: Ittybit is asked first.',
      '2 × the file has no video stream',
    ])
      assert.ok(detail.split('\n').includes(line), detail);
    assert.equal(done?.text, '4 of 4 were sent again. New paid jobs: 2.');
    assert.deepEqual(states(made), ['a retrying 2', 'b retrying 2', 'c retrying 1', 'd retrying 1']);
    assert.deepEqual(
      made.queues.sent.map(({ body, group }) => [decodeQueueMessage(body).key, group]),
      ['a', 'b', 'c', 'd'].map((key) => [key, 'b1']),
    );
  });

  it('changes nothing on Escape', async () => {
    const made = world([failed('a'), dead('b')], undefined);
    assert.equal((await all(made))?.name, 'AbortError');
    assert.deepEqual([states(made), made.queues.sent], [['a failed 1', 'b dead 1'], []]);
  });

  it('works on one file, on a cause, and on a selection, each file once', async () => {
    for (const [choose, expected] of [
      [(nodes: ViewNode[]) => [nodes.find(({ label }) => label === 'b')!], ['b']],
      [(nodes: ViewNode[]) => [nodes.find(({ tokens }) => tokens.includes('group'))!], ['a', 'b']],
      [(nodes: ViewNode[]) => nodes.filter(({ label }) => label !== 'c'), ['a', 'b', 'c']],
    ] as const) {
      const made = world([failed('a'), failed('b'), dead('c')], 'Retry');
      const selected = choose(await nodesOf(made));
      await retryFilesCommand(made.ui, made.failures, selected[0], selected);
      assert.deepEqual(made.queues.sent.map(({ body }) => decodeQueueMessage(body).key).sort(), expected);
    }
  });

  it('takes the row itself where the selection is elsewhere', async () => {
    const made = world([failed('a'), failed('b')], 'Retry');
    const nodes = await nodesOf(made);
    const [a, b] = ['a', 'b'].map((key) => nodes.find(({ label }) => label === key)!);
    await retryFilesCommand(made.ui, made.failures, a, [b!]);
    assert.deepEqual(states(made), ['a retrying 2', 'b failed 1']);
    await assert.rejects(retryFilesCommand(made.ui, made.failures), /Choose a file or a cause/);
  });

  it('works on an object of the Buckets view, as it is by now', async () => {
    const object = (key: string) => {
      const result = { batch: 'b1', bucket: 'film-archive', key };
      return { id: key, label: key, tokens: [], data: { bucket: 'film-archive', key, result } };
    };
    const items = [failed('a'), dead('b'), failed('c', { status: 'succeeded' })];
    const made = world(items, 'Retry');
    made.store.items = items;
    for (const key of ['a', 'c', 'gone']) await retryFilesCommand(made.ui, made.failures, object(key));
    assert.deepEqual(states(made), ['a retrying 2', 'b dead 1', 'c succeeded 1']);
    assert.deepEqual(
      made.stub.shown.filter(({ text }) => text === 'There is no failed or dead file to retry.').length,
      2,
    );
    const brake = { cancelled: { at: '', by: 'operator' }, disarmed: [] };
    made.store.metas.set('b1', metaOf('b1', { brake }));
    await retryFilesCommand(made.ui, made.failures, object('b'));
    assert.ok(states(made).includes('b dead 1'), 'its batch is cancelled');
  });

  it('pays again for what Ittybit cannot tell of, only with that button', async () => {
    const items = [dead('a', { unclear: true, cannot_tell: true })];
    const made = world(items, 'Retry');
    await all(made);
    assert.deepEqual(made.stub.shown[0]?.choices, ['Retry', 'Retry and Pay Again']);
    assert.deepEqual(states(made), ['a retrying 1']);
    const paid = world(items, 'Retry and Pay Again');
    await all(paid);
    assert.deepEqual(states(paid), ['a retrying 2']);
    assert.match(paid.stub.shown[1]?.text ?? '', /New paid jobs: 1\./);
  });

  it('leaves out cancelled batches, and says so; with nothing else there is no question', async () => {
    const made = world([failed('a'), failed('z', { batch: 'b2' })], 'Retry');
    const brake = { cancelled: { at: '', by: 'operator' }, disarmed: [] };
    made.store.metas.set('b2', metaOf('b2', { brake }));
    await all(made);
    assert.match(made.stub.shown[0]?.detail ?? '', /Left out: 1 of cancelled batches\./);
    assert.deepEqual(states(made), ['a retrying 2', 'z failed 1']);
    const none = world([], 'Retry', ['{']);
    await all(none);
    assert.deepEqual(
      none.stub.shown.map(({ text }) => text),
      ['There is no failed or dead file to retry.'],
    );
  });

  it('refuses a stack without a reconciler, which would lose a message', async () => {
    const made = world([failed('a')], 'Retry');
    made.fake.stacks.stack = stackOf('CREATE_COMPLETE', { outputs: olderOutputs() });
    assert.match((await all(made))?.message ?? '', /run "Deploy Pipeline…" to update it first/);
    assert.deepEqual(states(made), ['a failed 1']);
  });

  it('says what was done before a failure of AWS, and looks again', async () => {
    const made = world([failed('a'), failed('b')], 'Retry');
    const news: string[] = [];
    made.ui.scopes.present.onNews((each) => news.push(each));
    made.queues.failure = awsError('unreachable');
    await all(made);
    const last = made.stub.shown.at(-1);
    assert.equal(last?.kind, 'error');
    assert.match(last.text, /^Stopped: 0 of 2 were sent again, .* AWS said unreachable\.$/);
    assert.deepEqual(news, ['redriven']);
    assert.deepEqual(states(made), ['a retrying 2', 'b retrying 2'], 'the reconciler sends them');
  });
});

import assert from 'node:assert/strict';
import type { PipelineSnapshot } from '../../../../src/app/stack/pipeline-snapshot.ts';
import { zeroCounts } from '../../../../src/core/batch/batch.ts';
import type { Reading } from '../../../../src/app/watch/reading.ts';
import { AwsError } from '../../../../src/core/errors.ts';
import type { QueueService } from '../../../../src/core/batch/queue-service.ts';
import type { StackService } from '../../../../src/core/stack/stack-service.ts';
import { KnownStacks } from '../../../../src/ui/connection/known-stacks.ts';
import { PipelineView } from '../../../../src/ui/pipeline/pipeline-view.ts';
import { followWatch, presenceAfter } from '../../../../src/ui/watch/watch-context.ts';
import { FakeQueues } from '../../../helpers/fakes.ts';
import { stackOf } from '../../../helpers/fake-stacks.ts';
import { fixture } from '../../../helpers/ui/ui-fixture.ts';

const never = new Promise<never>(() => undefined);

describe('the poll of the connection', () => {
  /** A stack with a queue that does not answer. */
  function slow() {
    const described: string[] = [];
    const stacks = {
      describe: async (name: string) => {
        described.push(name);
        return stackOf('CREATE_COMPLETE');
      },
    } as unknown as StackService;
    const depth: QueueService['depth'] = () => never;
    const queues = Object.assign(new FakeQueues(), { depth });
    return { described, services: { stacks, queues } };
  }

  it('gives the first level after one request', async () => {
    const { described, services } = slow();
    const made = fixture(undefined, { services, realPoll: true });
    const view = new PipelineView(made.ui);
    const tree = made.stub.treeViews.get('mediaBatch.pipeline');
    assert.ok(tree);
    assert.deepEqual(made.connection.uses, [], 'a hidden view sends no request');
    tree.setVisible(true);
    const rows = await tree.rows();
    assert.equal(rows[0]?.description, 'reading…');
    assert.deepEqual(described, ['media-batch']);
    assert.deepEqual(made.connection.uses, [{ ask: false }]);
    view.dispose();
    made.ui.scopes.dispose();
  });

  it('keeps a whole reading on screen while the next one comes in parts', async () => {
    const { services } = slow();
    services.queues.depth = async () => ({ waiting: 1, inFlight: 0, delayed: 0 });
    const { scopes } = fixture(undefined, { services, realPoll: true }).ui;
    const { watch } = scopes.present;
    watch.demand('pipeline');
    await watch.refresh();
    assert.equal(watch.last?.pipeline?.queue?.waiting, 1);
    const asked = new Promise<void>((resolve) => {
      services.queues.depth = () => {
        resolve();
        return never;
      };
    });
    void watch.refresh();
    await asked;
    assert.equal(watch.last.pipeline.queue.waiting, 1);
    scopes.dispose();
  });

  it('reads another stack without what it remembers of the one before', async () => {
    const { described, services } = slow();
    const { ui, connection } = fixture(undefined, { services, realPoll: true });
    services.queues.depth = async () => ({ waiting: 1, inFlight: 0, delayed: 0 });
    ui.scopes.follow(({ watch }) => watch.demand('dead-letters'));
    const first = ui.scopes.present;
    await first.watch.refresh();
    await first.watch.refresh();
    assert.deepEqual(described, ['media-batch'], 'looked up once');
    Object.assign(connection.session, { stackName: 'other' });
    await first.watch.refresh();
    assert.notEqual(ui.scopes.present, first);
    await ui.scopes.present.watch.refresh();
    assert.deepEqual(described, ['media-batch', 'other']);
    ui.scopes.dispose();
  });
});

describe('what when clauses ask', () => {
  it('starts the poll again for another stack or login, not for the first connection', () => {
    const { ui, connection, watch } = fixture();
    followWatch(ui);
    const { session } = connection;
    connection.become({ kind: 'connecting' });
    connection.become({ kind: 'ready', session });
    assert.equal(watch.resets, 0);
    connection.become({ kind: 'ready', session: { ...session, stackName: 'other' } });
    assert.equal(watch.resets, 1);
    const error = new AwsError('expired-login', 'Expired.', { operation: 'x', awsCode: 'x' });
    connection.become({ kind: 'signed-out', error, profile: undefined });
    assert.equal(watch.resets, 2);
  });

  it('remembers a stack that was seen, and forgets one that is gone', () => {
    const { ui, connection, watch } = fixture();
    followWatch(ui);
    const known = new KnownStacks(ui.memory.global);
    connection.become({ kind: 'ready', session: connection.session });
    watch.tell({ reading: { deadLetters: 0, problems: {}, busy: false }, error: undefined });
    assert.ok(known.get(connection.session));
    watch.tell({ reading: { deadLetters: undefined, problems: {}, busy: false }, error: undefined });
    assert.equal(known.get(connection.session), undefined);
  });

  it('knows the walkthrough’s steps by batches, results and the key', async () => {
    const { ui, connection, watch, stub } = fixture();
    followWatch(ui);
    connection.become({ kind: 'ready', session: connection.session });
    await new KnownStacks(ui.memory.global).note(connection.session, { keyStored: true });
    for (const status of ['dead', 'succeeded', 'failed', 'covered'] as const) {
      const counts = { ...zeroCounts(), [status]: 1 };
      const batches = new Map([['b', { meta: undefined, checkpoints: [], counts }]]);
      watch.tell({ reading: { batches, deadLetters: 2, problems: {}, busy: false }, error: undefined });
      assert.deepEqual(
        ['hasBatches', 'hasResults', 'hasDeadLetters', 'keyStored'].map((key) =>
          stub.context.get(`mediaBatch.${key}`),
        ),
        [true, status !== 'dead', true, true],
      );
    }
    assert.equal(stub.context.get('mediaBatch.stack'), 'present');
  });

  it('goes by whatever was read last', () => {
    const empty: Reading = { problems: {}, busy: false };
    const none: Reading = { ...empty, deadLetters: undefined };
    const some: Reading = { ...empty, deadLetters: 3 };
    const pipeline = { stack: stackOf('UPDATE_COMPLETE'), outputs: {} } as unknown as PipelineSnapshot;
    assert.equal(presenceAfter('present', undefined, some), 'unknown');
    assert.equal(presenceAfter('unknown', none, undefined), 'none');
    assert.equal(presenceAfter('none', some, none), 'present');
    assert.equal(presenceAfter('none', { ...some, pipeline }, none), 'present');
    // The stack is deleted while only the dead letters are read: the snapshot is of before.
    assert.equal(presenceAfter('present', { ...none, pipeline }, { ...some, pipeline }), 'none');
    assert.equal(presenceAfter('none', { ...none, pipeline }, { ...none, pipeline }), 'none');
    const denied: Reading = { ...none, problems: { 'dead-letters': new Error('denied') } };
    assert.equal(presenceAfter('present', denied, some), 'present');
  });
});

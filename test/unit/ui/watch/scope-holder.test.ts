import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { awsError } from '../../../helpers/fakes.ts';
import {
  Account,
  batchOf,
  DEFAULT_NAME,
  expired,
  letterOf,
  shownWorld,
  untilRows,
} from '../../../helpers/ui/shown-world.ts';

describe('the present scope', () => {
  let here: Account;
  let world: ReturnType<typeof shownWorld>;
  const scopes = () => world.ui.scopes;

  beforeEach(() => {
    here = new Account('111111111111', { film: ['a.mov'] });
    world = shownWorld({ here }, 'here');
  });

  afterEach(() => {
    world.dispose();
  });

  /** Holds requests of one kind. @returns lets them go, and waits until their answers have been heard */
  function hold(kind: string): { readonly held: Promise<void>; readonly release: () => Promise<void> } {
    const begun = Promise.withResolvers<undefined>();
    const gate = Promise.withResolvers<undefined>();
    here.hold = (request) => {
      if (!request.startsWith(kind)) return undefined;
      begun.resolve(undefined);
      return gate.promise;
    };
    return {
      held: begun.promise,
      release: async () => {
        here.hold = () => undefined;
        gate.resolve(undefined);
        for (let turn = 0; turn < 20; turn += 1) await setImmediate();
      },
    };
  }
  const choose = (name: string): void => {
    world.stub.changeSettings({ 'mediaBatch.stackName': name });
  };
  const read = () => scopes().present.read(async (_, { resultsTable }) => resultsTable);

  it('is one before there is a connection, and the same after the first one', async () => {
    here.deploy();
    const { present } = scopes();
    assert.equal(present.place, undefined);
    assert.match(await read(), /media-batch/);
    assert.equal(scopes().present, present);
    assert.equal(scopes().present.place?.account, '111111111111');
  });

  it('takes no late answer of the stack before it, neither of the poll nor of a view', async () => {
    const { batches, deadLetters } = world.screens;
    const a = here.deploy('a');
    a.batches.set(...batchOf('a1', 'a/'));
    a.letters.push(letterOf('a.mov'));
    here.deploy('b').batches.set(...batchOf('b1', 'b/'));
    choose('a');
    for (const kind of ['list', 'receive', 'depth', 'describe']) {
      const { held, release } = hold(kind);
      world.show(batches, deadLetters);
      const late = Promise.all([batches.rows(), deadLetters.rows()]);
      await held;
      const before = scopes().present;
      choose('b');
      assert.notEqual(scopes().present, before);
      await release();
      await late;
      await untilRows(world, batches, [/^b\//]);
      await untilRows(world, deadLetters, []);
      assert.equal(deadLetters.tree.badge, undefined, kind);
      assert.equal(before.watch.last?.batches?.has('b1') ?? false, false, 'the old scope is as it was');
      for (const { tree } of [batches, deadLetters]) tree.setVisible(false);
      choose('a');
    }
  });

  it('ends what is asked of the stack before it with an AbortError, also where the answer is an error', async () => {
    here.deploy('a');
    here.deploy('b');
    choose('a');
    for (const refusal of [undefined, awsError('throttled')]) {
      await read();
      const { held, release } = hold('list');
      const { present } = scopes();
      const asked = present.read(({ batches }, { resultsTable }) => batches.list(resultsTable, { limit: 1 }));
      const ended = assert.rejects(asked, { name: 'AbortError' });
      await held;
      choose('b');
      here.refusal = refusal;
      await release();
      await ended;
      here.refusal = undefined;
      await assert.rejects(
        present.read(async () => 1),
        { name: 'AbortError' },
        'it asks nothing any more',
      );
      choose('a');
    }
  });

  it('stays over new clients of the same place, and keeps what is on screen', async () => {
    const { batches, buckets } = world.screens;
    here.deploy().batches.set(...batchOf('b1', 'old/'));
    world.show(batches, buckets);
    await untilRows(world, batches, [/^old\//]);
    await untilRows(world, buckets, [/^film/]);
    const { present } = scopes();
    const listed = here.buckets.asked.length;
    world.files.change();
    for (let turn = 0; turn < 20; turn += 1) await setImmediate();
    assert.equal(world.ui.connection.state.kind, 'ready');
    await untilRows(world, batches, [/^old\//]);
    assert.equal(scopes().present, present);
    assert.equal(here.buckets.asked.length, listed);
  });

  it('is another one where the same profile has become another account', async () => {
    const accounts: Record<string, Account> = { here };
    world.dispose();
    world = shownWorld(accounts, 'here');
    const { batches, buckets } = world.screens;
    here.deploy().batches.set(...batchOf('b1', 'ours/'));
    world.show(batches, buckets);
    await untilRows(world, batches, [/^ours\//]);
    await untilRows(world, buckets, [/^film/]);
    const theirs = new Account('222222222222', { tape: [] });
    theirs.deploy().batches.set(...batchOf('b2', 'theirs/'));
    accounts['here'] = theirs;
    world.files.change();
    await untilRows(world, batches, [/^theirs\//]);
    await untilRows(world, buckets, [/^tape/]);
  });

  it('has what failed asked for again once the connection is back', async () => {
    const { batches } = world.screens;
    here.deploy().batches.set(...batchOf('b1', 'old/'));
    here.refusal = awsError('unreachable');
    world.show(batches);
    await untilRows(world, batches, [/^AWS said unreachable/]);
    here.refusal = undefined;
    await untilRows(world, batches, [/^old\//]);
  });

  it('gives way when the login goes, and when it is back', async () => {
    const { batches, buckets } = world.screens;
    here.deploy().batches.set(...batchOf('b1', 'old/'));
    world.show(batches, buckets);
    await untilRows(world, batches, [/^old\//]);
    here.refusal = expired();
    await untilRows(world, batches, []);
    await untilRows(world, buckets, []);
    here.refusal = undefined;
    await world.ui.connection.use(async () => undefined, { ask: true });
    await untilRows(world, batches, [/^old\//]);
    await untilRows(world, buckets, [/^film/]);
  });

  it('is of a whole stack or of none: what CloudFormation does in between changes nothing', async () => {
    const stack = here.deploy(DEFAULT_NAME, 'CREATE_IN_PROGRESS');
    await assert.rejects(read(), { code: 'not-deployed' });
    const { present } = scopes();
    here.stacks.delete(DEFAULT_NAME);
    await assert.rejects(read(), { code: 'not-deployed' });
    here.stacks.set(DEFAULT_NAME, stack);
    assert.equal(scopes().present, present);
    stack.status = 'CREATE_COMPLETE';
    await assert.rejects(read(), { name: 'AbortError' });
    assert.notEqual(scopes().present, present);
    assert.equal(await read(), `${stack.id}/ResultsTableName`);
    for (const status of ['UPDATE_IN_PROGRESS', 'UPDATE_ROLLBACK_COMPLETE']) {
      const whole = scopes().present;
      stack.status = status;
      void whole.refresh();
      assert.equal(await read(), `${stack.id}/ResultsTableName`);
      assert.equal(scopes().present, whole, status);
    }
  });

  it('looks a stack up once for all who ask at the same time', async () => {
    here.deploy();
    await Promise.all([read(), read(), read()]);
    assert.equal(here.asked.filter((request) => request.startsWith('describe')).length, 1);
  });

  it('says what a command did to those who show it, and only to them', async () => {
    here.deploy('a');
    here.deploy('b');
    choose('a');
    await read();
    const heard: string[] = [];
    scopes().follow((scope) => scope.onNews((news) => heard.push(`${scope.place?.stackName} ${news}`)));
    const first = scopes().present;
    first.redriven();
    choose('b');
    first.redriven();
    first.enqueued();
    scopes().present.redriven();
    assert.deepEqual(heard, ['a redriven', 'b redriven']);
  });

  it('shows each scope once, and disposes of what belonged to the one before', async () => {
    here.deploy('a');
    choose('a');
    await read();
    const steps: string[] = [];
    const following = scopes().follow((scope, before) => {
      const name = scope.place?.stackName ?? '';
      steps.push(`show ${name} after ${before?.place?.stackName ?? 'none'}`);
      return { dispose: () => steps.push(`end ${name}`) };
    });
    choose('b');
    choose('b');
    choose('c');
    following.dispose();
    choose('a');
    assert.deepEqual(steps, [
      'show a after none',
      'end a',
      'show b after a',
      'end b',
      'show c after b',
      'end c',
    ]);
  });
});

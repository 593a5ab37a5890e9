import assert from 'node:assert/strict';
import { isAbort } from '../../../../src/core/errors.ts';
import { StackScope, type ScopeNews } from '../../../../src/ui/watch/stack-scope.ts';
import { stackOf } from '../../../helpers/fake-stacks.ts';
import { awsError } from '../../../helpers/fakes.ts';
import { fakeCloud } from '../../../helpers/ui/fake-cloud.ts';
import { fakeConnection } from '../../../helpers/ui/fake-connection.ts';
import { fakeWatch } from '../../../helpers/ui/fake-watch.ts';

function scope(id = 'arn:stack/1') {
  const { services, stacks } = fakeCloud({ existing: stackOf('CREATE_COMPLETE', { id }) });
  const looks = { count: 0 };
  stacks.onDescribe = () => (looks.count += 1);
  const connection = fakeConnection(services);
  const watch = fakeWatch();
  const outdated: unknown[] = [];
  const made: StackScope = new StackScope({
    connection,
    makePoll: () => watch,
    connectionId: {},
    onOutdated: (now) => {
      outdated.push(now?.stackName);
      made.dispose();
    },
  });
  return { made, stacks, connection, watch, looks, outdated };
}

describe('a scope', () => {
  it('describes its stack once for all reads, also for those at the same time', async () => {
    const { made, looks } = scope();
    await Promise.all([made.read(async () => 1), made.read(async () => 2)]);
    await made.read(async () => 3);
    assert.equal(looks.count, 1);
  });

  it('describes the stack again where AWS does not find something, and tries once more only', async () => {
    const { made, looks } = scope();
    let works = 0;
    const missing = async (): Promise<string> => {
      works += 1;
      if (works < 2) throw awsError('not-found');
      return 'found';
    };
    assert.equal(await made.read(missing), 'found');
    assert.deepEqual([works, looks.count], [2, 2]);
    works = 0;
    await assert.rejects(
      made.read(async () => {
        works += 1;
        throw awsError('not-found');
      }),
      { code: 'not-found' },
    );
    assert.equal(works, 2);
  });

  it('tries nothing again after another error', async () => {
    const { made } = scope();
    let works = 0;
    const denied = async (): Promise<never> => {
      works += 1;
      throw awsError('missing-permission');
    };
    await assert.rejects(made.read(denied), { code: 'missing-permission' });
    assert.equal(works, 1);
  });

  it('ends where another stack of that name appears in the middle of a read', async () => {
    const { made, stacks, outdated } = scope();
    let works = 0;
    const read = made.read(async () => {
      works += 1;
      if (works > 1) return 'of the other stack';
      stacks.stack = stackOf('CREATE_COMPLETE', { id: 'arn:stack/2' });
      throw awsError('not-found');
    });
    await assert.rejects(read, isAbort);
    assert.deepEqual([works, outdated], [1, ['media-batch']]);
  });

  it('ends where the stack vanishes in the middle of a read', async () => {
    const { made, stacks, outdated } = scope();
    const read = made.read(async () => {
      stacks.stack = undefined;
      throw awsError('not-found');
    });
    await assert.rejects(read, isAbort);
    assert.equal(outdated.length, 1);
  });

  it('gives no answer that comes after its end, and no error either', async () => {
    for (const end of [async () => 'late', () => Promise.reject(awsError('unreachable'))]) {
      const { made } = scope();
      const read = made.use(() => {
        made.dispose();
        return end();
      });
      await assert.rejects(read, isAbort);
      await assert.rejects(
        made.use(async () => assert.fail('it worked after its end')),
        isAbort,
      );
    }
  });

  it('takes a session of its own place only, whose account may become known later', () => {
    const { made, connection } = scope();
    const { account, ...pending } = connection.session;
    const known = (): string | undefined => made.place?.account;
    assert.equal(made.admit(pending), true);
    assert.equal(known(), undefined);
    assert.equal(made.admit(connection.session), true);
    assert.equal(known(), account);
    assert.equal(made.admit(pending), true);
    assert.equal(known(), account, 'a known account stays');
    for (const change of [
      { stackName: 'another' },
      { region: 'eu-south-1' },
      { profile: 'other' },
      { endpoint: 'http://localhost:4566' },
      { account: '444455556666' },
    ])
      assert.equal(made.admit({ ...connection.session, ...change }), false, JSON.stringify(change));
  });

  it('tells its news and reads again, and is silent after its end', () => {
    const { made, watch } = scope();
    const news: ScopeNews[] = [];
    made.onNews((word) => news.push(word));
    made.reconnected();
    made.redriven();
    assert.deepEqual([news, watch.refreshes], [['reconnected', 'redriven'], 2]);
    made.dispose();
    made.reconnected();
    assert.deepEqual([news.length, watch.resets], [2, 1]);
  });
});

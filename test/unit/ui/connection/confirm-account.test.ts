import assert from 'node:assert/strict';
import { allCommands, type Shown as Views } from '../../../../src/ui/all-commands.ts';
import { COMMAND_IDS, type CommandId } from '../../../../src/ui/base/command-ids.ts';
import type { CloudServices } from '../../../../src/core/stack/cloud-services.ts';
import { confirmAccount } from '../../../../src/ui/connection/confirm-account.ts';
import { KnownStacks } from '../../../../src/ui/connection/known-stacks.ts';
import type { Answer } from '../../../helpers/ui/vscode-stub.ts';
import { fakeCloud } from '../../../helpers/ui/fake-cloud.ts';
import { stackOf } from '../../../helpers/fake-stacks.ts';
import { enter } from '../../../helpers/ui/press-enter.ts';
import { fixture } from '../../../helpers/ui/ui-fixture.ts';

/** Commands that write to AWS, and the stack's status that lets them. */
const WRITING: Readonly<Partial<Record<CommandId, string>>> = {
  'mediaBatch.deployPipeline': 'CREATE_COMPLETE',
  'mediaBatch.cancelStackUpdate': 'UPDATE_IN_PROGRESS',
  'mediaBatch.continueRollback': 'UPDATE_ROLLBACK_FAILED',
  'mediaBatch.deletePipeline': 'CREATE_COMPLETE',
  'mediaBatch.setApiKey': 'CREATE_COMPLETE',
  'mediaBatch.rotateSigningKey': 'CREATE_COMPLETE',
  'mediaBatch.pauseDispatch': 'CREATE_COMPLETE',
  'mediaBatch.resumeDispatch': 'CREATE_COMPLETE',
  'mediaBatch.tuneThroughput': 'CREATE_COMPLETE',
  'mediaBatch.reconcileNow': 'CREATE_COMPLETE',
  'mediaBatch.enqueuePrefix': 'CREATE_COMPLETE',
  'mediaBatch.resumeEnqueue': 'CREATE_COMPLETE',
  'mediaBatch.enqueueInCloud': 'CREATE_COMPLETE',
  'mediaBatch.pauseCloudEnqueue': 'CREATE_COMPLETE',
  'mediaBatch.resumeCloudEnqueue': 'CREATE_COMPLETE',
  'mediaBatch.setCloudPace': 'CREATE_COMPLETE',
  'mediaBatch.removeCloudEnqueue': 'CREATE_COMPLETE',
  'mediaBatch.enqueueMissing': 'CREATE_COMPLETE',
  'mediaBatch.resendFiles': 'CREATE_COMPLETE',
  'mediaBatch.enqueueFile': 'CREATE_COMPLETE',
  'mediaBatch.enqueueFromFile': 'CREATE_COMPLETE',
  'mediaBatch.enqueueWithJob': 'CREATE_COMPLETE',
  'mediaBatch.enqueueAgain': 'CREATE_COMPLETE',
  'mediaBatch.renameBatch': 'CREATE_COMPLETE',
  'mediaBatch.enqueueRest': 'CREATE_COMPLETE',
  'mediaBatch.cancelBatch': 'CREATE_COMPLETE',
  'mediaBatch.deleteRecords': 'CREATE_COMPLETE',
  'mediaBatch.holdBatch': 'CREATE_COMPLETE',
  'mediaBatch.resumeBatch': 'CREATE_COMPLETE',
  'mediaBatch.resumeBatchAnyway': 'CREATE_COMPLETE',
  'mediaBatch.giveUpJob': 'CREATE_COMPLETE',
  'mediaBatch.redriveAll': 'CREATE_COMPLETE',
  'mediaBatch.retryAll': 'CREATE_COMPLETE',
  'mediaBatch.retryFiles': 'CREATE_COMPLETE',
  'mediaBatch.leaveOut': 'CREATE_COMPLETE',
  'mediaBatch.takeIn': 'CREATE_COMPLETE',
};

/** Commands that write nothing; a new one has to be put into one of these lists. */
const OTHERS: readonly CommandId[] = [
  'mediaBatch.selectProfile',
  'mediaBatch.selectRegion',
  'mediaBatch.selectStack',
  'mediaBatch.logIn',
  'mediaBatch.refresh',
  'mediaBatch.readAgain',
  'mediaBatch.loadMore',
  'mediaBatch.openConsole',
  'mediaBatch.loadAll',
  'mediaBatch.showNew',
  'mediaBatch.sortFiles',
  'mediaBatch.filterFiles',
  'mediaBatch.copyValue',
  'mediaBatch.copyBatchId',
  'mediaBatch.copyAddress',
  'mediaBatch.copyKey',
  // It ends what another command began.
  'mediaBatch.stopEnqueue',
  'mediaBatch.pinLocation',
  'mediaBatch.pinRow',
  'mediaBatch.unpinLocation',
  'mediaBatch.filterPrefix',
  'mediaBatch.clearPrefixFilter',
  'mediaBatch.findFile',
  'mediaBatch.filterBatches',
  'mediaBatch.clearBatchFilter',
  'mediaBatch.openResult',
  'mediaBatch.openOutput',
  'mediaBatch.copyJobId',
  'mediaBatch.revealSource',
  'mediaBatch.showDeadLetters',
  'mediaBatch.openDeadLetter',
  'mediaBatch.copyKeys',
  'mediaBatch.openResults',
  'mediaBatch.exportFailures',
  'mediaBatch.exportAll',
  'mediaBatch.openWalkthrough',
  'mediaBatch.showLog',
  'mediaBatch.showProgress',
];

const READING =
  /^(describe|list|caller|depth|mapping|functionsAtOnce|readState|events|peek|read|level|find|page|outcomes|dispose)/;
const QUESTION = /^The stack "(.*)" was last used in account (\d+)\. This is account (\d+)\.$/;
const OTHER = '444455556666';

/** Types the stack's name where it is asked for, and presses Enter elsewhere but at the question. */
const answering =
  (answer: string | undefined): Answer =>
  (shown) => {
    if (QUESTION.test(shown.text)) return answer;
    return shown.kind === 'input' && /name of the stack/.test(JSON.stringify(shown))
      ? 'media-batch'
      : enter(shown);
  };

/** @returns the services, and each call of them that is no reading */
function watched(services: CloudServices): { services: CloudServices; writes: string[] } {
  const writes: string[] = [];
  const spy = <Service extends object>(service: Service): Service =>
    new Proxy(service, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== 'function') return value;
        if (!READING.test(String(name)))
          return () => {
            writes.push(String(name));
            return Promise.reject(new Error('written'));
          };
        return value.bind(target) as unknown;
      },
    });
  const names = [
    'buckets',
    'queues',
    'batches',
    'ledgers',
    'dispatch',
    'secrets',
    'stacks',
    'identity',
  ] as const;
  const spied = Object.fromEntries(names.map((name) => [name, spy(services[name])]));
  return { services: { ...services, ...spied }, writes };
}

describe('another account than before', () => {
  it('is thought of in each command', () => {
    assert.deepEqual([...Object.keys(WRITING), ...OTHERS].sort(), [...COMMAND_IDS].sort());
  });

  for (const [id, status] of Object.entries(WRITING)) {
    it(`is asked about before ${id} writes anything`, async () => {
      const existing = stackOf(status);
      const { services, writes } = watched(fakeCloud({ existing }).services);
      const { ui, stub, connection } = fixture(answering(undefined), { existing, services });
      const known = new KnownStacks(ui.memory.global);
      await known.useAccount({ ...connection.session, account: OTHER });
      const views = { failures: { groups: [], refresh: () => undefined } } as unknown as Views;
      await assert.rejects(async () => allCommands(ui, views)[id as CommandId](), { name: 'AbortError' });
      const asked = stub.shown.filter(({ text }) => QUESTION.test(text));
      assert.deepEqual(
        asked.map(({ text, modal, choices }) => [QUESTION.exec(text)?.slice(1), modal, choices]),
        [[['media-batch', OTHER, '111122223333'], true, ['Use Account 111122223333']]],
      );
      assert.deepEqual(writes, []);
      assert.equal(known.accountOf(connection.session), OTHER);
    });
  }

  it('is used after a yes, and not asked about again', async () => {
    const { ui, stub, connection } = fixture(({ choices }) => choices[0]);
    const known = new KnownStacks(ui.memory.global);
    await known.useAccount({ ...connection.session, account: OTHER });
    await confirmAccount(ui, connection.session);
    await confirmAccount(ui, connection.session);
    assert.equal(stub.shown.length, 1);
    assert.match(stub.shown[0]?.detail ?? '', /Account 111122223333 · eu-west-1/);
    assert.equal(known.accountOf(connection.session), '111122223333');
  });

  it('is none where no account is known, in another region, endpoint or stack', async () => {
    const { ui, stub, connection } = fixture();
    const known = new KnownStacks(ui.memory.global);
    const { session } = connection;
    for (const change of [
      { region: 'us-east-1' },
      { endpoint: 'http://localhost:1' },
      { stackName: 'other' },
    ])
      await known.useAccount({ ...session, ...change, account: OTHER });
    await confirmAccount(ui, session);
    assert.deepEqual(stub.shown, []);
    await assert.rejects(confirmAccount(ui, session, 'other'), { name: 'AbortError' });
  });

  it('is told whatever the profile is called', async () => {
    const { ui, connection } = fixture();
    await new KnownStacks(ui.memory.global).useAccount({
      ...connection.session,
      profile: 'a',
      account: OTHER,
    });
    await assert.rejects(confirmAccount(ui, { ...connection.session, profile: 'b' }), { name: 'AbortError' });
  });

  it('does not become the known one by being looked at, and is forgotten only with its own stack', async () => {
    const { ui, connection } = fixture();
    const known = new KnownStacks(ui.memory.global);
    const { session } = connection;
    await known.note({ ...session, account: OTHER });
    await known.note(session);
    assert.equal(known.accountOf(session), OTHER);
    await known.forget(session);
    assert.equal(known.accountOf(session), OTHER);
    await known.note({ ...session, account: OTHER });
    await known.forget({ ...session, account: OTHER });
    assert.equal(known.accountOf(session), undefined);
  });
});

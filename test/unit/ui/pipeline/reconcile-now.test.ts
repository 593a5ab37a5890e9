import assert from 'node:assert/strict';
import { reconcileNowCommand } from '../../../../src/ui/pipeline/reconcile-now.ts';
import { olderOutputs, stackOf } from '../../../helpers/fake-stacks.ts';
import { FakeReconciler } from '../../../helpers/fake-control.ts';
import { fixture } from '../../../helpers/ui/ui-fixture.ts';

const existing = stackOf('UPDATE_COMPLETE');

describe('Reconcile Now', () => {
  const bench = (stack = existing) => {
    const reconciler = new FakeReconciler();
    const made = fixture(() => undefined, { existing: stack, services: { reconciler } });
    return { ...made, reconciler };
  };

  it('runs without a question, says what was done, and has the view read again', async () => {
    const { ui, reconciler, stub, watch } = bench();
    for (const [summary, words] of [
      [{ busy: false, did: { ended: 12, waitsEnded: 1 } }, 'The reconciler ran: 12 ended, dispatch resumed.'],
      [{ busy: false, did: { ended: 0 } }, 'The reconciler ran and found nothing to do.'],
      [{ busy: true, did: {} }, 'The reconciler is at work already: look again in a minute.'],
    ] as const) {
      reconciler.summary = summary;
      await reconcileNowCommand(ui);
      const { kind, text } = stub.shown.at(-1) ?? {};
      assert.deepEqual([kind, text], ['info', words]);
    }
    assert.deepEqual([reconciler.runs, watch.refreshes], [[undefined, undefined, undefined], 3]);
  });

  it('takes the batch of its row, and all where another row has it', async () => {
    const { ui, reconciler } = bench();
    const icon = { id: 'x' };
    const row = { id: 'r', label: 'r', icon, data: { batch: 'b1' } };
    await reconcileNowCommand(ui, { ...row, tokens: ['batch', 'value'] });
    await reconcileNowCommand(ui, { ...row, tokens: ['reconciler'], data: undefined });
    assert.deepEqual(reconciler.runs, ['b1', undefined]);
  });

  it('asks to update a stack of an older template', async () => {
    const { ui, reconciler } = bench(stackOf('UPDATE_COMPLETE', { outputs: olderOutputs() }));
    await assert.rejects(reconcileNowCommand(ui), {
      code: 'no-reconciler',
      message: /older template.*run "Media Batch: Deploy Pipeline" to update it\.$/,
    });
    assert.deepEqual(reconciler.runs, []);
  });

  it('says that there is no pipeline', async () => {
    await assert.rejects(reconcileNowCommand(fixture().ui), { code: 'not-deployed' });
  });
});

import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import type { DispatchState } from '../../../../src/core/stack/dispatch-control.ts';
import { noticePauses } from '../../../../src/ui/pipeline/pause-notice.ts';
import type { Answer } from '../../../helpers/ui/vscode-stub.ts';
import { fixture } from '../../../helpers/ui/ui-fixture.ts';

const PAUSE: DispatchState = {
  state: 'paused',
  reason: 'no credit](command:x) \u202eleft (HTTP 402)',
  at: '2026-11-23T15:00:00.000Z',
  epoch: 3,
  by: 'consumer',
};

function bench(answer?: Answer, memory?: ReturnType<typeof fixture>['ui']['memory']) {
  const made = fixture(answer);
  const ui = { ...made.ui, ...(memory && { memory }) };
  const notice = noticePauses(ui);
  made.connection.become({ kind: 'ready', session: made.connection.session });
  const tell = async (...states: readonly (DispatchState | undefined)[]): Promise<void> => {
    for (const dispatch of states) {
      made.watch.tell({ reading: { dispatch, problems: {}, busy: false }, error: undefined });
      await setImmediate();
    }
  };
  const texts = () => made.stub.shown.map(({ text }) => text);
  return { ...made, ui, notice, tell, texts };
}

describe('the notice of dispatch that paused itself', () => {
  it('says once why, when and by whom', async () => {
    const { tell, texts, stub, notice } = bench();
    await tell(undefined, { ...PAUSE, state: 'running' }, PAUSE, PAUSE, undefined, PAUSE);
    assert.match(
      texts()[0] ?? '',
      /^Dispatch of "media-batch" has paused itself \(.*2026.*, by the consumer\): no credit\] \(command:x\) \\u\{202e\}left \(HTTP 402\)$/,
    );
    assert.deepEqual([stub.shown.length, stub.shown[0]?.kind], [1, 'warning']);
    assert.deepEqual(stub.shown[0]?.choices, ['Show']);
    const next: DispatchState = {
      ...PAUSE,
      at: '2026-11-23T16:00:00.000Z',
      by: 'reconciler',
      reason: undefined,
    };
    await tell(next, PAUSE, next);
    assert.match(texts()[1] ?? '', /, by the reconciler\): no reason recorded$/);
    notice.dispose();
    await tell({ ...PAUSE, at: '2026-11-23T17:00:00.000Z' });
    assert.equal(texts().length, 2);
  });

  it('says nothing of a pause by hand, a wait, or a pause of no known time or writer', async () => {
    const { tell, texts } = bench();
    await tell(
      { ...PAUSE, by: 'operator' },
      { ...PAUSE, state: 'waiting' },
      { ...PAUSE, at: 'x' },
      { ...PAUSE, at: undefined },
      { ...PAUSE, by: undefined },
    );
    assert.deepEqual(texts(), []);
  });

  it('is not shown twice for two windows', async () => {
    const { tell, ui } = bench();
    await tell(PAUSE);
    const other = bench(undefined, ui.memory);
    await other.tell(PAUSE);
    assert.deepEqual(other.texts(), []);
  });

  it('offers to set the key where the key is the reason', async () => {
    for (const reason of [
      'Unauthorized (HTTP 401)',
      'no usable Ittybit API key is stored: run "Media Batch: Set Ittybit API Key"',
      'The Ittybit API key cannot be used: denied',
    ]) {
      const { tell, stub } = bench(({ choices }) => choices[1]);
      await tell({ ...PAUSE, reason });
      assert.deepEqual(stub.shown[0]?.choices, ['Show', 'Set Ittybit API Key…'], reason);
      assert.ok(stub.executed.some(({ id }) => id === 'mediaBatch.setApiKey'));
    }
    const { tell, stub } = bench(({ choices }) => choices[0]);
    await tell({ ...PAUSE, reason: 'The signing secret cannot be used: denied' });
    assert.deepEqual(stub.shown[0]?.choices, ['Show']);
    assert.ok(stub.executed.some(({ id }) => id === 'mediaBatch.pipeline.focus'));
  });
});

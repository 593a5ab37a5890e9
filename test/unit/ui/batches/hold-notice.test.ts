import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import type { BatchBrake } from '../../../../src/core/batch/brake.ts';
import { zeroCounts, type BatchRecord } from '../../../../src/core/batch/batch.ts';
import { noticeHolds } from '../../../../src/ui/batches/hold-notice.ts';
import { BY_HAND, CANCELLED, HOLD } from '../../../helpers/ui/batch-marks.ts';
import { metaOf } from '../../../helpers/ui/enqueue-fixture.ts';
import type { Answer } from '../../../helpers/ui/vscode-stub.ts';
import { fixture } from '../../../helpers/ui/ui-fixture.ts';

type Brakes = Readonly<Record<string, Partial<BatchBrake> | undefined>>;

function read(brakes: Brakes) {
  const batches = new Map(
    Object.entries(brakes).map(([id, brake]): [string, BatchRecord] => {
      const meta = metaOf(id, { prefix: '1999/', ...(brake && { brake: { disarmed: [], ...brake } }) });
      return [id, { meta, checkpoints: [], counts: zeroCounts() }];
    }),
  );
  return { reading: { batches, problems: {}, busy: false }, error: undefined };
}

function bench(answer?: Answer) {
  const made = fixture(answer);
  const notice = noticeHolds(made.ui);
  made.connection.become({ kind: 'ready', session: made.connection.session });
  const tell = async (brakes: Brakes): Promise<void> => {
    made.watch.tell(read(brakes));
    await setImmediate();
  };
  const texts = () => made.stub.shown.map(({ text }) => text);
  return { ...made, notice, tell, texts };
}

describe('the notice of held batches', () => {
  it('is shown once for each hold, with its reason', async () => {
    const { tell, texts, stub } = bench();
    const later = { ...HOLD, at: '2026-11-23T16:00:00.000Z' };
    for (const hold of [undefined, HOLD, HOLD, undefined, later, later]) await tell({ b1: { hold } });
    const text =
      'The batch of s3://film/1999/ in the pipeline "media-batch" is held: 10 files in a row ended so: no connection] (command:x) \\u{202e}conn_42';
    assert.deepEqual(texts(), [text, text]);
    assert.deepEqual(stub.shown[0]?.choices, ['Show', 'Resume Anyway…']);
    assert.equal(stub.shown[0].kind, 'warning');
  });

  it('is one for several batches, and names only the new ones', async () => {
    const { tell, texts, stub } = bench();
    await tell({ b1: { hold: HOLD }, b2: { hold: HOLD }, b3: {} });
    assert.deepEqual(texts(), ['2 batches of the pipeline "media-batch" are held.']);
    assert.deepEqual(stub.shown[0]?.choices, ['Show']);
    await tell({ b1: { hold: HOLD }, b2: { hold: HOLD }, b3: { hold: HOLD } });
    assert.match(texts()[1] ?? '', /^The batch of /);
  });

  it('is not shown for a hold of the user’s own, of a cancelled batch, twice for two windows, or later', async () => {
    const { tell, texts, ui, notice } = bench();
    await tell({ b1: { hold: BY_HAND }, b2: { hold: HOLD, ...CANCELLED }, b3: undefined });
    assert.deepEqual(texts(), []);
    await tell({ b1: { hold: HOLD } });
    const other = fixture();
    noticeHolds({ ...other.ui, memory: ui.memory });
    other.connection.become({ kind: 'ready', session: other.connection.session });
    other.watch.tell(read({ b1: { hold: HOLD } }));
    assert.deepEqual(other.stub.shown, []);
    notice.dispose();
    await tell({ b4: { hold: HOLD } });
    assert.equal(texts().length, 1);
  });

  it('has the batches looked at while they move and the window has the focus, and only then', async () => {
    const { tell, watch, stub, ui, notice } = bench();
    const demanded = (): string[] => [...watch.demanded];
    await tell({ b1: { cancelled: { at: '', by: 'operator' } } });
    assert.deepEqual(demanded(), []);
    await tell({ b1: { hold: HOLD } });
    assert.deepEqual(demanded(), ['batches'], 'another window may end the hold');
    stub.focus(false);
    assert.deepEqual(demanded(), []);
    stub.focus(true);
    assert.deepEqual(demanded(), ['batches']);
    await tell({});
    assert.deepEqual(demanded(), []);
    const progress = { batch: 'b3', listed: 9, sent: 9, skipped: {} };
    ui.enqueues.set('b3', { progress, stop: () => undefined });
    assert.deepEqual(demanded(), ['batches'], 'before anything of it is read');
    ui.enqueues.set('b3', undefined);
    const { reading } = read({ b3: {} });
    const [[id, record] = assert.fail()] = reading.batches;
    const checkpoints = [{ shard: 0, lastKey: 'z', listed: 9, sent: 9, skipped: {}, done: true }];
    const batches = new Map([[id, { ...record, checkpoints }]]);
    watch.tell({ reading: { ...reading, batches, neverClaimed: new Set(['b3']) }, error: undefined });
    assert.deepEqual(demanded(), [], 'its files are gone');
    await tell({ b3: {} });
    notice.dispose();
    assert.deepEqual(demanded(), []);
  });

  it('bears what another version has kept', async () => {
    const { tell, texts, ui, connection } = bench();
    await tell({ b1: { hold: HOLD } });
    const stacks = ui.memory.global.get<Record<string, object>>('stacks') ?? {};
    const [id = ''] = Object.keys(stacks);
    await ui.memory.global.update('stacks', { [id]: { holds: 'b1' } });
    connection.become({ kind: 'ready', session: connection.session });
    await tell({ b1: { hold: HOLD } });
    assert.equal(texts().length, 2);
  });

  it('shows the batches, or resumes the batch', async () => {
    const shown = bench(({ choices }) => choices[0]);
    await shown.tell({ b1: { hold: HOLD } });
    assert.deepEqual(
      shown.stub.executed.map(({ id }) => id).filter((id) => id !== 'setContext'),
      ['mediaBatch.batches.focus'],
    );
    const resumed = bench(({ choices }) => choices[1]);
    await resumed.tell({ b1: { hold: HOLD } });
    const call = resumed.stub.executed.find(({ id }) => id === 'mediaBatch.resumeBatchAnyway');
    assert.deepEqual((call?.args[0] as { data: unknown }).data, { batch: 'b1' });
  });
});

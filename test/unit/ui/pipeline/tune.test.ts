import assert from 'node:assert/strict';
import type { DispatchControl } from '../../../../src/core/stack/dispatch-control.ts';
import type { Pace } from '../../../../src/core/stack/pace.ts';
import type { QueueService } from '../../../../src/core/batch/queue-service.ts';
import { tuneThroughputCommand } from '../../../../src/ui/pipeline/tune-throughput.ts';
import { NEW_PACE } from '../../../helpers/fake-control.ts';
import { FakeQueues } from '../../../helpers/fakes.ts';
import { BACK_BUTTON } from '../../../helpers/ui/vscode-stub-inputs.ts';
import type { Answer, Shown } from '../../../helpers/ui/vscode-stub.ts';
import { stackOf } from '../../../helpers/fake-stacks.ts';
import { fixture } from '../../../helpers/ui/ui-fixture.ts';

interface Given {
  readonly waiting?: number;
  readonly batchSize?: number;
  readonly quota?: number | Error;
  readonly pace?: Partial<Pace>;
  /** the stack's MaxRequestsPerSecond; absent: its template knows none */
  readonly parameter?: string;
}

function bench(answer: Answer, given: Given = {}) {
  const { waiting = 48_912, batchSize = 5, quota = 1000, pace, parameter } = given;
  const changes: unknown[] = [];
  const tuning = { batchSize, maximumConcurrency: 2, maximumBatchingWindow: 10 };
  const mapping = { ...tuning, state: 'Enabled', lastResult: undefined };
  const dispatch = {
    mapping: async () => mapping,
    updateMapping: async (_id: string, change: object) => {
      changes.push(change);
      return { ...mapping, ...change };
    },
    readPaced: async () => ({ pace: { ...NEW_PACE, ...pace } }),
    setMost: async (_place: unknown, live: object) => void changes.push(live),
    functionsAtOnce: async () => (quota instanceof Error ? Promise.reject(quota) : quota),
  } as unknown as DispatchControl;
  const queues: QueueService = Object.assign(new FakeQueues(), {
    depth: async () => ({ waiting, inFlight: 10, delayed: 0 }),
  });
  const parameters = parameter === undefined ? {} : { MaxRequestsPerSecond: parameter };
  const existing = stackOf('UPDATE_COMPLETE', { parameters });
  const made = fixture(answer, { existing, services: { dispatch, queues } });
  return { ...made, changes };
}

/** Answers in turn; messages are read. */
function inTurn(...answers: readonly (string | undefined)[]): Answer {
  const left = [...answers];
  return ({ kind }: Shown) => (kind === 'pick' || kind === 'input' ? left.shift() : undefined);
}

describe('Tune Throughput', () => {
  it("offers the guide's table, with what it would mean for the backlog, and marks the present", async () => {
    const { ui, stub, changes, watch } = bench(inTurn('100 at once'));
    watch.last = { throughput: { filesPerSecond: 5, secondsLeft: 9784 }, problems: {}, busy: true };
    await tuneThroughputCommand(ui);
    const [pick] = stub.shown;
    assert.deepEqual(
      pick?.items?.map(({ label, description, detail }) => [label, description, detail?.split(',')[0]]),
      [
        ['10 at once', 'batch size 5 × concurrency 2, as it is now', 'about 2 h 43 min for about 48'],
        ['50 at once', 'batch size 10 × concurrency 5', 'about 33 min for about 48'],
        ['100 at once', 'batch size 10 × concurrency 10', 'about 16 min for about 48'],
        ['Custom…', 'concurrency, batch size and batching window by hand', undefined],
      ],
    );
    assert.deepEqual(pick.picked, ['10 at once']);
    assert.deepEqual(changes, [{ batchSize: 10, maximumConcurrency: 10 }]);
    assert.match(
      stub.shown.at(-1)?.text ?? '',
      /^Ittybit gets up to 100 at once now: batch size 10 × concurrency 10\. The next stack update keeps this\.$/,
    );
    assert.equal(watch.refreshes, 1);
  });

  const details = (shown: readonly Shown[]) => shown[0]?.items?.map(({ detail = '' }) => detail) ?? [];

  it('says where the limit that was found decides, and where the calls at once do', async () => {
    const { ui, stub } = bench(inTurn(undefined), {
      pace: { ceiling: 19.6, calls: 4310, refused: 12 },
      parameter: '0',
    });
    await assert.rejects(tuneThroughputCommand(ui), { name: 'AbortError' });
    assert.deepEqual(details(stub.shown).slice(0, 2), [
      'about 1 h 22 min for about 48,922 files in the queue, at 1 s a call.',
      'about 41 min for about 48,922 files in the queue: 20/s is the limit.',
    ]);
    assert.deepEqual(
      stub.shown[0]?.items?.slice(4).map(({ label, description }) => [label, description]),
      [
        ['Calls per second', undefined],
        ['As Many as Ittybit Takes', 'as it is now'],
        ['At Most…', ''],
      ],
    );
    assert.equal(details(stub.shown)[5], 'up to 16/s now, limit 20/s, 12 of 4,310 calls refused');
  });

  it('sets how many calls a second there may be, over the present parameter, and changes nothing else', async () => {
    const { ui, stub, changes } = bench(inTurn('At Most…', '1001', '0', '20'), { parameter: '7' });
    await tuneThroughputCommand(ui);
    assert.deepEqual(changes, [{ most: 20, insteadOf: 7 }]);
    const problems = stub.shown.flatMap(({ problem }) => (problem ? [problem] : []));
    assert.deepEqual(problems, ['Type a whole number, 1 to 1,000.', 'Type a whole number, 1 to 1,000.']);
    assert.match(stub.shown.at(-1)?.text ?? '', /^Ittybit gets up to 10 at once, 20\/s at most now: /);
  });

  it('takes the limit away', async () => {
    const { ui, changes } = bench(inTurn('As Many as Ittybit Takes'), { parameter: '7' });
    await tuneThroughputCommand(ui);
    assert.deepEqual(changes, [{ most: 0, insteadOf: 7 }]);
  });

  it('says which step starves the webhook where the account runs few functions at once', async () => {
    const starving = (shown: readonly Shown[]) =>
      details(shown).map((detail) => detail.includes('callbacks'));
    const few = bench(inTurn(undefined), { quota: 10 });
    await assert.rejects(tuneThroughputCommand(few.ui), { name: 'AbortError' });
    assert.deepEqual(starving(few.stub.shown), [false, false, true, false]);
    const unread = bench(inTurn(undefined), { quota: new Error('no right') });
    await assert.rejects(tuneThroughputCommand(unread.ui), { name: 'AbortError' });
    assert.deepEqual(starving(unread.stub.shown), [false, false, false, false]);
  });

  it('takes numbers by hand, within the limits of AWS and ours', async () => {
    const { ui, stub, changes } = bench(inTurn('Custom…', '1', '1001', '20', '11', '7', '0'));
    await tuneThroughputCommand(ui);
    const problems = stub.shown.flatMap(({ problem }) => (problem ? [problem] : []));
    assert.deepEqual(problems, [
      'Type a whole number, 2 to 1,000.',
      'Type a whole number, 2 to 1,000.',
      'Type a whole number, 1 to 10.',
    ]);
    assert.deepEqual(changes, [{ batchSize: 7, maximumConcurrency: 20, maximumBatchingWindow: 0 }]);
  });

  it('goes back to the table, and changes nothing on Escape', async () => {
    const { ui, stub, changes } = bench(inTurn('Custom…', '20', BACK_BUTTON, BACK_BUTTON, undefined));
    await assert.rejects(tuneThroughputCommand(ui), { name: 'AbortError' });
    assert.deepEqual(
      stub.shown.map(({ kind }) => kind),
      ['pick', 'input', 'input', 'input', 'pick'],
    );
    assert.deepEqual(stub.shown[3]?.choices, ['20'], 'what was answered');
    assert.deepEqual(changes, []);
  });

  it('shows a tuning that is not in the table, and keeps it where it is chosen', async () => {
    const { ui, stub, changes } = bench(inTurn('6 at once'), { batchSize: 3, waiting: -10 });
    await tuneThroughputCommand(ui);
    assert.deepEqual(stub.shown[0]?.picked, ['6 at once']);
    assert.equal(stub.shown[0].items?.[0]?.detail, 'Nothing waits in the queue now.');
    assert.deepEqual(changes, []);
    assert.equal(stub.shown.at(-1)?.text, 'The throughput stays as it is.');
  });
});

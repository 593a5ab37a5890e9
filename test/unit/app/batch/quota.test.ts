import assert from 'node:assert/strict';
import { encodeQueueMessage } from '../../../../src/core/batch/queue-message.ts';
import { isHeld } from '../../../../src/core/stack/dispatch-rules.ts';
import { DispatchFixture, FILE, MINUTE } from '../../../helpers/dispatch-fixture.ts';
import { fastTimers, type FastTimers } from '../../../helpers/fast-timers.ts';

const HOUR = 60 * MINUTE;
/** In flight at once: batch size times concurrency. */
const IN_FLIGHT = 10;

describe('a quota that is used up for hours', () => {
  let fixture: DispatchFixture;
  let timers: FastTimers;

  beforeEach(() => {
    fixture = new DispatchFixture();
    timers = fastTimers();
  });
  afterEach(() => {
    timers.restore();
  });

  /** Stops as the consumer's switch does: for a time, and over a running dispatch only. */
  const stop = async (_reason: string, ms = Infinity): Promise<void> => {
    if (isHeld(fixture.state, fixture.now)) return;
    fixture.state = { ...fixture.state, state: 'waiting', until: new Date(fixture.now + ms).toISOString() };
  };

  /** Dispatches files until none is left. @returns the most receives of one message */
  async function drain(files: number): Promise<number> {
    const queue = Array.from({ length: files }, (_, i) => ({
      body: encodeQueueMessage({ ...FILE, key: `${i}.mp4` }),
      receiveCount: 0,
      visibleAt: fixture.now,
      isDone: false,
    }));
    for (let open = queue; open.length > 0; open = queue.filter(({ isDone }) => !isDone)) {
      // While it waits the mapping is off, and the reconciler switches it on in the minute after.
      if (isHeld(fixture.state, fixture.now)) {
        fixture.now = Math.ceil(Date.parse(fixture.state.until ?? '') / MINUTE) * MINUTE + 1;
      }
      fixture.now = Math.max(fixture.now, Math.min(...open.map(({ visibleAt }) => visibleAt)));
      const page = open.filter(({ visibleAt }) => visibleAt <= fixture.now).slice(0, IN_FLIGHT);
      await Promise.all(
        page.map(async (message) => {
          message.receiveCount += 1;
          const { body, receiveCount } = message;
          const disposal = await fixture.deliver(body, { stop }, { id: body, receiveCount });
          message.isDone = disposal.done;
          message.visibleAt = fixture.now + (disposal.done ? 0 : Math.max(1000, disposal.hideMs));
        }),
      );
    }
    return Math.max(...queue.map(({ receiveCount }) => receiveCount));
  }

  for (const retryAfter of ['60', '3600', '5', '0', undefined]) {
    it(`buries no file in a day, and costs few POSTs: Retry-After ${retryAfter ?? 'is absent'}`, async () => {
      const end = fixture.now + 24 * HOUR;
      fixture.ittybit.answer = () =>
        fixture.now < end ? { status: 429, retryAfter, body: 'quota' } : undefined;
      const receives = await drain(10);
      assert.deepEqual([fixture.buried.length, fixture.ittybit.jobs.length], [0, 10]);
      assert.ok(receives <= 45, `${receives} receives of 90`);
      assert.ok(fixture.ittybit.posts.length <= 1000, `${fixture.ittybit.posts.length} POSTs`);
      assert.ok(fixture.now <= end + 2 * HOUR, 'it goes on soon after');
    });
  }

  it('costs 300 files no more than 13 POSTs each in a day', async () => {
    const end = fixture.now + 24 * HOUR;
    fixture.ittybit.answer = () =>
      fixture.now < end ? { status: 429, retryAfter: '60', body: '' } : undefined;
    await drain(300);
    assert.deepEqual([fixture.buried.length, fixture.ittybit.jobs.length], [0, 300]);
    assert.ok(fixture.ittybit.posts.length <= 300 * 13, `${fixture.ittybit.posts.length} POSTs`);
  });
});

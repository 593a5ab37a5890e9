import assert from 'node:assert/strict';
import { firstCause, isCancelled, StackEventFeed } from '../../../../src/app/stack/stack-events.ts';
import type { StackEvent } from '../../../../src/core/stack/stack-service.ts';
import { eventOf, FakeStacks } from '../../../helpers/fake-stacks.ts';

const QUOTES_CANCELLED = 'The bucket "cancelled-orders" exists: Resource creation cancelled-orders refused';

describe('the cause of a failed operation', () => {
  const cancelled = eventOf(1, 'Queue', 'CREATE_FAILED', 'Resource creation cancelled');

  it('is a failure whose reason quotes a name with "cancelled" in it', () => {
    const real = eventOf(2, 'Bucket', 'CREATE_FAILED', QUOTES_CANCELLED);
    assert.equal(firstCause([cancelled, real]), real);
    assert.equal(isCancelled([cancelled, real]), false);
  });

  it('is a failure without a reason, before one that was only cancelled', () => {
    const silent = eventOf(2, 'Table', 'UPDATE_FAILED');
    assert.equal(firstCause([cancelled, silent]), silent);
    assert.equal(isCancelled([cancelled, silent]), false);
  });

  it('is the first cancelled resource where there is no other, and nothing without a failure', () => {
    const update = eventOf(2, 'Table', 'UPDATE_FAILED', 'Resource update cancelled');
    assert.equal(firstCause([cancelled, update]), cancelled);
    assert.equal(isCancelled([cancelled, update]), true);
    const stack = eventOf(3, 'media-batch', 'CREATE_FAILED', 'The following resource(s) failed');
    assert.equal(firstCause([eventOf(4, 'Queue', 'CREATE_COMPLETE'), stack]), undefined);
  });
});

describe('StackEventFeed', () => {
  const ids = (events: readonly StackEvent[]) => events.map(({ id }) => id);
  let stacks: FakeStacks;

  beforeEach(() => {
    stacks = new FakeStacks();
  });

  it('gives no event from before it was opened, and each later one once', async () => {
    stacks.history = [eventOf(1, 'A', 'CREATE_COMPLETE'), eventOf(2, 'B', 'CREATE_COMPLETE')];
    const feed = await StackEventFeed.open('id', stacks);
    assert.deepEqual(await feed.next(), []);
    for (let place = 3; place <= 9; place += 1) stacks.history.push(eventOf(place, 'C', 'UPDATE_COMPLETE'));
    assert.deepEqual(ids(await feed.next()), ['e3', 'e4', 'e5', 'e6', 'e7', 'e8', 'e9']);
    assert.deepEqual(await feed.next(), []);
  });

  it('gives an event again in the next call where the reading broke off in between', async () => {
    stacks.pageSize = 1;
    const feed = await StackEventFeed.open('id', stacks);
    stacks.history = [eventOf(1, 'A', 'CREATE_COMPLETE'), eventOf(2, 'B', 'CREATE_COMPLETE')];
    const events = stacks.events.bind(stacks);
    stacks.events = async function* () {
      for await (const page of events()) {
        yield page;
        throw new Error('throttled');
      }
    };
    await assert.rejects(feed.next(), /throttled/);
    stacks.events = events;
    assert.deepEqual(ids(await feed.next()), ['e1', 'e2']);
  });

  it('keeps the past of an operation until a call succeeds', async () => {
    const start = eventOf(1, 'media-batch', 'UPDATE_IN_PROGRESS', 'User Initiated');
    stacks.history = [start, eventOf(2, 'A', 'UPDATE_COMPLETE')];
    const feed = await StackEventFeed.ofOperation('id', stacks);
    const events = stacks.events.bind(stacks);
    stacks.events = () => {
      throw new Error('throttled');
    };
    await assert.rejects(feed.next(), /throttled/);
    stacks.events = events;
    assert.deepEqual(ids(await feed.next()), ['e1', 'e2']);
  });
});

import assert from 'node:assert/strict';
import { readAhead } from '../../../../src/app/batch/read-ahead.ts';

describe('readAhead', () => {
  let made = 0;
  let closed = false;

  async function* source(count: number, failAt = Infinity): AsyncGenerator<number> {
    [made, closed] = [0, false];
    try {
      while (made < count) {
        if (made === failAt) throw new Error('page failed');
        made += 1;
        yield made;
      }
    } finally {
      closed = true;
    }
  }

  it('gives the same items in the same order', async () => {
    for (const count of [5, 1, 0]) {
      const seen: number[] = [];
      for await (const item of readAhead(source(count))) seen.push(item);
      assert.deepEqual(seen, [1, 2, 3, 4, 5].slice(0, count));
    }
  });

  it('is one item ahead of its reader, never two', async () => {
    for await (const item of readAhead(source(9))) {
      await new Promise((resolve) => setImmediate(resolve));
      assert.equal(made, Math.min(item + 1, 9));
    }
  });

  it('raises an error at its item, after the ones before it', async () => {
    const seen: number[] = [];
    await assert.rejects(async () => {
      for await (const item of readAhead(source(5, 2))) seen.push(item);
    }, /page failed/);
    assert.deepEqual(seen, [1, 2]);
  });

  it('closes its source when the reader stops, also when the next item fails unseen', async () => {
    for (const failAt of [Infinity, 1]) {
      for await (const item of readAhead(source(5, failAt))) {
        assert.equal(item, 1);
        break;
      }
      assert.equal(closed, true);
    }
  });
});

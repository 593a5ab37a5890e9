import assert from 'node:assert/strict';
import { encodeQueueMessage } from '../../../../src/core/batch/queue-message.ts';
import { DispatchFixture, MINUTE } from '../../../helpers/dispatch-fixture.ts';

const ADDRESS = 's3://results/all.mp4';

describe('an output address of the user’s own', () => {
  let fixture: DispatchFixture;

  beforeEach(() => {
    fixture = new DispatchFixture();
    fixture.job = { kind: 'video', options: {}, output: ADDRESS };
  });

  async function deliver(batch: string, key: string, etag = 'e1'): Promise<string> {
    const { note } = await fixture.deliver(encodeQueueMessage({ batch, bucket: 'media', key, etag }));
    return note;
  }

  it('is not written to by a second source', async () => {
    assert.equal(await deliver('b1', 'one.mp4'), 'submitted');
    assert.match(await deliver('b1', 'two.mp4'), /one\.mp4 already writes to s3:\/\/results\/all\.mp4/);
    assert.equal(fixture.ittybit.posts.length, 1);
  });

  it('is not written to by a second source whose refused claim dies and is received again', async () => {
    await deliver('b1', 'one.mp4');
    fixture.beforeBury = () => {
      throw new Error('crash');
    };
    await assert.rejects(deliver('b1', 'two.mp4'), /crash/);
    fixture.now += 2 * MINUTE;
    assert.match(await deliver('b1', 'two.mp4'), /looks for a job first/);
    assert.equal(fixture.ittybit.posts.length, 1);
  });

  it('is kept by a result of its source, though a later version has taken it over and failed', async () => {
    await deliver('b1', 'one.mp4', 'e1');
    await deliver('b2', 'one.mp4', 'e2');
    const [first, second] = fixture.ledger.items.values();
    fixture.ledger.put({ ...first!, status: 'succeeded' });
    fixture.ledger.put({ ...second!, status: 'failed' });
    assert.match(await deliver('b2', 'two.mp4'), /one\.mp4 already writes/);
    fixture.ledger.put({ ...first!, status: 'failed' });
    assert.equal(await deliver('b3', 'two.mp4'), 'submitted');
    assert.deepEqual(fixture.ledger.outputs.get(ADDRESS)?.key, 'two.mp4');
  });
});

import assert from 'node:assert/strict';
import { enqueueFiles } from '../../../../src/app/batch/enqueue-files.ts';
import type { FileSource } from '../../../../src/app/batch/file-source.ts';
import { isAbort } from '../../../../src/core/errors.ts';
import { decodeQueueMessage } from '../../../../src/core/batch/queue-message.ts';
import { FakeBatches, FakeQueues, PIPELINE, s3Object } from '../../../helpers/fakes.ts';

/** In an order that no listing has. */
const KEYS = ['z/last.mp4', 'a/1.mp4', 'notes.txt', 'a/1.mp4', 'm 2.mov'];
const META = {
  batch: 'b1',
  bucket: 'media',
  prefix: '',
  job: { kind: 'video' as const, options: {} },
  extensions: ['mp4', 'mov'],
  created_at: '2026-11-23T14:00:00.000Z',
};

/** A list of keys, two a page; its position is how many have been handed out. */
function keys(asked: string[]): FileSource {
  return {
    async *pages(after) {
      asked.push(after);
      for (let i = Number(after); i < KEYS.length; i += 2) {
        const files = KEYS.slice(i, i + 2).map((key) => s3Object(key));
        yield { files, position: String(i + files.length) };
      }
    },
  };
}

describe('enqueueFiles', () => {
  let queues: FakeQueues;
  let batches: FakeBatches;
  let asked: string[];

  beforeEach(() => {
    queues = new FakeQueues();
    batches = new FakeBatches();
    asked = [];
  });

  const enqueue = (created: boolean, signal?: AbortSignal) =>
    enqueueFiles(
      { meta: META, source: keys(asked), from: batches.saved.at(-1), created },
      PIPELINE,
      { queues, batches },
      { signal },
    );
  const sentKeys = () => queues.bodies('work').map((body) => decodeQueueMessage(body).key);

  it('takes the files of any source, in its order', async () => {
    const { listed, sent, skipped } = await enqueue(false);
    assert.deepEqual([listed, sent, skipped], [5, 4, { 'not-media': 1 }]);
    assert.deepEqual(sentKeys(), ['z/last.mp4', 'a/1.mp4', 'a/1.mp4', 'm 2.mov']);
    const positions = batches.saved.map(({ lastKey }) => Number(lastKey));
    assert.deepEqual(positions, positions.toSorted());
    assert.deepEqual([positions.at(-1), batches.saved.at(-1)?.done], [5, true]);
  });

  it("continues after the position of its last checkpoint, in the source's own terms", async () => {
    const control = new AbortController();
    batches.beforeSave = () => {
      control.abort();
    };
    await assert.rejects(enqueue(false, control.signal), isAbort);
    const { lastKey = '' } = batches.saved.at(-1) ?? {};
    assert.ok(Number(lastKey) > 0);
    batches.beforeSave = () => undefined;
    const { listed, sent } = await enqueue(true);
    assert.deepEqual([listed, sent, asked], [5, 4, ['', lastKey]]);
  });
});

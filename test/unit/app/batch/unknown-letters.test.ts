import assert from 'node:assert/strict';
import { fileId } from '../../../../src/app/batch/failures.ts';
import { unknownLetters } from '../../../../src/app/batch/unknown-letters.ts';
import { FakeBatches, FakeQueues, PIPELINE } from '../../../helpers/fakes.ts';
import { FILE, stored } from '../../../helpers/stored-items.ts';

describe('letters that the table does not know', () => {
  it('are unreadable ones and those of files without an item; all are visible again', async () => {
    const queues = new FakeQueues();
    const batches = new FakeBatches();
    for (const key of ['known', 'moved', 'bare']) {
      queues.add('dead', { body: JSON.stringify({ v: 1, ...FILE, key }) });
    }
    queues.add('dead', { body: '{' });
    batches.items = [stored('retrying', { key: 'moved' })];
    const known = fileId({ ...FILE, key: 'known' });
    const { signal } = new AbortController();
    const found = await unknownLetters(PIPELINE, { queues, batches }, (id) => id === known, signal);
    assert.deepEqual(
      found.map(({ file, body }) => file?.key ?? body),
      ['bare', '{'],
    );
    assert.equal(queues.visible('dead'), 4);
  });
});

import assert from 'node:assert/strict';
import { isUnclear, STATUSES } from '../../../../src/core/batch/result-item.ts';
import {
  COUNT_SHARDS,
  countsKey,
  NEVER_DUE,
  outputKey,
  resultIndexKey,
  resultKey,
  workKey,
} from '../../../../src/core/batch/table-keys.ts';
import { at, FILE, HOUR, ofOldStack, stored } from '../../../helpers/stored-items.ts';

describe('the keys of the table', () => {
  it('keep a file, its work and its output apart', () => {
    const keys = [resultKey(FILE), workKey(FILE, 'work#1#-'), outputKey('s3://media/a.mp4'), countsKey(FILE)];
    assert.deepEqual(keys.slice(0, 3), [
      { pk: 's3://media/a.mp4', sk: 'batch#b1' },
      { pk: 's3://media/a.mp4', sk: 'work#1#-' },
      { pk: 'output#s3://media/a.mp4', sk: 'owner' },
    ]);
    assert.equal(new Set(keys.map(({ pk, sk }) => `${pk}|${sk}`)).size, keys.length);
  });

  it('spread the counts of a batch over 64 items, evenly, and always find the same one for a file', () => {
    const shards = new Map<string, number>();
    for (let i = 0; i < 6400; i++) {
      const file = { ...FILE, key: `${i}.mp4` };
      assert.deepEqual(countsKey(file), countsKey({ ...file }));
      shards.set(countsKey(file).sk, (shards.get(countsKey(file).sk) ?? 0) + 1);
    }
    assert.deepEqual([shards.size, COUNT_SHARDS], [64, 64]);
    assert.ok([...shards.values()].every((files) => files > 50 && files < 160));
  });

  it('list what is open by its next look, and anything else by its last change', () => {
    const look = { next_look_at: at(HOUR), unclear: true };
    for (const status of STATUSES) {
      const { gsi1pk, gsi1sk } = resultIndexKey(stored(status, look));
      const isOpen = !['succeeded', 'failed', 'cancelled', 'covered'].includes(status);
      assert.deepEqual([gsi1pk, gsi1sk], [`batch#b1#${status}`, isOpen ? at(HOUR) : at(0)], status);
    }
  });

  it('list an open item of an older stack as due, and never a dead one that is clear', () => {
    assert.equal(resultIndexKey(ofOldStack('submitted')).gsi1sk, at(0));
    assert.equal(resultIndexKey(ofOldStack('dead')).gsi1sk, at(0));
    const clear = stored('dead', { unclear: false });
    assert.ok(!isUnclear(clear));
    assert.ok(resultIndexKey(clear).gsi1sk > NEVER_DUE);
    assert.ok(new Date(8.64e15).toISOString().replace('+', '') < NEVER_DUE);
  });
});

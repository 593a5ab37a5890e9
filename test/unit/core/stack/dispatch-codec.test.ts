import assert from 'node:assert/strict';
import { dispatchItem, readDispatch } from '../../../../src/core/stack/dispatch-codec.ts';

describe('the item that says whether dispatch runs', () => {
  const running = { state: 'running', reason: undefined, at: undefined } as const;

  it('is read as it was written, under a key that no batch and no file can have', () => {
    const paused = { state: 'paused', reason: 'unauthorized', at: '2026-11-23T10:00:00.000Z' } as const;
    const item = dispatchItem(paused);
    assert.deepEqual([item['pk'], item['sk']], ['control', 'dispatch']);
    assert.deepEqual(readDispatch(item), paused);
  });

  it('says running for everything that does not say paused', () => {
    for (const item of [
      undefined,
      null,
      'paused',
      ['paused'],
      {},
      { state: 'PAUSED' },
      { state: ['paused'] },
    ]) {
      assert.deepEqual(readDispatch(item), running, JSON.stringify(item));
    }
  });

  it('keeps the pause where its reason or time cannot be read', () => {
    const paused = { ...running, state: 'paused' };
    assert.deepEqual(readDispatch({ state: 'paused', reason: { html: 1 }, at: 1_700_000_000 }), paused);
  });
});

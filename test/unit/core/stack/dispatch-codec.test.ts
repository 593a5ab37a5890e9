import assert from 'node:assert/strict';
import {
  dispatchCondition,
  dispatchItem,
  laterDispatch,
  oldDispatchItem,
  readDispatch,
} from '../../../../src/core/stack/dispatch-codec.ts';
import type { DispatchState } from '../../../../src/core/stack/dispatch-control.ts';

const STACK = 'arn:aws:cloudformation:eu-west-1:111122223333:stack/media-batch/1';
const RUNNING: DispatchState = {
  state: 'running',
  reason: undefined,
  at: undefined,
  until: undefined,
  epoch: 0,
  by: undefined,
};
const WAITING: DispatchState = {
  state: 'waiting',
  reason: "Ittybit's limit",
  at: '2026-11-23T10:00:00.000Z',
  until: '2026-11-23T10:05:00.000Z',
  epoch: 7,
  by: 'consumer',
};

describe('the item that says whether dispatch runs', () => {
  it('is read as it was written, under a key that no batch, no file and no other stack has', () => {
    for (const state of [WAITING, { ...WAITING, state: 'paused', until: undefined } as const, RUNNING]) {
      const item = dispatchItem(STACK, state);
      assert.deepEqual([item['pk'], item['sk']], [`control#${STACK}`, 'dispatch']);
      assert.deepEqual(readDispatch(item), state);
    }
  });

  it('is a pause for the functions of an older template, which know nothing else', () => {
    const key = { pk: 'control', sk: 'dispatch' };
    const { reason, at } = WAITING;
    assert.deepEqual(oldDispatchItem(WAITING), { ...key, state: 'paused', reason, at });
    assert.deepEqual(oldDispatchItem(RUNNING), {
      ...key,
      state: 'running',
      reason: undefined,
      at: undefined,
    });
  });

  it('says running for everything that says neither paused nor waiting', () => {
    for (const item of [
      undefined,
      null,
      'paused',
      ['paused'],
      {},
      { state: 'PAUSED' },
      { state: ['paused'] },
    ]) {
      assert.deepEqual(readDispatch(item), RUNNING, JSON.stringify(item));
    }
  });

  it('keeps the pause where the rest cannot be read', () => {
    for (const epoch of [undefined, '3', -2, 0, 0.5, NaN, Infinity]) {
      const item = { state: 'paused', reason: { html: 1 }, at: 1_700_000_000, until: 'soon', epoch, by: [1] };
      assert.deepEqual(readDispatch(item), { ...RUNNING, state: 'paused' }, String(epoch));
    }
  });

  it('counts for less than a later one of the other kind, and keeps its own epoch', () => {
    const old = { ...RUNNING, state: 'paused', reason: '401', at: '2026-11-23T10:00:00.001Z' } as const;
    assert.deepEqual(laterDispatch(WAITING, old), { ...old, epoch: 7 });
    assert.deepEqual(laterDispatch(RUNNING, old), old);
    for (const at of [WAITING.at, '2026-11-23T09:00:00.000Z', undefined, 'yesterday']) {
      assert.deepEqual(laterDispatch(WAITING, { ...old, at }), WAITING, at);
    }
  });

  it('is written only where nobody has written since', () => {
    assert.deepEqual(dispatchCondition(WAITING), {
      ConditionExpression: 'epoch = :epoch',
      ExpressionAttributeValues: { ':epoch': 6 },
    });
    assert.deepEqual(dispatchCondition({ ...RUNNING, epoch: 1 }), {
      ConditionExpression: 'attribute_not_exists(epoch) OR NOT epoch >= :epoch',
      ExpressionAttributeValues: { ':epoch': 1 },
    });
  });
});

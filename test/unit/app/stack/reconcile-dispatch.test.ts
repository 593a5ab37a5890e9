import assert from 'node:assert/strict';
import { isPaused, reconcileDispatch } from '../../../../src/app/stack/reconcile-dispatch.ts';
import type { DispatchState, DispatchSwitch } from '../../../../src/core/stack/dispatch-control.ts';

const NOW = Date.parse('2026-11-23T10:00:00.000Z');
const AT_NOW = new Date(NOW).toISOString();
const LATER = new Date(NOW + 1).toISOString();

/** @returns what the reconciler asked of the switch, and what it counted */
async function reconciled(change: Partial<DispatchState>, ends = true, turns = false) {
  const asked: string[] = [];
  const present: DispatchState = { state: 'running', reason: undefined, at: undefined, epoch: 3, ...change };
  const control: DispatchSwitch = {
    readDispatch: async () => present,
    stopDispatch: async () => assert.fail('the reconciler stops nothing'),
    switchOff: async () => assert.fail('the reconciler stops nothing'),
    endWait: async (read) => {
      asked.push(`end of ${read.epoch}`);
      return ends;
    },
    followDispatch: async (read) => {
      asked.push(`mapping as in ${read.epoch}`);
      return turns;
    },
    isOn: async () => assert.fail('the item says it'),
  };
  const did: Record<string, number> = {};
  await reconcileDispatch(control, did, NOW);
  return { asked, did };
}

describe('the reconciler and dispatch', () => {
  it('ends a wait that is over', async () => {
    const over = { state: 'waiting', until: AT_NOW } as const;
    assert.deepEqual(await reconciled(over), { asked: ['end of 3'], did: { waitsEnded: 1 } });
    assert.deepEqual(await reconciled(over, false), { asked: ['end of 3'], did: {} });
  });

  it('keeps a pause and a wait, and has the mapping follow them', async () => {
    for (const held of [{ state: 'paused' }, { state: 'waiting', until: LATER }] as const) {
      assert.deepEqual(await reconciled(held), { asked: ['mapping as in 3'], did: {} });
    }
  });

  it('says that it has switched the mapping off again, which a deploy had switched on', async () => {
    const { did } = await reconciled({ state: 'paused' }, true, true);
    assert.deepEqual(did, { mappingSwitchedOff: 1 });
    // A short wait leaves the mapping on.
    const wait = { state: 'waiting', at: AT_NOW, until: LATER } as const;
    assert.deepEqual((await reconciled(wait, true, true)).did, {});
  });

  for (const [state, isOn, paused] of [
    ['running', true, false],
    ['running', false, true],
    ['paused', false, true],
    ['paused', true, true],
    ['waiting', false, false],
  ] as const) {
    it(`is ${paused ? '' : 'not '}paused while ${state} with the mapping ${isOn ? 'on' : 'off'}`, async () => {
      const present: DispatchState = { state, reason: undefined, at: undefined, epoch: 1 };
      assert.equal(await isPaused(present, { isOn: async () => isOn }), paused);
    });
  }
});

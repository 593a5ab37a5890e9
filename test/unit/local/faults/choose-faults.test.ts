import assert from 'node:assert/strict';
import { chooseFaults } from '../../../../src/local/faults/choose-faults.ts';
import { FILE_FAULTS, type FileFault } from '../../../../src/local/faults/file-faults.ts';
import { inTurn, standInFor } from '../../../../src/local/faults/run-faults.ts';
import { STACK_TROUBLES, type StackTrouble } from '../../../../src/local/faults/stack-troubles.ts';
import { seededDraws } from '../../../../src/local/ittybit/draws.ts';

const INPUTS = Array.from({ length: 500 }, (_, i) => `s3://media/reel ${i}.mov`);
const FAULTS = Object.keys(FILE_FAULTS) as FileFault[];
const TROUBLES = Object.keys(STACK_TROUBLES) as StackTrouble[];

describe('the choice of faults', () => {
  /** All that a seed decides before a run begins. */
  const planOf = (seed: number, inputs: readonly string[], faults: readonly FileFault[] = FAULTS) => {
    const draw = seededDraws(seed);
    const { random: _, ...standIn } = standInFor(draw);
    const plan = chooseFaults(inputs, faults, 0.2, draw);
    return {
      standIn,
      plan: new Map([...plan].map(([name, those]) => [name, [...those].sort()])),
      troubles: inTurn(TROUBLES, draw),
    };
  };

  it('is the same for the same seed, in whatever order the files come', () => {
    const other = planOf(7, INPUTS.toReversed(), FAULTS.toReversed());
    assert.deepEqual(other, planOf(7, INPUTS));
  });

  it('is another one for another seed', () => {
    assert.notDeepEqual(planOf(8, INPUTS).plan, planOf(7, INPUTS).plan);
    const behaviours = [1, 2, 3, 4, 5, 6, 7, 8].map((seed) => JSON.stringify(planOf(seed, []).standIn));
    assert.ok(new Set(behaviours).size > 3);
    assert.notDeepEqual(planOf(8, []).troubles, planOf(7, []).troubles);
  });

  it('gives each file of the share one fault, and each fault its part', () => {
    const { plan } = planOf(7, INPUTS);
    const chosen = [...plan.values()].flat();
    assert.equal(chosen.length, 100);
    assert.equal(new Set(chosen).size, 100);
    const sizes = [...plan.values()].map(({ length }) => length);
    assert.equal(plan.size, FAULTS.length);
    assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 1);
  });

  it('is of nothing where no fault is wanted, or there is no file', () => {
    assert.deepEqual(chooseFaults(INPUTS, [], 0.2, seededDraws(1)), new Map());
    const none = [...chooseFaults([], FAULTS, 0.2, seededDraws(1)).values()];
    assert.ok(none.every(({ size }) => size === 0));
  });

  it('keeps every trouble once, expires and cancels first, and loses messages last', () => {
    const { troubles } = planOf(7, []);
    assert.deepEqual([...troubles].sort(), [...TROUBLES].sort());
    const others = troubles.filter((name) => name !== 'takeover');
    assert.deepEqual([...others.slice(0, 2), others.at(-1)], ['expiry', 'batch-cancelled', 'messages-lost']);
  });

  it('takes the stack over before the cancels, right after them or later, by the seed', () => {
    const places = Array.from({ length: 20 }, (_, seed) => planOf(seed, []).troubles.indexOf('takeover'));
    assert.ok(places.includes(1) && places.includes(2) && places.some((place) => place > 2));
    assert.ok(!places.includes(0) && !places.includes(TROUBLES.length - 1));
  });
});

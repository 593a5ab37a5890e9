import fc from 'fast-check';
import { fastTimers } from '../helpers/fast-timers.ts';
import { act, ACTION_NAMES, ACTIONS, type ActionName } from './actions.ts';
import { addOldResult, OLD_STATUSES } from './old-result.ts';
import { BrokenPromise } from './promises.ts';
import { settle } from './settle.ts';
import { WISHES, type Setup } from './setup.ts';
import { World } from './world.ts';

/** What happens, in order: an action, what it picks, and its fault. */
export type Happening = readonly [action: ActionName, pick: number, fault: number];

/** A whole history. Each has its own taste: some actions never happen, and one fault often. */
export interface History {
  readonly setup: Setup;
  readonly without: readonly ActionName[];
  readonly taste: { readonly fault: number; readonly percent: number };
  readonly happenings: readonly Happening[];
}

/** Actions that a history may do without. */
const OPTIONAL = ACTION_NAMES.filter((name) => ACTIONS[name].weight <= 3 && name !== 'resume');

const setup: fc.Arbitrary<Setup> = fc.record({
  seed: fc.nat(),
  remembersRefusals: fc.boolean(),
  mismatch: fc.constantFrom(400, 409, 422),
  isBare: fc.nat(2).map((n) => n === 2),
  isMurky: fc.nat(2).map((n) => n === 2),
  isRacing: fc.boolean(),
  // Most batches want the same for the same file, so that they meet.
  batches: fc.array(
    fc.record({
      wish: fc.constantFrom('same', 'same', 'output', ...WISHES),
      files: fc.constantFrom(1, 1, 2, 3),
    }),
    { minLength: 1, maxLength: 4 },
  ),
  old: fc.option(fc.record({ status: fc.constantFrom(...OLD_STATUSES), hasJob: fc.boolean() }), {
    freq: 3,
    nil: undefined,
  }),
  receives: fc.constantFrom(0, 0, 0, 0, 86, 97, 100),
});

const happening: fc.Arbitrary<Happening> = fc.tuple(
  fc.oneof(
    ...ACTION_NAMES.map((name) => ({
      weight: Math.round(ACTIONS[name].weight * 20),
      arbitrary: fc.constant(name),
    })),
  ),
  fc.nat(999),
  fc.nat(99),
);

/** Any history; it shrinks to few actions and quiet faults. */
export const anyHistory: fc.Arbitrary<History> = fc.noBias(
  fc.record({
    setup,
    without: fc.subarray(OPTIONAL),
    taste: fc.record({ fault: fc.nat(99), percent: fc.constantFrom(0, 0, 10, 30, 60) }),
    happenings: fc.array(happening, { maxLength: 700, size: 'max' }),
  }),
);

/**
 * Plays a history, and lets it end.
 * @param prepare changes the world before it begins
 * @throws BrokenPromise with what had happened until then
 */
export async function play(
  { setup: start, without, taste, happenings }: History,
  prepare: (world: World) => void = () => undefined,
): Promise<World> {
  const world = new World(start);
  prepare(world);
  const timers = fastTimers(0, (ms) => {
    world.tick(ms);
  });
  try {
    if (start.old) addOldResult(world, start.old);
    for (const [index, [name, pick, fault]] of happenings.entries()) {
      if (without.includes(name)) continue;
      const isTaste = (index * 37 + pick) % 100 < taste.percent;
      await act(world, name, pick, isTaste ? taste.fault : fault);
    }
    await settle(world);
    return world;
  } catch (error) {
    if (!(error instanceof BrokenPromise)) throw error;
    error.message = `${error.message}\n${world.log.join('\n')}`;
    throw error;
  } finally {
    timers.restore();
  }
}

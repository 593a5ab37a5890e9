import type { Contestant } from './contestant.ts';
import type { World } from './responder.ts';

/** What is measured: one contestant in one world. */
export interface Case {
  readonly name: string;
  readonly who: Contestant;
  readonly world: World;
  /** the world as one line of the table */
  readonly about: string;
  /** as often as it is repeated; the table has the medians */
  readonly rounds: number;
}

const PLAIN: World = { keys: 50_000, shape: 'flat', roundTrip: 30, failed: 0, done: 0 };
/** The guide's script sends so many of 50,000 keys; its time grows in proportion, as the smaller runs show. */
export const GUIDE_KEYS = 5_000;

/**
 * @param rounds of the cases that are compared
 * @returns the cases in the order of one round: those that are compared come one after the other
 */
export function benchCases(rounds: number): readonly Case[] {
  const make = (name: string, who: Contestant, change: Partial<World> = {}, times = rounds): Case => {
    const world = { ...PLAIN, ...change };
    return { name, who, world, about: aboutOf(world), rounds: times };
  };
  return [
    make('guide 30 ms', 'guide', { keys: GUIDE_KEYS }),
    make('ours 30 ms', 'ours'),
    make('cancel', 'cancel'),
    make('2 % failed', 'ours', { failed: 0.02 }),
    make('dry run', 'dry-run'),
    make('not yet done', 'not-yet-done', { done: PLAIN.keys }),
    make('guide 10 ms', 'guide', { keys: GUIDE_KEYS, roundTrip: 10 }),
    make('ours 10 ms', 'ours', { roundTrip: 10 }),
    make('ours 100 ms', 'ours', { roundTrip: 100 }),
    make('nested', 'ours', { shape: 'nested' }, 1),
    make('one per prefix', 'ours', { shape: 'one-per-prefix' }, 1),
    make('guide 100 ms', 'guide', { keys: 1_000, roundTrip: 100 }, 1),
    make('guide 1,000', 'guide', { keys: 1_000 }, 1),
    make('guide 2,500', 'guide', { keys: 2_500 }, 1),
    make('ours 1,000', 'ours', { keys: 1_000 }, 1),
    make('ours 1,000,000', 'ours', { keys: 1_000_000 }),
  ];
}

function aboutOf({ keys, shape, roundTrip, failed, done }: World): string {
  const parts = [`${keys.toLocaleString('en')} keys`, shape, `${roundTrip} ms`];
  if (failed > 0) parts.push(`${failed * 100} % Failed`);
  if (done > 0) parts.push(`${done.toLocaleString('en')} done`);
  return parts.join(', ');
}

import { dynamoLedger } from '../../src/aws/dynamo-ledger.ts';
import { firstItem, move } from '../../src/core/batch/item-step.ts';
import { resultItem } from '../../src/core/batch/result-codec.ts';
import { COUNT_SHARDS, resultKey } from '../../src/core/batch/table-keys.ts';
import { cancelled, MemoryTable } from './memory-table.ts';
import { VirtualTime } from './virtual-time.ts';

/** A transaction holds its items this long, in ms: a later one that meets them is cancelled. */
const HOLD_MS = 12;

/** Files of one batch that end at the same time. */
export interface CountLoad {
  readonly perSecond: number;
  readonly seconds: number;
  /** over how many items the counts are spread; at most COUNT_SHARDS, which is a multiple of it */
  readonly shards: number;
  readonly seed: number;
}

/** What became of them. */
export interface CountOutcome {
  readonly transitions: number;
  readonly givenUp: number;
  /** transactions that met another one */
  readonly conflicts: number;
  /** ms until a transition was written */
  readonly median: number;
  readonly slowest: number;
  /** what the counts say */
  readonly counted: number;
}

/** Ends the files at random moments through the real ledger, in a table whose transactions take their time. */
export async function endFiles({ perSecond, seconds, shards, seed }: CountLoad): Promise<CountOutcome> {
  const time = new VirtualTime();
  const table = new MemoryTable();
  const random = seeded(seed);
  const held = new Set<string>();
  let conflicts = 0;
  table.whileHeld = async (names) => {
    const keys = names.map((name) => name.replace(/counts#(\d+)$/, (_, n) => `counts#${Number(n) % shards}`));
    if (keys.some((key) => held.has(key))) {
      conflicts += 1;
      throw cancelled('None', 'TransactionConflict');
    }
    for (const key of keys) held.add(key);
    await time.wait(HOLD_MS);
    for (const key of keys) held.delete(key);
  };
  time.install(random);
  try {
    const ledger = dynamoLedger(table.client, 'results');
    const delays: number[] = [];
    let givenUp = 0;
    const end = async (index: number) => {
      const file = { batch: 'b1', bucket: 'media', key: `reel-${index}.mov` };
      const before = move(firstItem(file, 0), 'submitted', { job_id: `job_${index}` }, 0);
      table.put({ ...resultItem(before), ...resultKey(file) });
      const start = time.now;
      try {
        await ledger.write({ before, next: move(before, 'succeeded', {}, time.now) });
        delays.push(time.now - start);
      } catch (error) {
        if (!(error instanceof Error) || error.name !== 'TransactionCanceledException') throw error;
        givenUp += 1;
      }
    };
    const ends: Promise<void>[] = [];
    const arrive = async () => {
      for (let index = 0; index < perSecond * seconds; index++) {
        await time.wait((-Math.log(1 - random()) * 1000) / perSecond);
        ends.push(end(index));
      }
    };
    const arrived = arrive();
    await time.pass();
    await Promise.all([arrived, ...ends]);
    delays.sort((a, b) => a - b);
    return {
      ...{ transitions: ends.length, givenUp, conflicts, counted: countOf(table) },
      ...{ median: delays[delays.length >> 1] ?? 0, slowest: delays.at(-1) ?? 0 },
    };
  } finally {
    time.restore();
  }
}

function countOf(table: MemoryTable): number {
  const counts = Array.from({ length: COUNT_SHARDS }, (_, n) =>
    table.row({ pk: 'batch#b1', sk: `counts#${n}` }),
  );
  return counts.reduce((sum, row) => sum + Number(row?.['succeeded'] ?? 0), 0);
}

/** mulberry32 */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * How the pace finds limits: the consumer's rules against the stand-in's rate limit under a clock that jumps, with ten
 * invocations at once. One line for each limit, which changes after eight minutes and changes back after sixteen.
 */
import Table from 'cli-table3';
import { MINUTE, PaceWorld, secondsUntilUsed, shareOf } from '../../../helpers/pace-world.ts';

const BURSTS = { '1': () => 1, '5': () => 5, '1 s': (limit: number) => limit };
/** A limit, another one, and files that an invocation takes: enough in flight for both. */
const CHANGES = [
  [2, 10, 5],
  [10, 50, 10],
  [50, 10, 10],
  [200, 2, 10],
] as const;
const PART_MS = 8 * MINUTE;

if (import.meta.main) await bench(process.argv.slice(2));

/** @param only bursts to play; none: all */
async function bench(only: readonly string[]): Promise<void> {
  const table = new Table({
    style: { head: [], border: [] },
    head: ['limit/s', 'burst', 's until 90 %', 'used', '429s', 'most receives'],
  });
  for (const [first, second, batchSize] of CHANGES) {
    for (const [name, burst] of Object.entries(BURSTS)) {
      if (only.length > 0 && !only.includes(name)) continue;
      const parts = [first, second, first];
      const limits = parts.map((requestsPerSecond, i) => ({
        fromMs: i * PART_MS,
        limits: { requestsPerSecond, burst: burst(requestsPerSecond) },
      }));
      const untilMs = parts.length * PART_MS;
      const world = await new PaceWorld({ limits, concurrency: 10, batchSize, untilMs }).run();
      for (const [i, limit] of parts.entries()) {
        const [from, to] = [i * PART_MS, (i + 1) * PART_MS];
        const { used, refused } = shareOf(world.calls, [from + 5 * MINUTE, to], limit);
        const seconds = secondsUntilUsed(world.calls, [from, to], limit) ?? 'never';
        table.push([limit, name, seconds, percent(used), percent(refused), world.mostReceives]);
      }
    }
  }
  console.log(table.toString());
}

function percent(share: number): string {
  return `${(100 * share).toFixed(share < 0.1 ? 2 : 1)} %`;
}

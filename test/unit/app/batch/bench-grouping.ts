/**
 * How long grouping failures by cause blocks its thread: at once, as it was, and in slices. A block is the CPU time of the
 * thread in which no other task had its turn, so that other programs on the machine do not count; over several runs.
 */
import Table from 'cli-table3';
import { groupFailures } from '../../../../src/app/batch/failure-groups.ts';
import { inSlices } from '../../../../src/app/in-slices.ts';
import { atOnce } from '../../../../src/core/steps.ts';
import { plantedFailures } from '../../../helpers/planted-failures.ts';

const RUNS = 9;

if (import.meta.main) await bench();

async function bench(): Promise<void> {
  const table = new Table({
    style: { head: [], border: [] },
    head: ['failures', 'way', 'whole, median CPU ms', 'longest block, median', 'longest block, worst'],
  });
  for (const count of [1_000, 10_000, 50_000]) {
    const failures = plantedFailures(count).map(({ failure }) => failure);
    for (const [way, group] of [
      ['at once', async () => atOnce(groupFailures(failures))],
      ['in slices', () => inSlices(groupFailures(failures))],
    ] as const) {
      const wholes: number[] = [];
      const blocks: number[] = [];
      for (let run = 0; run < RUNS; run += 1) {
        const started = cpuMs();
        blocks.push(await longestBlock(group));
        wholes.push(cpuMs() - started);
      }
      table.push([count, way, median(wholes), median(blocks), Math.round(Math.max(...blocks))]);
    }
  }
  console.log(table.toString());
}

/** @returns CPU time of this thread so far */
function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** @returns CPU ms */
async function longestBlock(work: () => Promise<unknown>): Promise<number> {
  let [last, longest, isRunning] = [cpuMs(), 0, true];
  const tick = (): void => {
    const now = cpuMs();
    longest = Math.max(longest, now - last);
    last = now;
    if (isRunning) setImmediate(tick);
  };
  setImmediate(tick);
  await work();
  isRunning = false;
  return Math.max(longest, cpuMs() - last);
}

function median(values: readonly number[]): number {
  return Math.round(values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0);
}

/**
 * How much of a limit the deployed stack uses, with ten invocations at once, on the emulator: `npm run bench:pace-cloud`.
 *   --minutes 4     of each limit, of which the second half is measured
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { limitFound } from '../../src/core/stack/pace.ts';
import { PipelineCloud } from '../helpers/deployed-pipeline.ts';

const LIMITS = [2, 10, 30];
const TEN = { MaximumConcurrency: '10', MaximumBatchingWindow: '0' };

if (import.meta.main) await bench();

async function bench(): Promise<void> {
  const { values } = parseArgs({ options: { minutes: { type: 'string', default: '4' } } });
  const seconds = 60 * Number(values.minutes);
  const table = new Table({
    style: { head: [], border: [] },
    head: ['limit/s', 'used', '429s', 'limit found/s'],
  });
  for (const limit of LIMITS) table.push(await measure(limit, seconds));
  console.log(table.toString());
}

async function measure(limit: number, seconds: number): Promise<string[]> {
  const cloud = await PipelineCloud.start('bench-pace');
  try {
    const { ittybit, services } = cloud.cloud;
    // More in flight would wait for slots, and less could not use the limit.
    const parameters = { ...TEN, BatchSize: limit > 10 ? '10' : '5' };
    const pipeline = await cloud.deploy('media-batch-pace', { parameters });
    ittybit.rateLimit.set({ requestsPerSecond: limit, burst: Math.max(1, limit / 2) });
    const count = Math.ceil((limit * seconds * 1.2) / 10) * 10;
    for (let from = 0; from < count; from += 10) {
      const keys = Array.from({ length: 10 }, (_, i) => `pace/${from + i}.mp4`);
      await pipeline.send(...keys.map((key) => JSON.stringify({ bucket: 'film-archive', key })));
    }
    const now = () => ({
      atMs: performance.now(),
      jobs: ittybit.book.jobs.length,
      refused: ittybit.book.answers().get(429) ?? 0,
    });
    await sleep((seconds * 1000) / 2);
    const before = now();
    await sleep((seconds * 1000) / 2);
    const after = now();
    const { pace } = await services.dispatch.readPaced(pipeline.outputs);
    const jobs = after.jobs - before.jobs;
    const refused = after.refused - before.refused;
    const used = jobs / (limit * ((after.atMs - before.atMs) / 1000));
    const row = [
      limit,
      percent(used),
      percent(refused / (jobs + refused)),
      limitFound(pace)?.toFixed(1) ?? 'none',
    ];
    console.log(row.join('  '));
    return row.map(String);
  } finally {
    await cloud.stop();
  }
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

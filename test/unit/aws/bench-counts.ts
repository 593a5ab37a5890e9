/**
 * How the counts of one batch bear load: transitions through the real ledger, in a model of DynamoDB whose transactions
 * hold their items for 12 ms. One line for each rate and each number of items that the counts are spread over.
 */
import Table from 'cli-table3';
import { COUNT_SHARDS } from '../../../src/core/batch/table-keys.ts';
import { endFiles } from '../../helpers/count-load.ts';

const SECONDS = 20;

if (import.meta.main) await bench();

async function bench(): Promise<void> {
  const table = new Table({
    style: { head: [], border: [] },
    head: ['transitions/s', 'count items', 'transitions', 'conflicts', 'given up', 'median ms', 'slowest ms'],
  });
  for (const perSecond of [100, 250, 500, 1000]) {
    for (const shards of [8, COUNT_SHARDS]) {
      const outcome = await endFiles({ perSecond, seconds: SECONDS, shards, seed: 1 });
      const { transitions, conflicts, givenUp, median, slowest } = outcome;
      table.push([
        perSecond,
        shards,
        transitions,
        conflicts,
        givenUp,
        Math.round(median),
        Math.round(slowest),
      ]);
    }
  }
  console.log(table.toString());
}

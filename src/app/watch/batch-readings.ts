import pMap from 'p-map';
import type { BatchMeta, BatchRecord } from '../../core/batch/batch.ts';
import type { BatchStore } from '../../core/batch/batch-store.ts';
import { DEFAULT_BATCH } from '../../core/batch/queue-message.ts';
import type { StackOutputs } from '../../core/stack/stack-contract.ts';
import { sum } from '../batch/batch-progress.ts';
import type { BatchMemory } from './batch-memory.ts';
import type { ReadPart } from '../stack/pipeline-snapshot.ts';
import type { ReadMode } from './part-memory.ts';

/** How many of the newest batches are watched. */
const NEWEST = 25;
/** Queries under way at once. */
const QUERIES = 8;

export interface BatchReading {
  readonly mode: ReadMode;
  readonly readPart: ReadPart<'batches'>;
  /** epoch ms */
  readonly now: () => number;
  /** called for each batch that was read */
  readonly onAnswer: () => void;
}

/**
 * Reads the newest 25 batches: a query for their list, and one for each that may have changed.
 * @returns newest first; `default` holds bare messages, has no meta, and comes last where there are any
 */
export async function readBatches(
  { resultsTable }: StackOutputs,
  store: BatchStore,
  memory: BatchMemory,
  { mode, readPart, now, onAnswer }: BatchReading,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, BatchRecord>> {
  const { value: items } = await readPart('batches', () => newest(store, resultsTable, signal));
  const metas = new Map(items.map((meta) => [meta.batch, meta]));
  const ids = [...metas.keys(), DEFAULT_BATCH];
  const due = memory.due(ids, mode, now());
  const records = await pMap(
    ids,
    async (batch): Promise<[string, BatchRecord]> => {
      const known = due.has(batch) ? undefined : memory.get(batch);
      if (known) return [batch, known];
      const record = await store.read(resultsTable, batch, signal);
      onAnswer();
      return [batch, { ...record, meta: record.meta ?? metas.get(batch) }];
    },
    { concurrency: QUERIES },
  );
  memory.note(new Map(records), now());
  return new Map(records.filter(([batch, record]) => batch !== DEFAULT_BATCH || holdsFiles(record)));
}

async function newest(
  store: BatchStore,
  table: string,
  signal: AbortSignal | undefined,
): Promise<readonly BatchMeta[]> {
  return (await store.list(table, { limit: NEWEST }, signal)).items;
}

function holdsFiles({ counts }: BatchRecord): boolean {
  return sum(Object.values(counts)) > 0;
}

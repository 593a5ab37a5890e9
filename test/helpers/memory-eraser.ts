import { zeroCounts, type BatchMeta, type BatchRecord, type CloudRun } from '../../src/core/batch/batch.ts';
import type { BatchEraser } from '../../src/core/batch/batch-eraser.ts';
import type { Cancelled } from '../../src/core/batch/brake.ts';
import type { ResultItem, Status } from '../../src/core/batch/result-item.ts';
import type { S3Location } from '../../src/core/files/s3-location.ts';
import type { Page, PageRequest } from '../../src/core/page.ts';
import { awsError } from './fakes.ts';
import type { MemoryLedger } from './memory-ledger.ts';

/** The batches of a ledger in memory, with what they have sent, and how their records are deleted. */
export class MemoryEraser implements BatchEraser {
  readonly ledger: MemoryLedger;
  readonly metas = new Map<string, BatchMeta>();
  /** files that were sent, by batch; absent: those that have an item */
  readonly sent = new Map<string, number>();
  /** of batches that are enqueued in the cloud */
  readonly runs = new Map<string, CloudRun>();
  /** runs before each change; may throw, like a call that does not arrive, or change something first */
  before: (what: 'mark' | 'remove' | 'forget', of: string) => Promise<void> | void = () => undefined;

  constructor(ledger: MemoryLedger) {
    this.ledger = ledger;
  }

  async read(_table: string, batch: string): Promise<BatchRecord> {
    const counts = { ...zeroCounts(), ...this.ledger.counts.get(batch) };
    const counted = Object.values(counts).reduce((sum, count) => sum + count, 0);
    const sent = this.sent.get(batch) ?? counted;
    const run = this.runs.get(batch);
    const state = { shard: 0, lastKey: 'z', listed: sent, sent, skipped: {}, done: true };
    const checkpoint = { ...state, ...(run && { run }) };
    return { meta: this.metas.get(batch), checkpoints: [checkpoint], counts };
  }

  /** Newest change first, as the index lists them: what is deleted meanwhile does not shift the next page. */
  async results(
    _table: string,
    { batch, status }: { batch: string; status: Status },
    { limit, next }: PageRequest,
  ): Promise<Page<ResultItem>> {
    const placeOf = ({ updated_at, key }: ResultItem): string => `${updated_at} ${key}`;
    const found = [...this.ledger.items.values()]
      .filter((item) => item.batch === batch && item.status === status)
      .toSorted((a, b) => (placeOf(a) < placeOf(b) ? 1 : -1))
      .filter((item) => next === undefined || placeOf(item) < next);
    const items = found.slice(0, limit);
    const last = items.at(-1);
    return { items, next: last && found.length > limit ? placeOf(last) : undefined };
  }

  async resultsOf(_table: string, file: S3Location): Promise<readonly ResultItem[]> {
    return (await this.ledger.readSource(file)).items;
  }

  async mark(_table: string, batch: string, mark: Cancelled): Promise<void> {
    await this.before('mark', batch);
    const meta = this.metas.get(batch);
    if (!meta) throw awsError('conflict');
    const { disarmed = [], cancelled = mark, ...brake } = meta.brake ?? {};
    this.metas.set(batch, { deleting: mark, ...meta, brake: { ...brake, disarmed, cancelled } });
  }

  async remove(_table: string, item: ResultItem): Promise<boolean> {
    await this.before('remove', item.key);
    return this.ledger.remove(item);
  }

  async forget(_table: string, batch: string): Promise<void> {
    await this.before('forget', batch);
    this.metas.delete(batch);
    this.ledger.counts.delete(batch);
  }
}

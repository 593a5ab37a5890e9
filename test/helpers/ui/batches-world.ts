import assert from 'node:assert/strict';
import { zeroCounts, type BatchMeta, type BatchRecord } from '../../../src/core/batch/batch.ts';
import { DEFAULT_JOB_OPTIONS } from '../../../src/core/ittybit/job-options.ts';
import type { BatchStore } from '../../../src/core/batch/batch-store.ts';
import type { Page } from '../../../src/core/page.ts';
import type { ResultItem, Status } from '../../../src/core/batch/result-item.ts';
import { BatchesView } from '../../../src/ui/batches/batches-view.ts';
import { stackOf } from '../fake-stacks.ts';
import type { Answer } from './vscode-stub.ts';
import { fixture } from './ui-fixture.ts';

const CREATED = '2026-11-23T14:02:00.000Z';

/** @returns a batch that is enqueued */
export function meta(batch: string, prefix = '1999/'): BatchMeta {
  return {
    batch,
    bucket: 'film-archive',
    prefix,
    job: DEFAULT_JOB_OPTIONS,
    extensions: ['mov'],
    created_at: CREATED,
  };
}

/** @returns 50 files were sent, with these counts of those that were claimed */
export function record(
  batch: BatchMeta | undefined,
  counts: Partial<Record<Status, number>>,
  done = true,
): BatchRecord {
  const sent = 50;
  const checkpoint = { shard: 0, lastKey: 'x', listed: sent, sent, skipped: {}, done };
  return { meta: batch, checkpoints: batch ? [checkpoint] : [], counts: { ...zeroCounts(), ...counts } };
}

/** @returns a failed file of the batch `b1` */
export function item(key: string, change: Partial<ResultItem> = {}): ResultItem {
  return {
    bucket: 'film-archive',
    key,
    batch: 'b1',
    status: 'failed',
    kind: 'video',
    attempts: 1,
    run: 1,
    reference: 'r',
    created_at: CREATED,
    updated_at: CREATED,
    rev: 1,
    ...change,
  };
}

/** A table with some batches: it answers in pages and remembers what it was asked. */
export class BatchTable implements Pick<BatchStore, 'list' | 'read' | 'results'> {
  readonly asked: string[] = [];
  metas: readonly BatchMeta[] = [];
  records = new Map<string, BatchRecord>();
  items: readonly ResultItem[] = [];
  failure: Error | undefined;

  async list(_table: string, { limit, next }: { limit: number; next?: string | undefined }) {
    this.asked.push(`list ${next ?? ''}`);
    if (this.failure) throw this.failure;
    return page(this.metas, limit, next);
  }
  async read(_table: string, batch: string) {
    this.asked.push(`read ${batch}`);
    return this.records.get(batch) ?? record(undefined, {});
  }
  async results(
    _table: string,
    { status, from = 'newest' }: Parameters<BatchStore['results']>[1],
    { limit, next }: { limit: number; next?: string | undefined },
  ) {
    this.asked.push(`results ${status} ${next ?? ''}`);
    if (this.failure) throw this.failure;
    const found = this.items.filter((each) => each.status === status);
    return page(from === 'newest' ? found : found.toReversed(), limit, next);
  }
}

function page<Item>(items: readonly Item[], limit: number, next = '0'): Page<Item> {
  const start = Number(next);
  const end = start + limit;
  return { items: items.slice(start, end), next: end < items.length ? String(end) : undefined };
}

/** The Batches view over such a table. */
export function batchesWorld(change: (table: BatchTable) => void, answer?: Answer) {
  const table = new BatchTable();
  change(table);
  const made = fixture(answer, {
    existing: stackOf('UPDATE_COMPLETE'),
    services: { batches: table as unknown as BatchStore },
  });
  const batches = new BatchesView(made.ui);
  const tree = made.stub.treeViews.get('mediaBatch.batches');
  assert.ok(tree);
  return { ...made, table, batches, tree };
}

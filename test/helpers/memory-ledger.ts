import { zeroCounts } from '../../src/core/batch/batch.ts';
import type { Ledger, LedgerWrite, OutputOwner, SourceRecord } from '../../src/core/batch/ledger.ts';
import { STATUSES, type ResultItem, type Status } from '../../src/core/batch/result-item.ts';
import type { BatchFile } from '../../src/core/files/batch-file.ts';
import { s3Uri, type S3Location } from '../../src/core/files/s3-location.ts';

/** The results table in memory: a write holds all of its conditions or changes nothing. */
export class MemoryLedger implements Ledger {
  readonly items = new Map<string, ResultItem>();
  /** the owning batch, by source and work */
  readonly works = new Map<string, string>();
  readonly outputs = new Map<string, OutputOwner>();
  /** by batch; `submitting` is not counted */
  readonly counts = new Map<string, Record<Status, number>>();
  readonly writes: LedgerWrite[] = [];
  reads = 0;
  hasOldResults = false;
  /** runs before a write is looked at; may throw, like a table that cannot be written, or let others run */
  beforeWrite: (change: LedgerWrite) => void | Promise<void> = () => undefined;
  /** runs after a write; may throw, like a call whose answer is lost */
  afterWrite: (change: LedgerWrite) => void | Promise<void> = () => undefined;

  async read(file: BatchFile): Promise<ResultItem | undefined> {
    this.reads += 1;
    return this.items.get(idOf(file));
  }

  async readSource(file: S3Location): Promise<SourceRecord> {
    this.reads += 1;
    const source = `${s3Uri(file)} `;
    const owners = [...this.works].flatMap(([id, batch]): [string, string][] =>
      id.startsWith(source) ? [[id.slice(source.length), batch]] : [],
    );
    return {
      items: [...this.items.values()].filter((item) => s3Uri(item) === s3Uri(file)),
      owners: new Map(owners),
    };
  }

  async readOutput(address: string): Promise<OutputOwner | undefined> {
    this.reads += 1;
    return this.outputs.get(address);
  }

  async holdsOldResults(): Promise<boolean> {
    return this.hasOldResults;
  }

  async write(change: LedgerWrite): Promise<boolean> {
    await this.beforeWrite(change);
    if (!this.#holds(change)) return false;
    const { before, next, work, output } = change;
    this.writes.push(change);
    this.items.set(idOf(next), next);
    if (work) this.works.set(workId(next, work.work), work.owner);
    if (output) this.outputs.set(output.owner.address, output.owner);
    if (before?.status !== next.status) {
      this.#count(next.batch, next.status, 1);
      if (before) this.#count(next.batch, before.status, -1);
    }
    await this.afterWrite(change);
    return true;
  }

  /** Deletes an item that has not changed since it was read, and no longer counts it. */
  async remove(item: ResultItem): Promise<boolean> {
    if (this.items.get(idOf(item))?.rev !== item.rev) return false;
    this.items.delete(idOf(item));
    this.#count(item.batch, item.status, -1);
    return true;
  }

  /** Puts an item of before into the table, and counts it. */
  put(item: ResultItem): void {
    this.items.set(idOf(item), item);
    this.#count(item.batch, item.status, 1);
  }

  #holds({ before, next, work, output, unchanged = [] }: LedgerWrite): boolean {
    if (this.items.get(idOf(next))?.rev !== before?.rev) return false;
    if (work && this.works.get(workId(next, work.work)) !== work.from) return false;
    if (output && !sameOwner(this.outputs.get(output.owner.address), output.from)) return false;
    return unchanged.every((item) => this.items.get(idOf(item))?.rev === item.rev);
  }

  #count(batch: string, status: Status, by: number): void {
    const counts = this.counts.get(batch) ?? zeroCounts();
    if (status !== 'submitting') counts[status] += by;
    this.counts.set(batch, counts);
  }

  /** @returns the only item */
  get only(): ResultItem {
    const [item] = this.items.values();
    if (!item || this.items.size !== 1) throw new Error(`there are ${this.items.size} items`);
    return item;
  }

  /** @returns the counts of each batch as its items say them */
  recount(): Map<string, Record<Status, number>> {
    const counts = new Map<string, Record<Status, number>>();
    for (const { batch, status } of this.items.values()) {
      const own = counts.get(batch) ?? zeroCounts();
      if (status !== 'submitting') own[status] += 1;
      counts.set(batch, own);
    }
    return counts;
  }
}

function idOf(file: BatchFile): string {
  return `${file.batch} ${s3Uri(file)}`;
}

function workId(file: S3Location, work: string): string {
  return `${s3Uri(file)} ${work}`;
}

function sameOwner(one: OutputOwner | undefined, other: OutputOwner | undefined): boolean {
  return one?.batch === other?.batch && one?.key === other?.key && one?.bucket === other?.bucket;
}

/** @returns true when no count is below zero */
export function noneNegative(counts: Record<Status, number>): boolean {
  return STATUSES.every((status) => counts[status] >= 0);
}

type Item = Readonly<Record<string, unknown>>;

/** @returns an item's size in bytes (DynamoDB Developer Guide, "DynamoDB item sizes and formats") */
export function itemSize(item: Item): number {
  return Object.entries(item).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + valueSize(value),
    0,
  );
}

function valueSize(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (typeof value === 'boolean') return 1;
  // A byte for two digits, one more for the number, and one for its sign.
  if (typeof value === 'number') {
    return Math.ceil(String(Math.abs(value)).replace('.', '').length / 2) + 1 + (value < 0 ? 1 : 0);
  }
  if (value === undefined) throw new Error('DynamoDB has no undefined');
  // A list or a map takes 3 bytes, and 1 for each element.
  const parts = Object.entries(Object(value) as Item);
  const names = Array.isArray(value) ? 0 : parts.reduce((sum, [name]) => sum + Buffer.byteLength(name), 0);
  return parts.reduce((sum, [, part]) => sum + 1 + valueSize(part), 3 + names);
}

/** What a table's calls cost on demand (DynamoDB Developer Guide, "Read and write operations"). */
export class Capacity {
  /** write request units: 1 for each started kB, 2 in a transaction */
  write = 0;
  /** read request units: 1 for each started 4 kB of a strong read, half of it for another one */
  read = 0;

  /** A write in a transaction, with what it does to the index. */
  transact(before: Item | undefined, after: Item | undefined): void {
    const size = Math.max(itemSize(before ?? {}), itemSize(after ?? {}), 1);
    this.write += 2 * started(size, 1024);
    if (after) this.write += indexWrite(before ?? {}, after);
  }

  reads(items: readonly Item[], isConsistent: boolean): void {
    const size = items.reduce((sum, item) => sum + itemSize(item), 0);
    this.read += started(Math.max(size, 1), 4096) * (isConsistent ? 1 : 0.5);
  }
}

/** An item that moves in the index is deleted there and put again. */
function indexWrite(before: Item, after: Item): number {
  const isListed = [before, after].map(({ gsi1pk }) => gsi1pk !== undefined);
  const isMoved = before['gsi1pk'] !== after['gsi1pk'] || before['gsi1sk'] !== after['gsi1sk'];
  const [was, is] = [before, after].map((item) => started(itemSize(item), 1024));
  if (isListed[0] && isListed[1] && !isMoved) return Math.max(was ?? 0, is ?? 0);
  return (isListed[0] ? (was ?? 0) : 0) + (isListed[1] ? (is ?? 0) : 0);
}

function started(bytes: number, unit: number): number {
  return Math.ceil(bytes / unit);
}

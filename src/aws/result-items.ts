import { STATUSES, type HistoryEntry, type ResultItem, type Status } from '../core/result-item.ts';

type Item = Readonly<Record<string, unknown>>;

/**
 * Reads a file's item of the results table. People and other versions write to it too: an attribute that cannot be read
 * is left out.
 * @param item a plain item
 * @returns undefined where it does not say which file, which batch and which status
 */
export function readResult(item: Item): ResultItem | undefined {
  const { bucket, key, batch, updated_at } = item;
  const status = readStatus(item['status']);
  if (!isText(bucket) || !isText(key) || !isText(batch) || !isText(updated_at) || !status) return undefined;
  const texts = optional(item, isText, [
    'claim',
    'first_post_at',
    'job_id',
    'output_url',
    'error',
    'completed_at',
  ]);
  const numbers = optional(item, isAmount, ['lease_until_ms', 'duration_ms']);
  return {
    bucket,
    key,
    batch,
    status,
    kind: text(item['kind']),
    attempts: amount(item['attempts']),
    run: amount(item['run']),
    reference: text(item['reference']),
    ...texts,
    ...numbers,
    created_at: text(item['created_at']),
    updated_at,
    ...(Array.isArray(item['history']) && { history: item['history'].flatMap(readEntry) }),
    rev: amount(item['rev']),
  };
}

function readEntry(value: unknown): HistoryEntry[] {
  const entry = typeof value === 'object' && value !== null ? (value as Item) : {};
  const status = readStatus(entry['status']);
  const { at, error } = entry;
  if (!status || !isText(at)) return [];
  return [{ status, at, attempts: amount(entry['attempts']), ...(isText(error) && { error }) }];
}

function readStatus(value: unknown): Status | undefined {
  return STATUSES.find((status) => status === value);
}

/** @returns those of the attributes that are there and are what they should be */
function optional<Name extends string, Value>(
  item: Item,
  isValue: (value: unknown) => value is Value,
  names: readonly Name[],
): Partial<Record<Name, Value>> {
  const entries = names.flatMap((name) => {
    const value = item[name];
    return isValue(value) ? [[name, value] as const] : [];
  });
  return Object.fromEntries(entries) as Partial<Record<Name, Value>>;
}

function text(value: unknown): string {
  return isText(value) ? value : '';
}

function amount(value: unknown): number {
  return isAmount(value) ? value : 0;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isAmount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

import type { BatchFile } from '../files/batch-file.ts';
import type { HistoryEntry, ResultItem, Status } from './result-item.ts';

/** How long a POST may take to settle, in ms (ledger model, `settle`). */
export const SETTLE_MS = 15 * 60_000;

/** Waits of the reconciler, in ms. A test may shorten them. */
export interface Patience {
  /** the first look at a job whose callback is missing comes this long after the last news */
  readonly reconcileAfterMs: number;
  /**
   * A look-up that finds no job believes it only this long after the last POST: a request may still be on its way, and
   * a new job missing from the list (ledger model, `settle`). A message that meets a paused dispatch stays hidden as
   * long, because the mapping takes up to a minute to stop.
   */
  readonly settleMs: number;
}

/** The longest pause between two looks, in ms. */
export const MAX_PAUSE_MS = 6 * 3_600_000;

/**
 * The first entry and the latest ones are kept. With their errors they take at most 20 kB of an item's 400 kB
 * (DynamoDB, "Quotas").
 */
const HISTORY_ENTRIES = 20;
const HISTORY_ERROR_CHARACTERS = 300;

/** A change of some attributes; `undefined` removes one. */
export type Change = { readonly [Name in keyof ResultItem]?: ResultItem[Name] | undefined };

/**
 * A file's next state, with an entry in its history. A claim ends with it.
 * @param now epoch ms
 */
export function move(item: ResultItem, status: Status, change: Change, now: number): ResultItem {
  const next = edit(
    item,
    {
      status,
      claim: undefined,
      lease_until_ms: undefined,
      looks: undefined,
      cannot_tell: undefined,
      failure_class: undefined,
      ...change,
    },
    now,
  );
  // A claim keeps the item's error, but that error belongs to the attempt before.
  return { ...next, history: remember(next, status === 'submitting' ? undefined : next.error) };
}

/** Changes attributes of a file that stays in its state. */
export function edit(item: ResultItem, change: Change, now: number): ResultItem {
  const next = { ...item, ...change, updated_at: iso(now), rev: item.rev + 1 };
  const present = Object.entries(next).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present) as unknown as ResultItem;
}

/**
 * The reconciler's next look comes later each time.
 * @param most the longest pause, in ms
 */
export function later(
  item: ResultItem,
  { reconcileAfterMs }: Patience,
  now: number,
  most: number = MAX_PAUSE_MS,
): ResultItem {
  const looks = (item.looks ?? 0) + 1;
  const pause = Math.min(most, reconcileAfterMs * 2 ** Math.min(looks, 30));
  return { ...postponed(item, now + pause), looks };
}

/** Moves the reconciler's next look, and nothing that a user sees. @param at epoch ms */
export function postponed(item: ResultItem, at: number): ResultItem {
  return { ...item, next_look_at: iso(at), rev: item.rev + 1 };
}

/** @returns the state that a file's first move starts from; no table holds it */
export function firstItem({ batch, bucket, key }: BatchFile, now: number): ResultItem {
  const at = iso(now);
  const file = { batch, bucket, key, kind: '', attempts: 0, run: 1 };
  return { ...file, status: 'submitting', created_at: at, updated_at: at, rev: 0 };
}

/** @returns ISO 8601 */
export function iso(ms: number): string {
  return new Date(ms).toISOString();
}

function remember(next: ResultItem, error: string | undefined): HistoryEntry[] {
  const { status, attempts, updated_at: at, history = [] } = next;
  const entry = { status, at, attempts };
  // A claim that was accepted is one entry, not two: so the item of a usual file stays below 1 kB, one write unit.
  const isAccepted = status === 'submitted' && history.at(-1)?.status === 'submitting';
  const before = isAccepted ? history.slice(0, -1) : history;
  return [
    ...before.toSpliced(1, before.length + 1 - HISTORY_ENTRIES),
    error === undefined
      ? entry
      : { ...entry, error: error.slice(0, HISTORY_ERROR_CHARACTERS).toWellFormed() },
  ];
}

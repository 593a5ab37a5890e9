import type * as vscode from 'vscode';
import type { BatchRecord } from '../../core/batch/batch.ts';
import { isAbort, messageOf } from '../../core/errors.ts';
import { momentOf } from './file-row.ts';

type Counts = BatchRecord['counts'];

interface Known {
  readonly counts: string;
  /** ISO time; undefined where that could not be found */
  readonly at: string | undefined;
}

/** When the first of a batch's files that wait for another attempt is sent again: read once for each change of its counts. */
export class NextTries {
  readonly #read: (batch: string, signal: AbortSignal) => Promise<string | undefined>;
  readonly #known = new Map<string, Known>();

  /** @param read returns the soonest time of such a file in the table */
  constructor(read: (batch: string, signal: AbortSignal) => Promise<string | undefined>) {
    this.#read = read;
  }

  /**
   * @param onFailure gets a sentence; without the time, the rows are complete
   * @returns an ISO time; undefined where no file waits, or where that is not known
   */
  async of(
    batch: string,
    counts: Counts,
    signal: AbortSignal,
    onFailure: (sentence: string) => void,
  ): Promise<string | undefined> {
    if (counts.retrying === 0) return undefined;
    const now = JSON.stringify(counts);
    const known = this.#known.get(batch);
    if (known?.counts === now) return known.at;
    try {
      const at = await this.#read(batch, signal);
      this.#known.set(batch, { counts: now, at });
      return at;
    } catch (error) {
      if (isAbort(error)) throw error;
      this.#known.set(batch, { counts: now, at: undefined });
      onFailure(`batch ${batch}: when the next try is due is not known: ${messageOf(error)}`);
      return undefined;
    }
  }
}

/**
 * @param at ISO time
 * @param now epoch ms
 * @returns such as `next try 14:05`; undefined without a time
 */
export function nextTryWords(
  vs: typeof vscode,
  at: string | undefined,
  now: number = Date.now(),
): string | undefined {
  if (at === undefined) return undefined;
  const { t } = vs.l10n;
  const moment = momentOf(vs, at, now);
  return moment === undefined ? t('next try is due') : t('next try {0}', moment);
}

import type { BatchFile } from '../../core/files/batch-file.ts';
import type { Ledger } from '../../core/batch/ledger.ts';
import type { ResultItem } from '../../core/batch/result-item.ts';
import { MediaBatchError } from '../../core/errors.ts';

/** After a lost race the change is decided anew, up to this many times; each loser means that another one has won. */
export const MAX_TRIES = 10;

/** The state that a change starts from, where it is known without a read. */
export interface KnownState {
  readonly item?: ResultItem | undefined;
  /** true: the first read may be a second old. Whether nothing changes is asked again, strongly */
  readonly eventually?: boolean;
}

/**
 * Reads a file's item, decides, and writes the next state under the condition that nothing has changed.
 * @param change the rule; it may be asked several times
 * @returns what was written, and the last state otherwise
 * @throws MediaBatchError `conflict` after 10 lost races, and whatever the ledger raises
 */
export async function changeItem(
  ledger: Ledger,
  file: BatchFile,
  change: (item: ResultItem | undefined) => ResultItem | undefined,
  { item: known, eventually = false }: KnownState = {},
): Promise<{ item: ResultItem | undefined; isChanged: boolean }> {
  let isSure = !eventually;
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const item = tries === 0 && known ? known : await ledger.read(file, !isSure);
    const next = change(item);
    if (next && (await ledger.write({ before: item, next }))) return { item: next, isChanged: true };
    if (!next && isSure && !(tries === 0 && known)) return { item, isChanged: false };
    isSure = true;
  }
  throw tooManyRaces();
}

/** @returns the error `conflict` of who has lost every race */
export function tooManyRaces(): MediaBatchError {
  return new MediaBatchError('conflict', 'The file changes too often at the same time: try again.');
}

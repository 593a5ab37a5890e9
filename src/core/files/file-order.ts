import type { Steps } from '../steps.ts';
import type { SizedFile } from './common-traits.ts';
import { foldLetters } from './letter-forms.ts';

export const FILE_ORDERS = ['newest', 'name', 'size'] as const;
export type FileOrder = (typeof FILE_ORDERS)[number];

/** How a list of files is shown. */
export interface Arrangement {
  readonly order: FileOrder;
  /** part of a key, in any case and Unicode form; empty: all files */
  readonly text: string;
}

/** As the results table lists files: all of them, the newest first. */
export const AS_READ: Arrangement = { order: 'newest', text: '' };

/** @returns says whether a file's key has this part */
export function keyFits(text: string): (key: string) => boolean {
  const sought = foldLetters(text);
  return (key) => sought === '' || foldLetters(key).includes(sought);
}

/**
 * @param items the newest first
 * @param fileOf undefined for what is no file, which no text fits and which comes last
 * @returns those that fit; by name as S3 lists them, by size the largest first and those of unknown size last
 */
export function* arranged<Item>(
  items: readonly Item[],
  { order, text }: Arrangement,
  fileOf: (item: Item) => SizedFile | undefined,
): Steps<readonly Item[]> {
  const fits = keyFits(text);
  const fitting: { readonly item: Item; readonly key: string | undefined; readonly size: number }[] = [];
  for (const item of items) {
    const file = fileOf(item);
    if (text === '' || (file && fits(file.key))) {
      fitting.push({ item, key: file?.key, size: file?.size ?? -1 });
    }
    yield;
  }
  if (order === 'size') fitting.sort((a, b) => b.size - a.size);
  if (order === 'name') fitting.sort((a, b) => byKey(a.key, b.key));
  return fitting.map(({ item }) => item);
}

function byKey(a: string | undefined, b: string | undefined): number {
  if (a === b) return 0;
  if (a === undefined || b === undefined) return a === undefined ? 1 : -1;
  return a < b ? -1 : 1;
}

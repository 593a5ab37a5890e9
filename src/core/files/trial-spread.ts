import { sizeClassOf } from './common-traits.ts';
import { keyParts } from './key-parts.ts';
import type { S3Object } from './bucket-store.ts';

/** A file that can be tried before the others. */
export type TrialFile = Pick<S3Object, 'key' | 'size'>;

/** Most files of one trial. */
export const MAX_TRIAL = 25;
/** Of an extension and a size class so many folders are kept. */
const FOLDERS = 8;

/**
 * Keeps few of a listing's files, from which a spread can be picked: of each extension and size class some that lie in
 * different folders, and as many as one trial takes. It does not grow with the listing.
 */
export class TrialPool {
  readonly #prefix: string;
  readonly #kept = new Map<string, { folders: Set<string>; files: TrialFile[]; beside: TrialFile[] }>();

  /** @param prefix the part that all keys begin with */
  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  add({ key, size }: TrialFile): void {
    const { extension, sizeClass, folder } = traitsOf({ key, size }, this.#prefix);
    const id = `${sizeClass} ${extension}`;
    const kept = this.#kept.get(id) ?? { folders: new Set(), files: [], beside: [] };
    this.#kept.set(id, kept);
    if (!kept.folders.has(folder) && kept.folders.size < FOLDERS) {
      kept.folders.add(folder);
      kept.files.push({ key, size });
    } else if (kept.beside.length < MAX_TRIAL) kept.beside.push({ key, size });
  }

  get files(): readonly TrialFile[] {
    return [...this.#kept.values()].flatMap(({ files, beside }) => [...files, ...beside]);
  }
}

/**
 * Picks files that differ: each next one has the extension that was picked least so far, among those the least picked
 * size class, then the least picked folder below the prefix, then the first key. So all extensions come before any
 * comes twice.
 * @returns at most `count` files, none twice; always the same ones of the same files, in whatever order those come
 */
export function spreadOf(files: readonly TrialFile[], count: number, prefix: string): TrialFile[] {
  const left = new Map(files.map((file) => [file.key, { file, ...traitsOf(file, prefix) }]));
  const picked = new Map<string, number>();
  const times = (trait: string): number => picked.get(trait) ?? 0;
  const spread: TrialFile[] = [];
  while (spread.length < count && left.size > 0) {
    const next = [...left.values()].reduce((best, other) => {
      const order =
        times(`.${other.extension}`) - times(`.${best.extension}`) ||
        times(other.sizeClass) - times(best.sizeClass) ||
        times(`/${other.folder}`) - times(`/${best.folder}`);
      return order < 0 || (order === 0 && other.file.key < best.file.key) ? other : best;
    });
    left.delete(next.file.key);
    spread.push(next.file);
    for (const trait of [`.${next.extension}`, next.sizeClass, `/${next.folder}`])
      picked.set(trait, times(trait) + 1);
  }
  return spread;
}

function traitsOf({ key, size }: TrialFile, prefix: string) {
  const rest = key.slice(prefix.length);
  const slash = rest.indexOf('/');
  return {
    extension: keyParts(key).ext.toLowerCase(),
    sizeClass: sizeClassOf(size),
    folder: slash < 0 ? '' : rest.slice(0, slash),
  };
}

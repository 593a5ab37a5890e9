import { keyParts } from './key-parts.ts';

interface OpenStem {
  readonly stem: string;
  /** the first key with this stem */
  readonly first: string;
}

/**
 * Finds the keys that differ only in their extension, in one pass over a listing. S3 lists keys by their bytes, so all
 * keys that begin with `a/clip.` come one after the other, but others may stand between two keys of one stem, as
 * `a/clip.b.mov` between `a/clip.avi` and `a/clip.mov`. So a stem stays open while its keys can still come. Each open
 * stem begins with the one before: memory grows with this nesting, at most the length of a key, never with the listing.
 * In another order than S3's some pairs are not found; a pair that is found is always one.
 */
export class OpenStems {
  readonly #open: OpenStem[] = [];

  /** @param packed what `pack` returned, to go on from there; anything else is no error and finds less */
  constructor(packed: readonly string[] = []) {
    let stem = '';
    for (let i = 0; i + 1 < packed.length; i += 2) {
      stem += packed[i] ?? '';
      this.#open.push({ stem, first: stem + (packed[i + 1] ?? '') });
    }
  }

  /** @returns the first key with the same stem; the key itself when it is the first */
  firstWithStem(key: string): string {
    const { stem } = keyParts(key);
    let last = this.#open.at(-1);
    while (last && !canHold(last, key)) {
      this.#open.pop();
      last = this.#open.at(-1);
    }
    if (last?.stem === stem) return last.first;
    this.#open.push({ stem, first: key });
    return key;
  }

  /**
   * @returns two texts for each open stem, outermost first: what it adds to the stem before, and the rest of its first
   * key. Together at most a key and 1,000 extensions, so a checkpoint can hold it.
   */
  pack(): string[] {
    return this.#open.flatMap(({ stem, first }, i) => [
      stem.slice(this.#open[i - 1]?.stem.length ?? 0),
      first.slice(stem.length),
    ]);
  }
}

/** @returns false once no later key can have the stem; `a/clip`, without an extension, sorts before `a/clip-2.mov` */
function canHold({ stem, first }: OpenStem, key: string): boolean {
  return key.startsWith(first === stem ? stem : `${stem}.`);
}

import { InvalidInputError } from '../errors.ts';
import type { Takes } from './glob-states.ts';

/** Limits of brace expansion: 256 patterns, 4,000 places in total. Each place costs one step per character of a key. */
const MAX_PATTERNS = 256;
const MAX_PLACES = 4000;

/** One place of a pattern: the end of a folder, a star, or a test of one character. */
export type Place = '/' | '*' | Takes;
export type Pattern = Place[];

/** The characters that `?` and `*` match. */
export const isInFolder: Takes = (char) => char !== '/';

/**
 * @param glob not negated
 * @returns its alternatives, with all braces expanded
 * @throws InvalidInputError `glob` for a pattern that is broken or has too many alternatives
 */
export function globPatterns(glob: string): Pattern[] {
  return new GlobReader(glob).patterns();
}

/** Reads a glob once, from its first to its last character, and expands its braces. */
class GlobReader {
  readonly #glob: string;
  readonly #chars: readonly string[];
  #at = 0;

  constructor(glob: string) {
    this.#glob = glob;
    this.#chars = Array.from(glob);
  }

  /** Reads to the end of the glob; inside braces, only to a comma or the closing brace, which is not consumed. */
  patterns(isInBraces = false): Pattern[] {
    let found: Pattern[] = [[]];
    for (let char = this.#peek(); char !== undefined; char = this.#peek()) {
      if (isInBraces && (char === ',' || char === '}')) break;
      this.#at += 1;
      if (char === '{') {
        const choices = this.#choices();
        this.#checkSize(found.length * choices.length, 0);
        found = found.flatMap((head) => choices.map((tail) => [...head, ...tail]));
      } else {
        const place = this.#place(char);
        for (const pattern of found) pattern.push(place);
      }
    }
    this.#checkSize(found.length, found.flat().length);
    return found;
  }

  #choices(): Pattern[] {
    const found = this.patterns(true);
    if (this.#peek() === '}') throw this.#broken('braces need a comma, as in {mov,mp4} (a range is [0-9])');
    while (this.#peek() === ',') {
      this.#at += 1;
      found.push(...this.patterns(true));
      this.#checkSize(found.length, 0);
    }
    if (this.#peek() === undefined) throw this.#broken('close every {');
    this.#at += 1;
    return found;
  }

  #place(char: string): Place {
    if (char === '*') return '*';
    if (char === '?') return isInFolder;
    if (char === '[') return this.#class();
    if ('(){}]'.includes(char)) throw this.#broken(`write \\${char} for this character itself`);
    const literal = char === '\\' ? this.#next('do not end with a single \\') : char;
    return literal === '/' ? '/' : (other) => other === literal;
  }

  #class(): Takes {
    const isNegated = this.#peek() === '!' || this.#peek() === '^';
    if (isNegated) this.#at += 1;
    const ranges: (readonly [from: number, to: number])[] = [];
    // POSIX: a closing bracket that comes first is one of the characters.
    do {
      const from = this.#member();
      const isRange = this.#peek() === '-' && this.#chars[this.#at + 1] !== ']';
      if (isRange) this.#at += 1;
      const to = isRange ? this.#member() : from;
      if (to < from) throw this.#broken('a range goes upwards, as in [a-z]');
      ranges.push([from, to]);
    } while (this.#peek() !== ']');
    this.#at += 1;
    return (char) => {
      const code = codeOf(char);
      return char !== '/' && ranges.some(([from, to]) => from <= code && code <= to) !== isNegated;
    };
  }

  #member(): number {
    const char = this.#next('close every [');
    return codeOf(char === '\\' ? this.#next('close every [') : char);
  }

  #peek(): string | undefined {
    return this.#chars[this.#at];
  }

  #next(hint: string): string {
    const char = this.#peek();
    if (char === undefined) throw this.#broken(hint);
    this.#at += 1;
    return char;
  }

  #checkSize(patterns: number, places: number): void {
    if (patterns > MAX_PATTERNS || places > MAX_PLACES)
      throw this.#broken('its braces have too many choices');
  }

  #broken(hint: string): InvalidInputError {
    return new InvalidInputError('glob', `"${this.#glob}" is not a glob: ${hint}.`);
  }
}

function codeOf(char: string): number {
  return char.codePointAt(0) ?? 0;
}

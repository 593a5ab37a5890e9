import { InvalidInputError } from '../errors.ts';
import { globPatterns, isInFolder, type Pattern, type Place } from './glob-patterns.ts';
import { accepts, type State } from './glob-states.ts';

/** UTF-16 units; longer than a pattern that a person writes. */
export const MAX_GLOB = 500;
type Segment = Exclude<Place, '/'>[];

const SLASH: State = { does: 'take', takes: (char) => char === '/' };
/** any number of folders, or a part of them */
const DEEP: State = { does: 'repeat', takes: () => true };

/**
 * Compiles a glob over S3 keys: `*` is any run within a folder, `?` one character, `**` as a whole segment any number
 * of folders, `[a-z]` and `[!a-z]` one character but no `/`, `{a,b}` either; a backslash escapes, a leading `!`
 * negates. These are the rules of shells, https://www.gnu.org/software/bash/manual/html_node/Pattern-Matching.html
 * (globstar, dotglob). But a key is not a path: case matters, and a leading dot, `..` and empty segments have no
 * special meaning. People compare letters: `é` is one letter however a system has written it (Unicode NFC or NFD).
 * @returns whether a key matches, in time proportional to its length; the empty key never does
 * @throws InvalidInputError `glob` for a pattern that is broken, too long, or has too many alternatives
 */
export function keyGlob(glob: string): (key: string) => boolean {
  const isNegated = glob.startsWith('!');
  const states = globStates((isNegated ? glob.slice(1) : glob).normalize());
  return (key) => key !== '' && accepts(states, key.normalize()) !== isNegated;
}

/**
 * @param glob as for `keyGlob`, without the leading `!`
 * @returns the machine for `accepts`
 * @throws InvalidInputError `glob`
 */
export function globStates(glob: string): State[] {
  if (glob === '' || glob.length > MAX_GLOB) {
    throw new InvalidInputError('glob', `A glob has 1 to ${MAX_GLOB} characters, such as reel-*.mov.`);
  }
  const machines = globPatterns(glob).map(patternStates);
  return machines.flatMap((machine, i): State[] => [
    ...(i < machines.length - 1 ? [{ does: 'fork', past: machine.length + 2 } as const] : []),
    ...machine,
    { does: 'accept' },
  ]);
}

function patternStates(pattern: Pattern): State[] {
  const segments = segmentsOf(pattern);
  const last = segments.length - 1;
  return segments.flatMap((segment, i): State[] => {
    // `**` also matches no segment at all, so the slash beside it belongs to it: `a/**` matches `a`.
    if (isDeep(segment) && i < last) return [{ does: 'fork', past: 3 }, DEEP, SLASH];
    if (isDeep(segment)) return i === 0 ? [DEEP] : [{ does: 'fork', past: 3 }, SLASH, DEEP];
    const states = segment.map((place): State =>
      place === '*' ? { does: 'repeat', takes: isInFolder } : { does: 'take', takes: place },
    );
    const hasSlash = i < last && !(i + 1 === last && isDeep(segments[last]));
    return hasSlash ? [...states, SLASH] : states;
  });
}

/** Splits a pattern into one or more segments. A `**` after a `**` adds nothing and is left out. */
function segmentsOf(pattern: Pattern): Segment[] {
  const segments: Segment[] = [[]];
  for (const place of pattern) {
    if (place === '/') segments.push([]);
    else segments.at(-1)?.push(place);
  }
  return segments.filter((segment, i) => !(isDeep(segment) && isDeep(segments[i - 1])));
}

function isDeep(segment: Segment | undefined): boolean {
  return segment?.length === 2 && segment.every((place) => place === '*');
}

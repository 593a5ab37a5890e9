import { s3Uri } from '../files/s3-location.ts';
import type { BatchFile } from '../files/batch-file.ts';
import type { Steps } from '../steps.ts';

/** Stands for what differs from file to file. */
export const GAP = '…';
/** A reason is normalised up to this many characters; Ittybit's longest real ones have about 300. */
const MOST = 1000;

/**
 * Takes a file's own names out of a reason.
 * @param reason Ittybit's or our words about one file
 * @returns the reason with `*` in place of each name
 */
export function withoutNames(reason: string, file: BatchFile): string {
  const name = file.key.slice(file.key.lastIndexOf('/') + 1);
  const stem = name.replace(/\.[^.]*$/, '');
  const folder = file.key.slice(0, file.key.length - name.length);
  // A stem alone can be a word of the reason, such as "video"; an output repeats it after a slash.
  const own = [s3Uri(file), file.key, `${folder}${stem}`, `/${name}`, `/${stem}`, name]
    .filter((part) => part.includes('/') || part.includes('.'))
    .flatMap((part) => [
      part,
      ...[encodeURI, encodeURIComponent].map((encode) => encode(part.toWellFormed())),
    ]);
  let text = reason;
  for (const part of own.filter(({ length }) => length > 1)) {
    text = text.replaceAll(part, part.startsWith('/') ? '/*' : '*');
  }
  return text;
}

const URLS = /\b[a-z][a-z0-9+.-]{0,15}:\/\/[^\s"'`<>]+/gi;
/** Other things that differ from file to file, in the order in which they are taken out. */
const VARIABLE: readonly RegExp[] = [
  /\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi,
  /\b\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?/g,
  // A quote inside a word is an apostrophe.
  /(?<!\w)"[^"]*"|(?<!\w)'[^']*'(?!\w)|`[^`]*`|“[^”]*”|«[^»]*»/g,
  /\b(?:job|req|request|task|trace|media|file|upload|conn|id)_\w+/gi,
];

/** A number that is neither the status of an answer, an exit code, nor part of a word such as `h264`. */
const NUMBER =
  /(?<!\b(?:HTTP(?:\/\d(?:\.\d)?)?|status(?: code)?|code)[ :=]*\d*|[A-Za-z_]\d*)\d+(?:[.,:]\d+)*/gi;
/** The status of an answer, with the words that make it one. */
const STATUS = /\b(?:HTTP(?:\/\d(?:\.\d)?)?|status(?: code)?)[ :=]*[1-5]\d\d\b/gi;

/**
 * The words of a reason that are the same for all files with this cause.
 * @param reason anything
 * @param file the file that it is about; undefined where that is not known
 * @returns the reason without names, addresses, ids, quoted parts and numbers, each of which is `…`; a status of HTTP stays
 */
export function causeWords(reason: string, file: BatchFile | undefined): string {
  const short = reason.slice(0, MOST);
  const named = (file ? withoutNames(short, file) : short)
    .replace(URLS, GAP)
    .replace(/[\w./*-]+/g, (path) => (path.includes('*') ? GAP : path));
  // A status stays as it is, and the text around each one is worked on.
  const statuses = named.match(STATUS) ?? [];
  return named
    .split(STATUS)
    .map((part, index) => withoutVariable(part) + (statuses[index] ?? ''))
    .join('')
    .replace(/\s+/g, ' ')
    .replace(/…(?:[\s,;:/_-]*…)+/g, GAP)
    .trim();
}

function withoutVariable(text: string): string {
  let rest = text;
  for (const pattern of VARIABLE) rest = rest.replace(pattern, GAP);
  return rest.replace(/[\w+=-]+/g, (word) => (isId(word) ? GAP : word)).replace(NUMBER, GAP);
}

/** Names of codecs and formats have up to three digits, in one row. */
function isId(word: string): boolean {
  const digits = word.match(/\d+/g) ?? [];
  const isMixed = word.length >= 12 && digits.length > 0 && /[a-z]/.test(word) && /[A-Z]/.test(word);
  return digits.join('').length >= 4 || digits.length >= 3 || isMixed;
}

/** Words with so few files each, in the same place of the same sentence, are names or ids rather than causes … */
const RARE = 2;
/** … where there are at least this many of them. */
const VARIANTS = 5;
/** A sentence may have this many such places. */
const PLACES = 4;

/**
 * Finds names and ids that no pattern knows: words that differ in one place of sentences that are otherwise the same.
 * @param counts how many files have each sentence, as `causeWords` returns them
 * @returns the sentence that each of them belongs to
 */
export function* mergedCauses(counts: ReadonlyMap<string, number>): Steps<ReadonlyMap<string, string>> {
  const merged = new Map([...counts.keys()].map((words) => [words, words]));
  let present = new Map(counts);
  for (let place = 0; place < PLACES; place += 1) {
    const moved = yield* oneRound(present);
    if (moved.size === 0) break;
    for (const [words, last] of merged) merged.set(words, moved.get(last) ?? last);
    const next = new Map<string, number>();
    for (const [words, count] of present) {
      const to = moved.get(words) ?? words;
      // Many rare names together are still rare in their other places.
      next.set(to, Math.max(next.get(to) ?? 0, count));
    }
    present = next;
  }
  return merged;
}

function* oneRound(counts: ReadonlyMap<string, number>): Steps<ReadonlyMap<string, string>> {
  const variants = new Map<string, string[]>();
  for (const [words, count] of counts) {
    if (count > RARE) continue;
    for (const form of formsOf(words)) {
      const those = variants.get(form) ?? [];
      those.push(words);
      variants.set(form, those);
    }
    yield;
  }
  const moved = new Map<string, string>();
  const largest = [...variants].filter(([, those]) => those.length >= VARIANTS);
  for (const [form, those] of largest.sort(([, a], [, b]) => b.length - a.length)) {
    for (const words of those) if (words !== form && !moved.has(words)) moved.set(words, form);
    yield;
  }
  return moved;
}

/** @returns the sentence with a gap in place of each of its words in turn */
function formsOf(words: string): string[] {
  const parts = words.split(' ');
  if (parts.length < 2) return [];
  return parts.map((_, index) => parts.with(index, GAP).join(' '));
}

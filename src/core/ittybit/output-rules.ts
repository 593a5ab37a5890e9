import type { JobKind } from './job-kind.ts';
import { KIND_RULES, possibleFormats, type FormatRule, type KindOptions } from './option-rules.ts';
import { BUCKET_NAME } from '../files/s3-location.ts';

/**
 * A rule for output addresses: a regular expression in JSON Schema's dialect, and the words that follow "The output".
 */
export interface OutputRule {
  readonly pattern: string;
  readonly says: string;
}

/** What an output address can have in braces, as alternatives of a regular expression; `outputFor` fills them. */
export const PLACEHOLDERS = 'key|stem|ext|bucket';

/** The rules for every kind of job, in the order in which they are checked. */
export const OUTPUT_RULES: readonly OutputRule[] = [
  {
    pattern: `^s3://${BUCKET_NAME}/.`,
    says: 'must be an S3 address such as "s3://bucket/out/{key}.mp4"',
  },
  {
    pattern: '^[^?#\\p{Cc}\\p{Cs}]*$',
    says: 'must have no "?", "#" or control character: it is an address without a query',
  },
  {
    // A reader that takes it as a URL resolves "a/../b" to "b"; the results table would name another address.
    pattern: '^s3://[^/]*(/(?!\\.\\.?(/|$))[^/]*)*$',
    says: 'can have no folder "." or "..": name the folder itself',
  },
  {
    // Ittybit documents no encoding: "%7Bdate%7D" may be read as {date}.
    pattern: '^([^%]|%(?![0-9A-Fa-f]{2}))*$',
    says: 'can have no escaped character such as "%20": write the character itself',
  },
  {
    // Its guide "Organize output with path templates" names {date} and {filename}; the stored copy is cut before it ends.
    pattern: `^([^{}]|\\{(${PLACEHOLDERS})\\})*$`,
    says: 'can have braces only as {key}, {stem}, {ext} and {bucket}: Ittybit replaces others, such as {date}, with its own text',
  },
  {
    pattern: '\\{(key|stem)\\}',
    says: 'needs {key} or {stem}, or every file would overwrite the one before',
  },
  {
    // "{stem}{ext}" is "clipmts" for clip.mts and for clipm.ts. Between two signs that no extension has, it is one only.
    pattern: '^(?!.*([\\p{L}\\p{N}}]\\{ext\\}|\\{ext\\}[\\p{L}\\p{N}{]))',
    says: 'needs a sign such as "/", "." or "-" before and after {ext}, or two files could share one address',
  },
];

/** @returns how an output must end so that its extension fits the file's format */
export function endingRule(kind: JobKind, options: KindOptions): OutputRule {
  const names = possibleFormats(kind, options);
  const rules = names.flatMap((name) => KIND_RULES[kind].formats[name] ?? []);
  const extensions = [...new Set(rules.flatMap((rule) => rule.extensions))];
  const endings = [`[^/]\\.(${extensions.map(inAnyCase).join('|')})`, ...(rules.some(isFolder) ? ['/'] : [])];
  const words = [...(rules.some(isFolder) ? ['/'] : []), ...extensions.map((extension) => `.${extension}`)];
  return {
    pattern: `(${endings.join('|')})$`,
    says: `must end in ${words.join(' or ')}: the job is ${kind}, the format ${names.join(' or ')}`,
  };
}

/** @returns an example of an output address for this job: no two files in any buckets share it */
export function exampleOutput(kind: JobKind, options: KindOptions): string {
  const [name = ''] = possibleFormats(kind, options);
  const rule = KIND_RULES[kind].formats[name];
  const ending = rule && isFolder(rule) ? '/' : `.${rule?.extensions[0] ?? ''}`;
  return `s3://results/{bucket}/{key}${ending}`;
}

function isFolder({ folder = false }: FormatRule): boolean {
  return folder;
}

/** Writes `mp4` as `[mM][pP]4`, because JSON Schema has no flag to ignore case. */
function inAnyCase(word: string): string {
  return word.replace(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);
}

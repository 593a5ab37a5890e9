import type { Steps } from '../steps.ts';
import { prefixUri, type S3Location } from './s3-location.ts';

/** A file as far as its traits show: its place, and its size in bytes where that is known. */
export interface SizedFile extends S3Location {
  readonly size?: number | undefined;
}

/** Sizes that people tell apart, in powers of 1,000. */
export const SIZE_CLASSES = ['empty', 'below-1-mb', 'below-100-mb', 'below-2-gb', 'over-2-gb'] as const;
export type SizeClass = (typeof SIZE_CLASSES)[number];

/** The smallest size above each class, in bytes. */
const BOUNDS: readonly (readonly [SizeClass, number])[] = [
  ['empty', 1],
  ['below-1-mb', 1e6],
  ['below-100-mb', 1e8],
  ['below-2-gb', 2e9],
];

/** What `count` of the files share. */
export interface Trait<Value> {
  readonly value: Value;
  readonly count: number;
}

/** What most of some files have in common; a trait is absent where too few share it. */
export interface CommonTraits {
  /** lower case, with its dot */
  readonly extension?: Trait<string>;
  readonly size?: Trait<SizeClass>;
  /** the deepest folder, such as `s3://film-archive/1999/`, raw; never a whole bucket */
  readonly folder?: Trait<string>;
}

/** At least this part of the files shares a trait that is worth naming. */
const SHARE = 0.8;

/** @returns what at least 80 % of the files have in common; nothing for a single file */
export function* commonTraits(files: readonly SizedFile[]): Steps<CommonTraits> {
  if (files.length < 2) return {};
  const extension = yield* mostFrequent(files, ({ key }) => extensionOf(key));
  const size = yield* mostFrequent(files, (file) =>
    file.size === undefined ? undefined : sizeClassOf(file.size),
  );
  const folder = yield* deepestFolder(files);
  return { ...(extension && { extension }), ...(size && { size }), ...(folder && { folder }) };
}

function* mostFrequent<Value extends string>(
  files: readonly SizedFile[],
  valueOf: (file: SizedFile) => Value | undefined,
): Steps<Trait<Value> | undefined> {
  const counts = new Map<Value, number>();
  for (const file of files) {
    const value = valueOf(file);
    if (value !== undefined) counts.set(value, (counts.get(value) ?? 0) + 1);
    yield;
  }
  const [most] = [...counts].sort(([, a], [, b]) => b - a);
  if (!most || most[1] < files.length * SHARE) return undefined;
  return { value: most[0], count: most[1] };
}

function extensionOf(key: string): string | undefined {
  return /[^/](\.[^./]{1,16})$/.exec(key)?.[1]?.toLowerCase();
}

/** @param size bytes */
export function sizeClassOf(size: number): SizeClass {
  return BOUNDS.find(([, bound]) => size < bound)?.[0] ?? 'over-2-gb';
}

function* deepestFolder(files: readonly SizedFile[]): Steps<Trait<string> | undefined> {
  let deepest: Trait<string> | undefined;
  let inside = files;
  for (let length = 0; ;) {
    const folders = new Map<string, SizedFile[]>();
    for (const file of inside) {
      const end = file.key.indexOf('/', length);
      if (end >= 0) {
        const folder = prefixUri({ bucket: file.bucket, prefix: file.key.slice(0, end + 1) });
        const those = folders.get(folder) ?? [];
        those.push(file);
        folders.set(folder, those);
      }
      yield;
    }
    const [largest] = [...folders].sort(([, a], [, b]) => b.length - a.length);
    const [folder, those = []] = largest ?? [];
    const [first] = those;
    if (folder === undefined || !first || those.length < files.length * SHARE) return deepest;
    deepest = { value: folder, count: those.length };
    inside = those;
    length = first.key.indexOf('/', length) + 1;
  }
}

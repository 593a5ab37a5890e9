import type { S3Object } from './bucket-store.ts';
import {
  isInit,
  isPieceName,
  isSmallPiece,
  isSmallSource,
  reasonByName,
  streamName,
  type NoMaster,
} from './stream-names.ts';

/** HLS, DASH, Smooth Streaming, HDS. A plain `.m3u` is a list of music. */
const PLAYLISTS: ReadonlySet<string> = new Set(['m3u8', 'mpd', 'ism', 'isml', 'ismc', 'f4m']);
/** Beside a playlist these may be numbered songs. */
const MUSIC: ReadonlySet<string> = new Set(['m4a', 'mp3']);
/** Marks the folder of a project, whose sources may lie deeper; with the case that it has. */
export const PROJECT_FILES = ['tsconfig', 'package.json'];
const CODE =
  /^(?:(?:ts|js)config.*\.json|package\.json|deno\.jsonc?|.*\.(?:tsx|jsx|d\.ts|vue|svelte|mjs|cjs))$/;

/** More series than this in one folder are not counted. */
const MAX_SERIES = 1000;

/** What the folders above say. */
export interface Above {
  /** a folder above is that of a project in TypeScript */
  readonly inProject?: boolean;
  /** the folder above this one has a playlist, as where each rendition has a folder of its own */
  readonly belowPlaylist?: boolean;
}

interface Series {
  readonly count: number;
  readonly min: number;
  readonly max: number;
}

/**
 * What the other files of a folder say about a file: whether it is a piece of a stream, or a source text, and no master.
 * It keeps a few facts, however many files the folder has, and it does not matter in which order they come: a playlist may
 * follow its pieces.
 */
export class StreamFolder {
  #hasPlaylist = false;
  #hasFragments = false;
  #hasCode = false;
  #isProject = false;
  readonly #series = new Map<string, Series>();

  get hasPlaylist(): boolean {
    return this.#hasPlaylist;
  }

  /** whether a file of the folder marks it as that of a project */
  get isProject(): boolean {
    return this.#isProject;
  }

  /** Takes note of one file of the folder. */
  add({ key, size }: S3Object): void {
    const { stem, ext } = streamName(key);
    this.#hasPlaylist ||= PLAYLISTS.has(ext);
    this.#hasFragments ||= ext === 'm4s' || ext === 'cmfv' || isInit(stem, ext);
    const written = key.slice(key.lastIndexOf('/') + 1);
    this.#isProject ||= PROJECT_FILES.some((start) => written.startsWith(start));
    this.#hasCode ||= CODE.test(`${stem}.${ext}`);
    if (!isSmallPiece(ext, size)) return;
    const numbered = seriesOf(stem, ext);
    if (!numbered) return;
    const { name, number } = numbered;
    const series = this.#series.get(name);
    if (!series && this.#series.size >= MAX_SERIES) return;
    this.#series.set(name, {
      count: (series?.count ?? 0) + 1,
      min: Math.min(series?.min ?? number, number),
      max: Math.max(series?.max ?? number, number),
    });
  }

  /** @returns why a file of this folder is no master; undefined where it is one, as far as names and sizes can tell */
  reason(object: S3Object, { inProject = false, belowPlaylist = false }: Above = {}): NoMaster | undefined {
    const { stem, ext } = streamName(object.key);
    const { size } = object;
    if (ext === 'ts' && this.#hasPlaylist) return 'segment';
    const byName = reasonByName(object);
    if (byName) return byName;
    if ((this.#hasCode || inProject) && isSmallSource(ext, size)) return 'not-media';
    if (!isSmallPiece(ext, size)) return undefined;
    if (ext === 'ts' && belowPlaylist && seriesOf(stem, ext)) return 'segment';
    if (!this.#isInSeries(stem, ext)) return undefined;
    const isSure = ext === 'ts' || isPieceName(stem) || this.#hasFragments;
    return isSure || (this.#hasPlaylist && !MUSIC.has(ext)) ? 'segment' : undefined;
  }

  /** Pieces are numbered without large gaps. Two of them are a series only from 0 on: people begin with 1. */
  #isInSeries(stem: string, ext: string): boolean {
    const { count = 0, min = 0, max = 0 } = this.#series.get(seriesOf(stem, ext)?.name ?? '') ?? {};
    return (count >= 3 || (count === 2 && min === 0)) && max - min < count * 1.5;
  }
}

/** @returns the number at the end of a stem, and the name of all files that differ only in it; undefined for a date */
function seriesOf(stem: string, ext: string): { readonly name: string; readonly number: number } | undefined {
  const [digits = ''] = /\d{1,15}$/.exec(stem) ?? [];
  if (digits === '' || isDate(digits)) return undefined;
  return { name: `${stem.slice(0, -digits.length)}*.${ext}`, number: Number(digits) };
}

/** Recorders name their files by the day, or by the second: `20261126`, `20261126200000`. */
function isDate(digits: string): boolean {
  return /^(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:\d{4}|\d{6})?$/.test(digits);
}

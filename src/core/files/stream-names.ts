import type { S3Object } from './bucket-store.ts';
import { keyParts } from './key-parts.ts';

/** Why a file that has a media file's extension is no master. */
export type NoMaster = 'segment' | 'not-media';

/** Largest piece of a stream, in bytes: 10 s at 50 Mbit/s. A larger file is a recording, however it is numbered. */
const MAX_PIECE = 64 * 1024 * 1024;
/** Largest source text in TypeScript, in bytes; a second of video in broadcast quality is larger. */
const MAX_SOURCE = 1024 * 1024;

/** What HLS (RFC 8216) and DASH cut a film into. `mts` and `m2ts` are not among them: cameras number their masters so. */
const PIECES: ReadonlySet<string> = new Set([
  ...['ts', 'mp4', 'm4v', 'm4a', 'webm', 'aac', 'mp3', 'ac3', 'ec3'],
  ...['m4s', 'm4f', 'cmfv', 'cmfa'],
]);
/** Extensions that only pieces have. */
const ONLY_PIECES: ReadonlySet<string> = new Set(['m4s', 'm4f', 'cmfv', 'cmfa']);
const SOURCES: ReadonlySet<string> = new Set(['ts', 'mts', 'cts']);

/** `seg_00001`, `segment-12-v1-a1`, `chunk-stream0-00001`, `fileSequence3`; not `News segment 2`. */
const PIECE_NAME = /(?:^|[^a-z])(?:seg(?:ment)?|chunk|frag(?:ment)?|filesequence)(?:[-_.][a-z]+)?[-_.]?\d/;
/** The head of a stream in fragments: `init`, `init-stream0`, `1080p_init`. */
const INIT_NAME = /(?:^|[-_.\d])init(?:[-_.\d]|$)/;

/** Names of source files, by what stands before the extension. */
const SOURCE_NAME =
  /(?:^(?:index|main|app|server|types|utils|constants|setup)|\.(?:d|test|spec|e2e|e2e-spec|cy|bench|stories|config|component|module|service|directive|pipe|guard|types))$/;
const SOURCE_FOLDERS = /(?:^|\/)(?:node_modules|src|@types|__tests__|scripts)\//;

/** The parts of a name that the rules look at, in lower case. */
export interface StreamName {
  /** without the extension */
  readonly stem: string;
  readonly ext: string;
}

/** @returns the name of a key, which is what follows its last `/` */
export function streamName(key: string): StreamName {
  const { stem, ext } = keyParts(key.toLowerCase());
  return { stem: stem.slice(stem.lastIndexOf('/') + 1), ext };
}

/** @returns whether a file may be a piece of a stream, or a source text: only then its folder has to be looked at */
export function mayBeNoMaster({ key, size }: S3Object): boolean {
  const { stem, ext } = streamName(key);
  if (ext === 'ts' || ONLY_PIECES.has(ext)) return true;
  if (SOURCES.has(ext)) return size <= MAX_SOURCE;
  return isSmallPiece(ext, size) && (/\d$/.test(stem) || PIECE_NAME.test(stem) || isInit(stem, ext));
}

/** @returns what the name alone says, undefined where its folder decides */
export function reasonByName({ key, size }: S3Object): NoMaster | undefined {
  const { stem, ext } = streamName(key);
  if (ONLY_PIECES.has(ext)) return 'segment';
  if (SOURCES.has(ext)) {
    if (stem.endsWith('.d')) return 'not-media';
    const isNamed = SOURCE_NAME.test(stem) || SOURCE_FOLDERS.test(key.toLowerCase());
    if (isNamed && size <= MAX_SOURCE) return 'not-media';
  }
  if (!isSmallPiece(ext, size)) return undefined;
  if (isInit(stem, ext)) return 'segment';
  // Three digits: in other containers than MPEG-TS a master may well be called `segment 1`.
  return PIECE_NAME.test(stem) && (ext === 'ts' || /\d{3}/.test(stem)) ? 'segment' : undefined;
}

/** @returns whether the name is that of a piece, with its number */
export function isPieceName(stem: string): boolean {
  return PIECE_NAME.test(stem);
}

/** @returns whether the file is the head of a stream in fragments */
export function isInit(stem: string, ext: string): boolean {
  return ext !== 'ts' && PIECES.has(ext) && INIT_NAME.test(stem);
}

/** @returns whether the file can be a piece of a stream by its extension and its size in bytes */
export function isSmallPiece(ext: string, size: number): boolean {
  return PIECES.has(ext) && size <= MAX_PIECE;
}

/** @returns whether the file can be a source text in TypeScript by its extension and its size in bytes */
export function isSmallSource(ext: string, size: number): boolean {
  return SOURCES.has(ext) && size <= MAX_SOURCE;
}

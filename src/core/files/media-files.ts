import { InvalidInputError } from '../errors.ts';
import type { ListFlaw, S3Object } from './bucket-store.ts';
import { keyParts } from './key-parts.ts';
import { isSidecar } from './sidecars.ts';
import type { NoMaster } from './stream-names.ts';

/**
 * Why an object was not enqueued. `not-utf8`: its key cannot be named; `sidecar`: see isSidecar; `segment`: a piece of a
 * stream, see StreamFolder; `archived`: it cannot be read now; `filtered`: it does not fit the FileFilter; `braces`,
 * `output-folder`, `output-length`: its output address cannot be used (see OutputProblem); `same-output`: an earlier
 * file of the listing has the same output address; `done`: see `not_yet_done`; `bad-line`, `other-bucket`, `repeated`,
 * `missing`: see ListFlaw.
 */
export type SkipReason =
  | ListFlaw
  | 'not-utf8'
  | 'folder-marker'
  | 'empty'
  | 'not-media'
  | 'sidecar'
  | 'segment'
  | 'archived'
  | 'filtered'
  | 'braces'
  | 'output-folder'
  | 'output-length'
  | 'same-output'
  | 'done';

/** Classes whose objects cannot be read before they are restored (S3 API, `InvalidObjectState`). */
const ARCHIVED = ['GLACIER', 'DEEP_ARCHIVE'];

export interface FileRules {
  /** the folders of the chosen prefix, up to its last `/` */
  readonly folder?: string;
  /** further conditions on a media file */
  readonly isWanted?: (object: S3Object) => boolean;
  /** what the folder of a media file says about it */
  readonly inFolder?: ((object: S3Object) => NoMaster | undefined) | undefined;
  /** epoch ms; absent: the present */
  readonly now?: number;
}

/**
 * Decides whether one listed object is enqueued.
 * @param extensions lower case, without the dot
 * @returns why it is skipped, undefined where it is enqueued
 */
export function skipReason(
  object: S3Object,
  extensions: ReadonlySet<string>,
  { folder, isWanted = () => true, inFolder = () => undefined, now = Date.now() }: FileRules = {},
): SkipReason | undefined {
  const { key, size, flaw } = object;
  if (flaw) return flaw;
  if (key === '') return 'not-utf8';
  if (key.endsWith('/')) return 'folder-marker';
  if (!extensions.has(keyParts(key).ext.toLowerCase())) return 'not-media';
  if (isSidecar(key, folder)) return 'sidecar';
  if (size === 0) return 'empty';
  // Before `archived`: a file that is not wanted need not be restored.
  if (!isWanted(object)) return 'filtered';
  return inFolder(object) ?? (isArchived(object, now) ? 'archived' : undefined);
}

/**
 * An object in an archive tier of INTELLIGENT_TIERING is not known by its listing, unless it is being restored.
 * @returns whether the object cannot be read at a moment in epoch ms
 */
function isArchived({ storageClass = '', restoring, restoredUntil }: S3Object, now: number): boolean {
  if (restoring) return true;
  if (!ARCHIVED.includes(storageClass.toUpperCase())) return false;
  return restoredUntil === undefined || restoredUntil.getTime() <= now;
}

/**
 * @param extensions as a person types them: any case, with or without the dot
 * @returns lower case, without the dot, each once
 * @throws InvalidInputError for an empty list, or a text that is not an extension
 */
export function parseExtensions(extensions: readonly string[]): string[] {
  const clean = extensions.map((extension) => extension.trim().replace(/^\./, '').toLowerCase());
  const wrong = clean.find((extension) => !/^[a-z0-9]{1,16}$/.test(extension));
  if (wrong !== undefined || clean.length === 0) {
    throw new InvalidInputError(
      'extensions',
      `"${wrong ?? ''}" is not a file extension: give some such as mp4, mov.`,
    );
  }
  return [...new Set(clean)];
}

import { InvalidInputError } from '../errors.ts';
import type { S3Object } from './bucket-store.ts';
import { keyParts } from './key-parts.ts';

/**
 * Why an object was not enqueued. `filtered`: it does not fit the FileFilter; `braces`, `output-folder`,
 * `output-length`: its output address cannot be used (see OutputProblem); `same-output`: an earlier file of the listing
 * has the same output address; `done`: see `not_yet_done`.
 */
export type SkipReason =
  | 'folder-marker'
  | 'empty'
  | 'not-media'
  | 'archived'
  | 'filtered'
  | 'braces'
  | 'output-folder'
  | 'output-length'
  | 'same-output'
  | 'done';

/** Classes whose objects cannot be read before they are restored (S3 API, `InvalidObjectState`). */
const ARCHIVED = ['GLACIER', 'DEEP_ARCHIVE'];

/**
 * Decides whether one listed object is enqueued.
 * @param extensions lower case, without the dot
 * @param isWanted further conditions on a media file
 * @returns why it is skipped, undefined where it is enqueued
 */
export function skipReason(
  object: S3Object,
  extensions: ReadonlySet<string>,
  isWanted: (object: S3Object) => boolean = () => true,
): SkipReason | undefined {
  if (object.key.endsWith('/')) return 'folder-marker';
  if (!extensions.has(keyParts(object.key).ext.toLowerCase())) return 'not-media';
  if (object.size === 0) return 'empty';
  // Before `archived`: a file that is not wanted need not be restored.
  if (!isWanted(object)) return 'filtered';
  if (ARCHIVED.includes(object.storageClass ?? '') && !object.restored) return 'archived';
  return undefined;
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

import type * as vscode from 'vscode';
import type { EnqueueRequest } from '../../app/batch/enqueue-prefix.ts';
import type { FileFilter } from '../../core/files/file-filter.ts';
import type { Condition, EnqueueForm } from './enqueue-form.ts';
import { askKeyFileFor, keyListOf } from './key-list.ts';

/**
 * @param request what a batch was asked for, or its rest
 * @returns the answers that lead to it. The keys of a file are read again from the file, which the user chooses
 * @throws AbortError on Escape and Cancel; the errors of the file system
 */
export async function formOf(vs: typeof vscode, request: EnqueueRequest): Promise<Partial<EnqueueForm>> {
  const { bucket, prefix, job, extensions, filter = {}, source } = request;
  const { glob = '', min_size: least, max_size: most, changed_since: changedSince = '' } = filter;
  const answers = {
    place: { bucket, prefix },
    job,
    extensions,
    conditions: conditionsOf(filter),
    glob,
    smallest: sizeText(least),
    largest: sizeText(most),
    changedSince,
  };
  if (!source) return answers;
  if ('keys' in source) return { ...answers, keys: source.keys };
  return { ...answers, keyList: await keyListOf(vs, await askKeyFileFor(vs, source.file), bucket) };
}

function conditionsOf(filter: FileFilter): Condition[] {
  return [
    ...(filter.glob === undefined ? [] : ['glob' as const]),
    ...(filter.min_size === undefined && filter.max_size === undefined ? [] : ['size' as const]),
    ...(filter.changed_since === undefined ? [] : ['changed-since' as const]),
    ...(filter.not_yet_done === true ? ['not-yet-done' as const] : []),
    ...(filter.segments === true ? ['segments' as const] : []),
  ];
}

/** In bytes: a larger unit would be rounded. */
function sizeText(bytes: number | undefined): string {
  return bytes === undefined ? '' : `${bytes} B`;
}

import type * as vscode from 'vscode';
import type { BatchMeta } from '../../core/batch/batch.ts';
import { DEFAULT_BATCH } from '../../core/batch/queue-message.ts';
import type { ResultItem } from '../../core/batch/result-item.ts';
import { formatAge } from '../base/format.ts';
import { pickText } from '../base/pick-text.ts';
import { batchTitle } from './batch-rows.ts';
import { factOf } from './file-row.ts';
import { statusIcon, statusTitle } from './status-words.ts';

/** A found file in a pick. */
export interface FoundItem extends vscode.QuickPickItem {
  readonly file: ResultItem;
}

/**
 * @param meta of the file's batch; undefined where it is not known
 * @param now epoch ms
 * @returns the file's item: its name, its status and when, its batch, and its cause or output
 */
export function foundItem(
  vs: typeof vscode,
  file: ResultItem,
  meta: BatchMeta | undefined,
  now: number = Date.now(),
): FoundItem {
  const { status, key, batch, updated_at } = file;
  const behind = meta && key.startsWith(meta.prefix) ? key.slice(meta.prefix.length) : key;
  return {
    label: `$(${statusIcon(status).id}) ${pickText(behind || key)}`,
    description: [statusTitle(vs, status), formatAge(vs, new Date(updated_at), now)].join(', '),
    detail: [batchName(vs, batch, meta), endWords(vs, file, now)].filter(Boolean).join(' · '),
    file,
  };
}

/** @returns what is known beside the status: a fact of its own, the cause, or the output's address; '' for nothing */
export function endWords(vs: typeof vscode, file: ResultItem, now: number = Date.now()): string {
  const { status, error, output_url } = file;
  const isDone = status === 'succeeded' || status === 'covered';
  const text = isDone ? output_url : error;
  return [factOf(vs, file, now), text && pickText(text)].filter(Boolean).join(' · ');
}

/** @returns a batch's name for a pick: its place, or its id where that is not known */
export function batchName(vs: typeof vscode, batch: string, meta: BatchMeta | undefined): string {
  return meta || batch === DEFAULT_BATCH ? pickText(batchTitle(vs, meta)) : pickText(batch, 100);
}

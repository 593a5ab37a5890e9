import type * as vscode from 'vscode';
import type { BatchMeta, BatchSource } from '../../core/batch/batch.ts';
import { formatBytes } from '../../core/files/byte-size.ts';
import type { FileFilter } from '../../core/files/file-filter.ts';
import type { JobOptions } from '../../core/ittybit/job-options.ts';
import { visibleText } from '../../core/visible-text.ts';
import { formatCount, formatDate } from '../base/format.ts';

/** A tooltip has room for a long address. */
const LONG = 300;

/** @returns such as `video: format mp4, quality high`: the kind with the options' names and values; foreign text */
export function jobText({ kind, options }: JobOptions): string {
  const words = Object.entries(options).map(([name, value]) => `${name} ${value}`);
  return [`${kind}:`, words.join(', ') || '-'].join(' ');
}

/** @returns lines that say what a batch was asked for: its job, its output, which files, when and by whom */
export function askedLines(vs: typeof vscode, meta: BatchMeta): string[] {
  const { t } = vs.l10n;
  const { job, extensions, filter = {}, planned, source, by, created_at } = meta;
  return [
    t('Job: {0}', visibleText(jobText(job), LONG)),
    job.output === undefined
      ? t('Output: Ittybit’s storage')
      : t('Output: {0}', visibleText(job.output, LONG)),
    ...(job.connection_id === undefined ? [] : [t('Connection: {0}', visibleText(job.connection_id, 100))]),
    ...(extensions.length > 0 ? [t('Files: {0}', visibleText(extensions.join(', '), LONG))] : []),
    ...(source ? [sourceLine(vs, source)] : []),
    ...filterLines(vs, filter),
    ...(meta.again === true ? [t('pays again for files that are done')] : []),
    ...(planned === undefined ? [] : [t('Planned: {0} files', formatCount(vs, planned))]),
    ...dateLine(created_at, (at) =>
      by === undefined
        ? t('Started {0}', formatDate(vs, at))
        : t('Started {0} by {1}', formatDate(vs, at), visibleText(by, 100)),
    ),
  ];
}

function sourceLine(vs: typeof vscode, source: BatchSource): string {
  const { t } = vs.l10n;
  if ('file' in source) return t('Keys of the file {0}', visibleText(source.file, LONG));
  return t('Only: {0}', visibleText(source.keys.join(', '), LONG));
}

/** @returns a line for each condition of a filter */
export function filterLines(vs: typeof vscode, filter: FileFilter): string[] {
  const { t } = vs.l10n;
  const { glob, min_size: least, max_size: most, changed_since: since, not_yet_done, segments } = filter;
  return [
    ...(glob === undefined ? [] : [t('Names: {0}', visibleText(glob, LONG))]),
    ...(least === undefined ? [] : [t('At least {0}', formatBytes(least))]),
    ...(most === undefined ? [] : [t('At most {0}', formatBytes(most))]),
    ...(since === undefined ? [] : dateLine(since, (at) => t('Changed since {0}', formatDate(vs, at)))),
    ...(not_yet_done === true ? [t('Only files that are not yet done')] : []),
    ...(segments === true ? [t('With pieces of streams')] : []),
  ];
}

function dateLine(text: string, line: (at: Date) => string): string[] {
  const at = new Date(text);
  return Number.isNaN(at.getTime()) ? [] : [line(at)];
}

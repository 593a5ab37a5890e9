import type * as vscode from 'vscode';
import type { FailureGroup } from '../../app/batch/failure-groups.ts';
import type { FailureKind } from '../../app/batch/failures.ts';
import type { FailureClass } from '../../core/batch/dead-letter.ts';
import type { CommonTraits, SizeClass } from '../../core/files/common-traits.ts';
import { visibleText } from '../../core/visible-text.ts';
import { formatCount } from '../base/format.ts';

type Known = FailureClass | 'failed' | 'dead';

/** @returns such as `1 file` and `48,912 files` */
export function filesWords(vs: typeof vscode, count: number): string {
  const { t } = vs.l10n;
  return count === 1 ? t('1 file') : t('{0} files', formatCount(vs, count));
}

/** @returns the cause in one line, which may be long */
export function causeLabel(vs: typeof vscode, { words }: Pick<FailureGroup, 'words'>, max?: number): string {
  return visibleText(words, max) || vs.l10n.t('No reason is recorded');
}

/** Ittybit's code before its words, such as `invalid_input: `. */
const CODE = /^[a-z]+(?:_[a-z]+)+: (?=\S)/;

/** @returns the cause for a row: a narrow side bar has no room for a code before the words */
export function causeWithoutCode(vs: typeof vscode, group: Pick<FailureGroup, 'words'>): string {
  return causeLabel(vs, group).replace(CODE, '');
}

/** @returns how the files of a group failed, such as `20 failed at Ittybit · 5 attempts exhausted`; one kind has no number */
export function kindsWords(vs: typeof vscode, { kinds }: Pick<FailureGroup, 'kinds'>): string {
  const words = kinds.map(([kind, count]) =>
    kinds.length === 1 ? kindWord(vs, kind) : `${formatCount(vs, count)} ${kindWord(vs, kind)}`,
  );
  return words.join(' · ');
}

/** @returns a few words for how a file failed; other versions may have more kinds */
export function kindWord({ l10n: { t } }: typeof vscode, kind: FailureKind): string {
  const words: Readonly<Record<Known, string>> = {
    failed: t('failed at Ittybit'),
    dead: t('in the dead-letter queue'),
    rejected: t('rejected, in the dead-letter queue'),
    'attempts-exhausted': t('attempts exhausted'),
    unreadable: t('unreadable'),
    'receive-count': t('received too often'),
  };
  return of(words, kind) ?? visibleText(kind, 60);
}

/** @returns a sentence that says what the kind means for a retry; undefined for one of another version */
export function kindSentence({ l10n: { t } }: typeof vscode, kind: FailureKind): string | undefined {
  const sentences: Readonly<Record<Known, string>> = {
    failed: t('The job failed at Ittybit: a retry is another job, which is paid.'),
    dead: t('Ittybit has not taken the file: a retry sends it again.'),
    rejected: t('Ittybit rejected the file: fix the cause before you retry.'),
    'attempts-exhausted': t('Every attempt failed: a retry gives fresh attempts.'),
    unreadable: t('The consumer cannot read the message or its batch.'),
    'receive-count': t('SQS moved the message here because it came back too often.'),
  };
  return of(sentences, kind);
}

function of(words: Readonly<Record<Known, string>>, kind: FailureKind): string | undefined {
  return new Map<string, string>(Object.entries(words)).get(kind);
}

/** @returns what the files have in common, such as `.mkv (25 of 25)`; none where they share nothing */
export function traitWords(
  vs: typeof vscode,
  { extension, size, folder }: CommonTraits,
  of: number,
): string[] {
  const { t } = vs.l10n;
  const share = (what: string, count: number): string =>
    t('{0} ({1} of {2})', what, formatCount(vs, count), formatCount(vs, of));
  return [
    ...(extension ? [share(visibleText(extension.value), extension.count)] : []),
    ...(size ? [share(sizeWord(vs, size.value), size.count)] : []),
    ...(folder ? [share(t('in {0}', visibleText(folder.value)), folder.count)] : []),
  ];
}

function sizeWord({ l10n: { t } }: typeof vscode, size: SizeClass): string {
  const words: Readonly<Record<SizeClass, string>> = {
    empty: t('empty'),
    'below-1-mb': t('below 1 MB'),
    'below-100-mb': t('1 to 100 MB'),
    'below-2-gb': t('100 MB to 2 GB'),
    'over-2-gb': t('over 2 GB'),
  };
  return words[size];
}

import type * as vscode from 'vscode';
import { expiryDays, type DeadLetterGroup } from '../../app/batch/dead-letter-groups.ts';
import type { DeadLetter } from '../../app/batch/dead-letters.ts';
import { FAILURE_CLASSES, type FailureClass } from '../../core/batch/dead-letter.ts';
import { s3Uri, type S3Location } from '../../core/files/s3-location.ts';
import { visibleText } from '../../core/visible-text.ts';
import { formatAge, formatCount } from '../base/format.ts';
import type { ViewNode } from '../base/node.ts';

/** The data of a dead letter's row, for commands. */
export interface LetterData {
  readonly letter: DeadLetter;
  /** where the file is; undefined for a message that cannot be read */
  readonly item: S3Location | undefined;
  /** the file's S3 address or the message's text, for Copy Value */
  readonly value: string;
}

/** @returns the row of a group; its children are its letters, newest first */
export function groupRow(vs: typeof vscode, group: DeadLetterGroup, now: number): ViewNode {
  const { t } = vs.l10n;
  const { failureClass, reason, letters, newest } = group;
  const label = visibleText(reason);
  const count = letters.length === 1 ? t('1 file') : t('{0} files', formatCount(vs, letters.length));
  const description = newest ? t('{0}, newest {1}', count, formatAge(vs, newest, now)) : count;
  const id = `group ${failureClass} ${reason}`;
  return {
    id,
    label,
    description,
    tooltip: [visibleText(reason, 1200), classTitle(vs, failureClass), description].join('\n'),
    spoken: t('{0}: {1}', label, description),
    icon: { id: 'error', color: 'list.errorForeground' },
    tokens: ['group'],
    children: () => Promise.resolve(letters.map((letter) => letterRow(vs, letter, now))),
  };
}

function letterRow(vs: typeof vscode, letter: DeadLetter, now: number): ViewNode {
  const { t } = vs.l10n;
  const { file, body } = letter;
  const label = file ? visibleText(file.key) : t('Unreadable message: {0}', visibleText(body, 100));
  const days = expiryDays(letter, now);
  const description = [
    letter.failedAt && formatAge(vs, new Date(letter.failedAt), now),
    letter.attempts !== undefined &&
      (letter.attempts === 1 ? t('1 attempt') : t('{0} attempts', formatCount(vs, letter.attempts))),
    letter.receiveCount === 1
      ? t('received once')
      : t('received {0} times', formatCount(vs, letter.receiveCount)),
    days === 0 ? t('expires today') : days === 1 ? t('1 day to expiry') : t('{0} days to expiry', days),
  ]
    .filter(Boolean)
    .join(', ');
  const data: LetterData = {
    letter,
    item: file && { bucket: file.bucket, key: file.key },
    value: file ? s3Uri(file) : body,
  };
  return {
    id: `letter ${letter.id}`,
    label,
    description,
    tooltip: [file ? visibleText(s3Uri(file), 2000) : visibleText(body, 1000), description].join('\n'),
    icon: { id: file ? 'file-media' : 'question' },
    tokens: ['letter', 'value', ...(file ? ['file'] : [])],
    open: 'mediaBatch.openDeadLetter',
    data,
  };
}

function classTitle(vs: typeof vscode, failureClass: string): string {
  const { t } = vs.l10n;
  const titles: Readonly<Record<FailureClass, string>> = {
    rejected: t('Ittybit rejected the file: fix the cause before you redrive.'),
    'attempts-exhausted': t('Every attempt failed: a redrive gives fresh attempts.'),
    unreadable: t('The consumer cannot read the message.'),
    'receive-count': t('SQS moved the message here because it came back too often.'),
  };
  const known = FAILURE_CLASSES.find((word) => word === failureClass);
  return known ? titles[known] : visibleText(failureClass);
}

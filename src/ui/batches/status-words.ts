import type * as vscode from 'vscode';
import type { Status } from '../../core/batch/result-item.ts';
import type { ViewNode } from '../base/node.ts';

type Icon = NonNullable<ViewNode['icon']>;

const MOVING: Icon = { id: 'sync' };
const ICONS: Readonly<Record<Status, Icon>> = {
  submitting: MOVING,
  retrying: MOVING,
  waiting: MOVING,
  submitted: MOVING,
  processing: MOVING,
  succeeded: { id: 'pass' },
  covered: { id: 'references' },
  failed: { id: 'error', color: 'list.errorForeground' },
  dead: { id: 'warning', color: 'list.warningForeground' },
  cancelled: { id: 'circle-slash' },
};

/** @returns the icon of files with a status */
export function statusIcon(status: Status): Icon {
  return ICONS[status];
}

/** @returns what a status is called in rows and picks */
export function statusTitle({ l10n: { t } }: typeof vscode, status: Status): string {
  const titles: Readonly<Record<Status, string>> = {
    submitting: t('Being submitted'),
    processing: t('Processing at Ittybit'),
    submitted: t('Submitted to Ittybit'),
    retrying: t('Waiting for another attempt'),
    waiting: t('Waits for another batch'),
    succeeded: t('Succeeded'),
    covered: t('Covered by another batch'),
    failed: t('Failed'),
    dead: t('Dead'),
    cancelled: t('Cancelled'),
  };
  return titles[status];
}

import type * as vscode from 'vscode';
import { MediaBatchError } from '../../core/errors.ts';

/** @returns the sentence that the user gets for an error; an error that is not ours has its words only in the log */
export function messageFor({ l10n: { t } }: Pick<typeof vscode, 'l10n'>, error: unknown): string {
  return error instanceof MediaBatchError
    ? error.message
    : t('Something went wrong inside Media Batch; the log has the details.');
}

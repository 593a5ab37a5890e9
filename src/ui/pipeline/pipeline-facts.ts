import type * as vscode from 'vscode';
import type { PipelineSnapshot } from '../../app/stack/pipeline-snapshot.ts';
import type { Reading, Throughput } from '../../app/watch/reading.ts';
import type { ShownOperation } from '../watch/shown-operation.ts';

/** The facts that the Pipeline view is drawn from. */
export interface PipelineFacts {
  readonly pipeline: PipelineSnapshot | undefined;
  readonly throughput: Throughput | undefined;
  readonly batches?: Reading['batches'];
  readonly neverClaimed?: Reading['neverClaimed'];
  /** since when AWS has not answered, epoch ms; undefined while it answers */
  readonly silentSince?: number | undefined;
  /** the running or last stack operation that this window watched on this stack */
  readonly operation: ShownOperation | undefined;
  /** true where the last reading failed, so that waiting does not bring the missing parts */
  readonly failed: boolean;
  /** epoch ms */
  readonly now: number;
}

/** @returns the words for a part that has not been read */
export function unread(
  { l10n: { t } }: typeof vscode,
  { problem }: PipelineSnapshot,
  { failed }: PipelineFacts,
): string {
  return failed || problem !== undefined ? t('could not be read') : t('reading…');
}

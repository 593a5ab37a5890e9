import type * as vscode from 'vscode';
import type { PipelineSnapshot } from '../../app/stack/pipeline-snapshot.ts';
import type { Throughput } from '../../app/watch/reading.ts';
import type { ShownOperation } from '../watch/shown-operation.ts';

/** What the Pipeline view knows when it is drawn. */
export interface PipelineFacts {
  readonly pipeline: PipelineSnapshot | undefined;
  readonly throughput: Throughput | undefined;
  /** what this window has CloudFormation do with this stack, or had it do last */
  readonly operation: ShownOperation | undefined;
  /** the last reading failed: what is not known yet does not come by waiting */
  readonly failed: boolean;
  /** epoch ms */
  readonly now: number;
}

/** @returns what stands for a part that has not been read */
export function unread(
  { l10n: { t } }: typeof vscode,
  { problem }: PipelineSnapshot,
  { failed }: PipelineFacts,
): string {
  return failed || problem !== undefined ? t('could not be read') : t('reading…');
}

import { isDeepStrictEqual } from 'node:util';
import type * as vscode from 'vscode';
import { dispatchOf, inQueue, type Dispatch } from '../../app/stack/pipeline-snapshot.ts';
import type { BatchMeta } from '../../core/batch/batch.ts';
import type { FileFilter } from '../../core/files/file-filter.ts';
import type { MappingState } from '../../core/stack/dispatch-control.ts';
import type { S3Prefix } from '../../core/files/s3-location.ts';
import type { StackOutputs } from '../../core/stack/stack-contract.ts';
import type { CompleteForm } from './enqueue-form.ts';
import { formatDay } from '../base/format.ts';
import { KnownStacks } from '../connection/known-stacks.ts';
import { pickText } from '../base/pick-text.ts';
import type { Session } from '../connection/session.ts';
import type { BatchesContext } from '../batches/batches-context.ts';

/** How many of the newest batches we search for one with the same files. */
const BATCHES = 100;
/** A measured rate that is older than this is not used, in ms. */
const FRESH_MS = 120_000;

/** What a review shows besides the dry run; a part that could not be read is undefined. */
export interface EnqueueFacts {
  readonly mapping: MappingState | undefined;
  readonly dispatch: Dispatch | undefined;
  /** newest first */
  readonly batches: readonly BatchMeta[] | undefined;
  /** files per second over the last minutes */
  readonly measured: number | undefined;
  /** about how many files are in the queue already */
  readonly waiting: number | undefined;
  /** true when the user has stored an API key with this extension */
  readonly keyStored: boolean;
}

/** Reads the state of the pipeline, with four requests at once; the review is shown even when some of them fail. */
export async function readEnqueueFacts(
  { scopes, memory }: Pick<BatchesContext, 'scopes' | 'memory'>,
  session: Session,
  pipeline: StackOutputs,
): Promise<EnqueueFacts> {
  const { services } = session;
  const { eventSourceMapping, resultsTable, workQueueUrl } = pipeline;
  const [mapping, control, batches, depth] = await Promise.allSettled([
    services.dispatch.mapping(eventSourceMapping),
    services.dispatch.readState(pipeline),
    services.batches.list(resultsTable, { limit: BATCHES }),
    services.queues.depth(workQueueUrl),
  ]);
  const state = valueOf(mapping);
  const queued = valueOf(depth);
  const { last } = scopes.present.watch;
  const snapshot = last?.pipeline;
  const isFresh = snapshot !== undefined && Date.now() - snapshot.at < FRESH_MS;
  return {
    mapping: state,
    dispatch: state && dispatchOf({ mapping: state, dispatch: valueOf(control), outputs: pipeline }),
    batches: valueOf(batches)?.items,
    measured: isFresh ? last?.throughput?.filesPerSecond : undefined,
    waiting: queued && inQueue(queued),
    keyStored: new KnownStacks(memory.global).get(session)?.keyStored ?? false,
  };
}

function valueOf<Value>(result: PromiseSettledResult<Value>): Value | undefined {
  return result.status === 'fulfilled' ? result.value : undefined;
}

/** @returns what the user should know before they pay, as rows of a pick */
export function enqueueWarnings(
  vs: typeof vscode,
  { dispatch, batches, waiting, keyStored }: EnqueueFacts,
  { place, job }: CompleteForm,
  filter: FileFilter,
): vscode.QuickPickItem[] {
  const { t } = vs.l10n;
  const warnings: vscode.QuickPickItem[] = [];
  if (dispatch?.state === 'paused' || dispatch?.state === 'pausing') {
    warnings.push({
      label: t('$(warning) Dispatch is paused: the files wait until it is resumed'),
      detail: pickText(dispatch.reason ?? ''),
    });
  }
  if (dispatch?.state === 'waiting') {
    warnings.push({
      label: t('$(watch) Dispatch waits, and resumes by itself: the files wait with it'),
      detail: pickText(dispatch.reason ?? ''),
    });
  }
  if (batches?.length === 0 && !keyStored) {
    warnings.push({
      label: t('$(warning) This is the first batch of this stack: is its Ittybit API key set?'),
      detail: t('Without the key, dispatch pauses itself, and the files wait until the key is set.'),
    });
  }
  const earlier = batches?.find((batch) => overlaps(batch, place));
  if (filter.not_yet_done) {
    if (earlier && waiting !== 0) {
      warnings.push({
        label: t('$(warning) Files that still wait in the queue do not count as submitted'),
        detail: t('Files of an earlier batch would be paid again: wait until the queue is empty.'),
      });
    }
  } else if (earlier) {
    const day = formatDay(vs, new Date(earlier.created_at));
    warnings.push({
      label: t('$(warning) An earlier batch of {0} has this prefix: its files would be paid again', day),
      detail: isDeepStrictEqual(earlier.job, job)
        ? t('To leave them out, go back and tick "Not yet done".')
        : t('That batch has another job, so these are new results.'),
    });
  }
  return warnings;
}

function overlaps(batch: S3Prefix, place: S3Prefix): boolean {
  return (
    batch.bucket === place.bucket &&
    (batch.prefix.startsWith(place.prefix) || place.prefix.startsWith(batch.prefix))
  );
}

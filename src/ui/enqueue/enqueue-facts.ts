import type * as vscode from 'vscode';
import { dispatchOf, type Dispatch } from '../../app/stack/pipeline-snapshot.ts';
import type { BatchMeta } from '../../core/batch/batch.ts';
import { inQueue } from '../../core/batch/queue-service.ts';
import type { MappingState } from '../../core/stack/dispatch-control.ts';
import { limitFound } from '../../core/stack/pace.ts';
import type { StackOutputs } from '../../core/stack/stack-contract.ts';
import { KnownStacks } from '../connection/known-stacks.ts';
import { pickText } from '../base/pick-text.ts';
import { sinceLines } from '../base/when-and-by.ts';
import type { Session } from '../connection/session.ts';
import type { BatchesContext } from '../batches/batches-context.ts';

/** How many of the newest batches are searched for one with the same files. */
export const BATCHES = 100;
/** A measured rate that is older than this is not used, in ms. */
const FRESH_MS = 120_000;

/** What a review shows besides the dry run; a part that could not be read is undefined. */
export interface EnqueueFacts {
  readonly mapping: MappingState | undefined;
  readonly dispatch: Dispatch | undefined;
  /** newest first */
  readonly batches: readonly BatchMeta[] | undefined;
  /** false for a stack of an older template: it pays for each file that it is sent */
  readonly paysOnce: boolean;
  /** files per second over the last minutes */
  readonly measured: number | undefined;
  /** calls per second that Ittybit has been found to take; undefined where it has refused none */
  readonly limit: number | undefined;
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
    services.dispatch.readPaced(pipeline),
    services.batches.list(resultsTable, { limit: BATCHES }),
    services.queues.depth(workQueueUrl),
  ]);
  const state = valueOf(mapping);
  const paced = valueOf(control);
  const queued = valueOf(depth);
  const { last } = scopes.present.watch;
  const snapshot = last?.pipeline;
  const isFresh = snapshot !== undefined && Date.now() - snapshot.at < FRESH_MS;
  return {
    mapping: state,
    dispatch: state && dispatchOf({ mapping: state, dispatch: paced?.state, outputs: pipeline }),
    limit: paced && limitFound(paced.pace),
    batches: valueOf(batches)?.items,
    paysOnce: pipeline.reconcilerFunction !== undefined,
    measured: isFresh ? last?.throughput?.filesPerSecond : undefined,
    waiting: queued && inQueue(queued),
    keyStored: new KnownStacks(memory.global).get(session)?.keyStored ?? false,
  };
}

function valueOf<Value>(result: PromiseSettledResult<Value>): Value | undefined {
  return result.status === 'fulfilled' ? result.value : undefined;
}

/** @returns what the user should know about the pipeline before they pay, as rows of a pick */
export function enqueueWarnings(
  vs: typeof vscode,
  { dispatch, batches, keyStored }: EnqueueFacts,
): vscode.QuickPickItem[] {
  const { t } = vs.l10n;
  const warnings: vscode.QuickPickItem[] = [];
  if (dispatch?.state === 'paused' || dispatch?.state === 'pausing') {
    warnings.push({
      label: t('$(warning) Dispatch is paused: the files wait until it is resumed'),
      detail: whyWords(vs, dispatch),
    });
  }
  if (dispatch?.state === 'waiting') {
    warnings.push({
      label: t('$(watch) Dispatch waits, and resumes by itself: the files wait with it'),
      detail: whyWords(vs, dispatch),
    });
  }
  if (batches?.length === 0 && !keyStored) {
    warnings.push({
      label: t('$(warning) This is the first batch of this stack: is its Ittybit API key set?'),
      detail: t('Without the key, dispatch pauses itself, and the files wait until the key is set.'),
    });
  }
  return warnings;
}

function whyWords(vs: typeof vscode, { reason = '', ...stopped }: Dispatch): string {
  return pickText([reason, ...sinceLines(vs, stopped)].filter(Boolean).join(' · '));
}

import type * as vscode from 'vscode';
import { attempt } from '../../app/attempt.ts';
import { mostFor } from '../../app/stack/live-parameters.ts';
import { findPipeline } from '../../app/stack/pipeline.ts';
import { backlogOutlook, inFlightOf, isStarving, type Concurrency } from '../../app/stack/tuning-presets.ts';
import { inQueue } from '../../core/batch/queue-service.ts';
import { limitFound, rateOf, type Pace } from '../../core/stack/pace.ts';
import type { StackOutputs, Tuning } from '../../core/stack/stack-contract.ts';
import { formatAbout, formatCalls, formatCount } from '../base/format.ts';
import type { Session } from '../connection/session.ts';
import type { ScopeContext } from '../watch/scope-context.ts';

/** What an estimate is based on. */
export interface Present {
  readonly pipeline: StackOutputs;
  readonly tuning: Tuning;
  readonly pace: Pace;
  /** calls/s at most, 0: as many as Ittybit takes; undefined for a stack that knows no such limit */
  readonly most: number | undefined;
  /** the stack's MaxRequestsPerSecond */
  readonly parameter: number;
  /** functions at once in the account and region; undefined where it could not be read */
  readonly quota: number | undefined;
  /** files in the work queue */
  readonly backlog: number;
  /** undefined while no file moves, or before the rate is known */
  readonly filesPerSecond: number | undefined;
}

/** @throws DeployError as `findPipeline`, AwsError */
export async function readPresent(
  { scopes }: Pick<ScopeContext, 'scopes'>,
  session: Session,
): Promise<Present> {
  const { dispatch, queues, stacks } = session.services;
  const { filesPerSecond } = scopes.present.watch.last?.throughput ?? {};
  const pipeline = await findPipeline(session.stackName, stacks);
  const [tuning, depth, { pace }, stack, quota] = await Promise.all([
    dispatch.mapping(pipeline.eventSourceMapping),
    queues.depth(pipeline.workQueueUrl),
    dispatch.readPaced(pipeline),
    stacks.describe(session.stackName),
    attempt(() => dispatch.functionsAtOnce()),
  ]);
  const parameters = stack?.parameters ?? {};
  return {
    ...{ pipeline, tuning, pace, backlog: inQueue(depth), filesPerSecond },
    most: mostFor(parameters, pace),
    parameter: Number(parameters['MaxRequestsPerSecond'] ?? 0),
    quota: quota.value,
  };
}

/** @returns a warning where a tuning would leave the webhook no function to run in */
export function starvingWords(vs: typeof vscode, { quota }: Present, tuning: Concurrency): string[] {
  const { t } = vs.l10n;
  if (quota === undefined || !isStarving(tuning, quota)) return [];
  return [
    t(
      '$(warning) AWS runs only {0} functions at once here: callbacks would find none free. Raise the Lambda quota first.',
      formatCount(vs, quota),
    ),
  ];
}

/** @returns the choices of calls per second; none for a stack that knows no such limit */
export function mostItems(vs: typeof vscode, present: Present) {
  const { t } = vs.l10n;
  const { pace, most } = present;
  if (most === undefined) return [];
  const limit = limitFound(pace);
  const facts = [
    t('up to {0} now', formatCalls(vs, rateOf(pace, most))),
    ...(limit === undefined ? [t('no limit found')] : [t('limit {0}', formatCalls(vs, limit))]),
    t('{0} of {1} calls refused', formatCount(vs, pace.refused), formatCount(vs, pace.calls)),
  ].join(', ');
  return [
    { label: t('Calls per second'), kind: vs.QuickPickItemKind.Separator },
    {
      label: t('As Many as Ittybit Takes'),
      description: most === 0 ? t('as it is now') : '',
      detail: facts,
      choice: { most: 0, custom: false, asksMost: false },
    },
    {
      label: t('At Most…'),
      description: most === 0 ? '' : t('{0} as it is now', formatCalls(vs, most)),
      detail: t('What your Ittybit plan allows, if you know it'),
      choice: { custom: false, asksMost: true },
    },
  ];
}

/** @returns such as `20/s at most` */
export function mostWords(vs: typeof vscode, most: number): string {
  const { t } = vs.l10n;
  return most === 0 ? t('as many a second as it takes') : t('{0} at most', formatCalls(vs, most));
}

/** About how long the backlog takes with a tuning, and whether the calls at once or those per second decide that. */
export function outlook(
  vs: typeof vscode,
  { tuning: current, backlog, filesPerSecond, pace, most = 0 }: Present,
  tuning: Concurrency,
): string {
  const { t } = vs.l10n;
  if (backlog === 0) return t('Nothing waits in the queue now.');
  const measured = filesPerSecond ? { filesPerSecond, tuning: current } : undefined;
  const perSecond = Math.min(limitFound(pace) ?? Infinity, most || Infinity);
  const { seconds, bound } = backlogOutlook(backlog, tuning, {
    ...{ measured, perSecond: Number.isFinite(perSecond) ? perSecond : undefined },
  });
  const duration = formatAbout(vs, seconds);
  const files = formatCount(vs, backlog);
  if (bound === 'per-second') {
    return t(
      '{0} for about {1} files in the queue: {2} is the limit.',
      duration,
      files,
      formatCalls(vs, perSecond),
    );
  }
  const call = measured ? inFlightOf(current) / measured.filesPerSecond : 1;
  const secondsPerCall = call.toLocaleString(vs.env.language, { maximumFractionDigits: 1 });
  return t('{0} for about {1} files in the queue, at {2} s a call.', duration, files, secondsPerCall);
}

import type * as vscode from 'vscode';
import { mostFor } from '../../app/stack/live-parameters.ts';
import type { PipelineSnapshot } from '../../app/stack/pipeline-snapshot.ts';
import { limitFound, rateOf } from '../../core/stack/pace.ts';
import type { ViewNode } from '../base/node.ts';
import { formatAge, formatCalls, formatCount } from '../base/format.ts';

/** @returns the row of the calls per second, the limit that was found and the refusals; undefined before the first call */
export function paceRow(
  vs: typeof vscode,
  { pace, stack }: Pick<PipelineSnapshot, 'pace' | 'stack'>,
  now: number,
): ViewNode | undefined {
  const { t } = vs.l10n;
  const most = pace && stack && mostFor(stack.parameters, pace);
  if (!pace || most === undefined || (pace.calls === 0 && most === 0)) return undefined;
  const { calls, refused, refusedAtMs } = pace;
  const rate = formatCalls(vs, rateOf(pace, most));
  const limit = limitFound(pace);
  const refusals = t('{0} of {1} calls refused', formatCount(vs, refused), formatCount(vs, calls));
  const label = t('up to {0}', rate);
  const facts = [
    limit === undefined ? t('no limit found') : t('limit {0}', formatCalls(vs, limit)),
    ...(refused > 0 ? [t('{0} refused', formatCount(vs, refused))] : []),
  ];
  return {
    id: 'pace',
    label,
    description: facts.join(', '),
    tooltip: [
      t('Ittybit is called up to {0} now.', rate),
      limit === undefined
        ? t('It has refused no rate so far.')
        : t(
            'It refused calls at {0}; from below, the rate returns and probes again.',
            formatCalls(vs, limit),
          ),
      ...(most > 0 ? [t('You allow {0} at most.', formatCalls(vs, most))] : []),
      refusedAtMs === undefined
        ? refusals
        : t('{0} (HTTP 429), the last one {1}.', refusals, formatAge(vs, new Date(refusedAtMs), now)),
      t('Click to tune.'),
    ].join('\n'),
    spoken: [t('Calls to Ittybit: {0}', label), ...facts].join(', '),
    icon: { id: 'symbol-event' },
    tokens: ['pace'],
    open: 'mediaBatch.tuneThroughput',
  };
}

import type * as vscode from 'vscode';
import type { PipelineSnapshot } from '../../app/stack/pipeline-snapshot.ts';
import type { AlarmId } from '../../core/stack/alarms.ts';
import { formatAge, formatCount, formatDate } from '../base/format.ts';
import type { ViewNode } from '../base/node.ts';

/** @returns the row of the alarms that ring; undefined while none does, or they could not be read */
export function alarmsRow(
  vs: typeof vscode,
  { alarms = [] }: PipelineSnapshot,
  now: number,
): ViewNode | undefined {
  const { t } = vs.l10n;
  if (alarms.length === 0) return undefined;
  const words = alarms.map(({ id }) => alarmWords(vs, id));
  const description = words.join(', ');
  return {
    id: 'alarms',
    label: alarms.length === 1 ? t('Alarm') : t('{0} alarms', formatCount(vs, alarms.length)),
    description,
    tooltip: [
      t('CloudWatch raises these alarms:'),
      ...words,
      t('With an alarm e-mail (Deploy Pipeline) they are mailed too.'),
    ].join('\n'),
    spoken: t('Alarms: {0}', description),
    icon: { id: 'bell-dot', color: 'list.warningForeground' },
    tokens: ['alarms'],
    emptyHint: '',
    children: () =>
      Promise.resolve(
        alarms.map(({ id, since }, i) => ({
          id: `alarm ${id}`,
          label: words[i] ?? id,
          description: since ? formatAge(vs, since, now) : '',
          tooltip: since ? t('{0}, since {1}', words[i] ?? id, formatDate(vs, since)) : (words[i] ?? id),
          icon: { id: 'bell' },
          tokens: ['alarm'],
        })),
      ),
  };
}

/** @returns what an alarm says, in a few words, the same as in its mail (templates/pipeline.yaml) */
function alarmWords({ l10n: { t } }: typeof vscode, id: AlarmId): string {
  switch (id) {
    case 'PausedAlarm':
      return t('dispatch is paused');
    case 'HeldAlarm':
      return t('a batch is held');
    case 'ReconcilerAlarm':
      return t('the reconciler does not run or fails');
    case 'OldestMessageAlarm':
      return t('the oldest file has waited 11 of 14 days');
    case 'DeadLetterAlarm':
      return t('new dead letters');
    case 'SilentAlarm':
      return t('jobs at Ittybit are silent');
    case 'WebhookErrorsAlarm':
      return t('callbacks fail');
    case 'WebhookRefusalsAlarm':
      return t('callbacks are refused');
    case 'WebhookThrottlesAlarm':
      return t('AWS throttles the webhook function');
    case 'ConsumerErrorsAlarm':
      return t('the consumer function fails');
    case 'ConsumerThrottlesAlarm':
      return t('AWS throttles the consumer function');
  }
}

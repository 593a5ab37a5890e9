import type * as vscode from 'vscode';
import type { PipelineSnapshot } from '../../app/stack/pipeline-snapshot.ts';
import type { ViewNode } from '../base/node.ts';

/** @returns the row that says that the stack has no API key yet, with the command on it; undefined where it may have one */
export function keyRow(vs: typeof vscode, { apiKey }: PipelineSnapshot): ViewNode | undefined {
  const { t } = vs.l10n;
  if (apiKey !== 'missing') return undefined;
  return {
    id: 'api-key',
    label: t('No API key yet'),
    description: t('nothing goes to Ittybit'),
    tooltip: [
      t('No Ittybit API key has been stored for this stack yet.'),
      t('Set Ittybit API Key… asks for it. Until then, dispatch pauses at the first file.'),
    ].join('\n'),
    spoken: t('No Ittybit API key is stored yet'),
    icon: { id: 'key', color: 'list.warningForeground' },
    tokens: ['no-key'],
  };
}

import type * as vscode from 'vscode';
import type { PipelineSnapshot } from '../../app/stack/pipeline-snapshot.ts';
import { TEMPLATE_VERSION, templateAge } from '../../core/stack/template-version.ts';
import { visibleText } from '../../core/visible-text.ts';
import type { ViewNode } from '../base/node.ts';

/** @returns the row that says why a stack is only shown; undefined where its template is known or was not read */
export function templateRow(vs: typeof vscode, { stack }: PipelineSnapshot): ViewNode | undefined {
  const { t } = vs.l10n;
  const template = stack && templateAge(stack.outputs);
  if (!template || template.age === 'current' || template.age === 'older') return undefined;
  const description =
    template.age === 'unknown'
      ? t('shown only: version "{0}" is not known', visibleText(template.text, 40))
      : t('shown only: version {0} is newer', template.version);
  return {
    id: 'template',
    label: t('Template'),
    description,
    tooltip: [
      t('This Media Batch knows template versions up to {0}.', TEMPLATE_VERSION),
      t(
        'It shows what it can read and changes nothing in the stack. Update Media Batch to work with this stack.',
      ),
    ].join('\n'),
    spoken: t('Template: {0}', description),
    icon: { id: 'warning', color: 'list.warningForeground' },
    tokens: ['template'],
  };
}

/** @returns true for a complete stack with an older template, which an update would replace */
export function hasUpdate({ stack, outputs }: PipelineSnapshot): boolean {
  if (!stack || !outputs || stack.status.endsWith('_IN_PROGRESS')) return false;
  return templateAge(stack.outputs).age === 'older';
}

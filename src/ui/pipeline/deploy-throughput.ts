import type * as vscode from 'vscode';
import { TUNING_PRESETS, type Concurrency } from '../../app/stack/tuning-presets.ts';
import { choose, presentValue, valueOf, type DeployForm } from './deploy-form.ts';
import { BACK, pickOne, type Step } from '../base/wizard.ts';
import { atOnce, tuningWords } from './tuning-words.ts';

type Row = vscode.QuickPickItem & { readonly tuning: Concurrency };

/** How many calls Ittybit gets at once: the guide's steps, and what an existing stack has. */
export function throughputStep(vs: typeof vscode, where: string): Step<DeployForm> {
  const { t } = vs.l10n;
  return async (form, frame) => {
    const current = tuningBy((name) => presentValue(form, name));
    const wanted = tuningBy((name) => valueOf(form, name));
    const items = rows(vs, form, current);
    const row = await pickOne(vs, frame, {
      placeHolder: t('How many calls to Ittybit at once? {0}', where),
      items,
      active: items.find(({ tuning }) => isSame(tuning, wanted)) ?? items[0],
    });
    if (row === BACK) return BACK;
    const { batchSize, maximumConcurrency } = row.tuning;
    const withSize = choose(form, 'BatchSize', String(batchSize));
    return choose(withSize, 'MaximumConcurrency', String(maximumConcurrency));
  };
}

function rows(vs: typeof vscode, { present }: DeployForm, current: Concurrency): Row[] {
  const { t } = vs.l10n;
  const keep = {
    label: t('Keep as It Is'),
    description: atOnce(vs, current),
    detail: tuningWords(vs, current),
  };
  return [
    ...(present.stack ? [{ ...keep, tuning: current }] : []),
    ...TUNING_PRESETS.map((tuning, index) => {
      const marks = [
        ...(index === 0 ? [t('recommended to start with')] : []),
        ...(present.stack && isSame(tuning, current) ? [t('current')] : []),
      ];
      return {
        label: atOnce(vs, tuning),
        description: marks.join(', '),
        detail: tuningWords(vs, tuning),
        tuning,
      };
    }),
  ];
}

function tuningBy(value: (name: 'BatchSize' | 'MaximumConcurrency') => string): Concurrency {
  return {
    batchSize: Number(value('BatchSize')),
    maximumConcurrency: Number(value('MaximumConcurrency')),
  };
}

function isSame(a: Concurrency, b: Concurrency): boolean {
  return a.batchSize === b.batchSize && a.maximumConcurrency === b.maximumConcurrency;
}

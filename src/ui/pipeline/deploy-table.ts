import type * as vscode from 'vscode';
import { checkTakeover } from '../../app/stack/take-over-table.ts';
import { AwsError, MediaBatchError } from '../../core/errors.ts';
import { isParameterValue } from '../../core/stack/stack-contract.ts';
import { pickText } from '../base/pick-text.ts';
import { BACK, pickOne, type Step, type StepFrame } from '../base/wizard.ts';
import type { KeptTable } from '../connection/kept-tables.ts';
import type { Session } from '../connection/session.ts';
import { choose, keep, type DeployForm } from './deploy-form.ts';
import { inputParameter, type ParameterWords } from './deploy-parameter.ts';

const NAME = 'ExistingResultsTable';

type Row = vscode.QuickPickItem & { readonly choice: KeptTable | 'empty' | 'other' };

/**
 * Asks whether a new stack goes on with the table of a deleted one. It is skipped where no such table is remembered,
 * and for a stack that exists, which keeps its table.
 */
export function tableStep(vs: typeof vscode, where: string): Step<DeployForm> {
  return (form, frame) => (form.present.kept.length === 0 ? undefined : askTable(vs, frame, form, where));
}

/** @returns the texts of the question for a table's name */
export function tableWords({ l10n: { t } }: typeof vscode): ParameterWords {
  return {
    prompt: t('Name of the results table of a deleted stack, whose results the new stack goes on with'),
    placeHolder: t('Empty: a new table'),
    problem: t('A table’s name has 3 to 255 letters, digits, "_", "-" and ".".'),
  };
}

/**
 * @param kept the remembered tables
 * @returns those that a new stack of this name can take over
 */
export async function freeTables(
  kept: readonly KeptTable[],
  stackName: string,
  { services }: Session,
): Promise<readonly KeptTable[]> {
  const free = await Promise.all(kept.map(({ table }) => isFree(table, stackName, services)));
  return kept.filter((_, i) => free[i]);
}

async function isFree(table: string, stackName: string, services: Session['services']): Promise<boolean> {
  try {
    await checkTakeover(table, stackName, services);
    return true;
  } catch (error) {
    if (!(error instanceof MediaBatchError)) throw error;
    // Where AWS does not tell now, the deployment asks again and says why.
    return error instanceof AwsError;
  }
}

async function askTable(
  vs: typeof vscode,
  frame: StepFrame,
  form: DeployForm,
  where: string,
): Promise<DeployForm | typeof BACK> {
  const { t } = vs.l10n;
  const items = rows(vs, form.present.kept);
  const before = form.chosen[NAME];
  // After Back, the connection is still the one of the table that was chosen before.
  const fresh = keep(keep(form, NAME), 'ConnectionId');
  for (;;) {
    const row = await pickOne(vs, frame, {
      placeHolder: t('Go on with the results of a deleted stack? {0}', where),
      items,
      active: items.find(({ choice }) => typeof choice === 'object' && choice.table === before) ?? items[0],
    });
    if (row === BACK) return BACK;
    const { choice } = row;
    if (choice === 'empty') return fresh;
    if (choice !== 'other') return takeOver(fresh, choice);
    const typed = await inputParameter(vs, frame, fresh, NAME, tableWords(vs));
    if (typed !== BACK) return typed;
  }
}

function rows({ l10n: { t } }: typeof vscode, kept: readonly KeptTable[]): readonly Row[] {
  return [
    ...kept.map((choice) => ({
      label: t('Go on with the results of the deleted stack: {0}', pickText(choice.table)),
      description: pickText(choice.stackName),
      detail: t('Nothing that it holds is paid again. The next step has its Ittybit connection: keep that.'),
      choice,
    })),
    {
      label: t('Start with an Empty Table'),
      detail: t('What the deleted stack has done is not known to the new one, and is paid again.'),
      choice: 'empty',
    },
    {
      label: t('Another Table…'),
      detail: t('Of a stack that was deleted elsewhere: type the name of its table.'),
      choice: 'other',
    },
  ];
}

/** Work is the same only with the same connection, so that is filled in too. */
function takeOver(form: DeployForm, { table, connectionId }: KeptTable): DeployForm {
  const chosen = choose(form, NAME, table);
  return isParameterValue('ConnectionId', connectionId)
    ? choose(chosen, 'ConnectionId', connectionId)
    : chosen;
}

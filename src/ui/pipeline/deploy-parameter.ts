import type * as vscode from 'vscode';
import { isParameterValue, PARAMETER_RULES, type ParameterName } from '../../core/stack/stack-contract.ts';
import { choose, isMasked, keep, presentValue, valueOf, type DeployForm } from './deploy-form.ts';
import { BACK, inputText, pickOne, type StepFrame } from '../base/wizard.ts';

/** How a parameter is asked for. */
export interface ParameterWords {
  readonly prompt: string;
  readonly placeHolder?: string | undefined;
  /** what is wrong with a value that the template does not take */
  readonly problem: string;
}

/**
 * Asks for a parameter's value in a box with the present one; emptying it is an answer as well. One that AWS does not
 * tell is typed unseen, and stays where nothing is typed.
 * @throws AbortError on Escape
 */
export async function inputParameter(
  vs: typeof vscode,
  frame: StepFrame,
  form: DeployForm,
  name: ParameterName,
  { prompt, placeHolder, problem }: ParameterWords,
): Promise<DeployForm | typeof BACK> {
  const masked = isMasked(form, name);
  const stays = (text: string): boolean => masked && text === '';
  const text = await inputText(vs, frame, {
    prompt,
    value: masked ? '' : valueOf(form, name),
    placeHolder: masked ? vs.l10n.t('Empty: stays as it is') : placeHolder,
    password: masked,
    validate: (value) => (stays(value) || isParameterValue(name, value) ? undefined : problem),
  });
  if (text === BACK) return BACK;
  return stays(text) ? keep(form, name) : choose(form, name, text);
}

/**
 * Asks for one of the values that the template allows; the present one is marked.
 * @param label how a value reads
 * @throws AbortError on Escape
 */
export async function pickParameter(
  vs: typeof vscode,
  frame: StepFrame,
  form: DeployForm,
  name: ParameterName,
  { prompt, label }: { readonly prompt: string; readonly label: (value: string) => string },
): Promise<DeployForm | typeof BACK> {
  const isKnown = form.present.stack !== undefined && !isMasked(form, name);
  const items = (PARAMETER_RULES[name].values ?? []).map((value) => ({
    label: label(value),
    description: isKnown && value === presentValue(form, name) ? vs.l10n.t('current') : '',
    value,
  }));
  const item = await pickOne(vs, frame, {
    placeHolder: prompt,
    items,
    active: items.find(({ value }) => value === valueOf(form, name)),
  });
  return item === BACK ? BACK : choose(form, name, item.value);
}

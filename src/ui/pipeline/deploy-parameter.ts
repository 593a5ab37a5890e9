import type * as vscode from 'vscode';
import { isParameterValue, PARAMETER_RULES, type ParameterName } from '../../core/stack/stack-contract.ts';
import { choose, isMasked, keep, presentValue, valueOf, type DeployForm } from './deploy-form.ts';
import { BACK, inputText, pickOne, type StepFrame } from '../base/wizard.ts';

/** A row of the last step: what few people change. */
export interface Setting {
  readonly label: string;
  readonly detail: string;
  /** @returns the words for what the stack has and will have */
  readonly describe: (form: DeployForm) => string;
  readonly ask: (frame: StepFrame, form: DeployForm) => Promise<DeployForm | typeof BACK>;
}

/** The texts of the question for a parameter. */
export interface ParameterWords {
  readonly prompt: string;
  readonly placeHolder?: string | undefined;
  /** the message for a value that the template does not accept */
  readonly problem: string;
}

/**
 * Asks for a parameter's value in a box with the present value; an empty text is an answer too. For a value that AWS does
 * not reveal, the box hides what is typed, and an empty text keeps the value.
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
    placeHolder: masked ? vs.l10n.t('Empty: keep the present value') : placeHolder,
    password: masked,
    validate: (value) => (stays(value) || isParameterValue(name, value) ? undefined : problem),
  });
  if (text === BACK) return BACK;
  return stays(text) ? keep(form, name) : choose(form, name, text);
}

/**
 * Asks for one of the values that the template allows. The present one is marked.
 * @param label gives the words for a value
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

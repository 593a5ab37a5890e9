import type { Stack } from '../../core/stack/stack-service.ts';
import {
  PARAMETER_RULES,
  type ParameterName,
  type StackParameters,
} from '../../core/stack/stack-contract.ts';

/** The stack before the deployment. */
export interface PresentStack {
  /** undefined: the deployment creates it */
  readonly stack: Stack | undefined;
  /** values that were tuned or paused without a deployment, as stack parameters */
  readonly live: StackParameters;
}

/** The user's answers so far. */
export interface DeployForm {
  readonly stackName: string;
  readonly present: PresentStack;
  /** only values that differ from the present ones; the other parameters keep their values */
  readonly chosen: StackParameters;
}

/** CloudFormation returns a NoEcho parameter as a row of asterisks (CloudFormation API, Parameter). */
const MASKED = /^\*+$/;

/** @returns true where AWS does not reveal the present value */
export function isMasked({ present }: DeployForm, name: ParameterName): boolean {
  return MASKED.test(present.stack?.parameters[name] ?? '');
}

/** @returns the value that the stack has, or would get by default; empty where AWS does not reveal it */
export function presentValue(form: DeployForm, name: ParameterName): string {
  if (isMasked(form, name)) return '';
  const { live, stack } = form.present;
  return live[name] ?? stack?.parameters[name] ?? PARAMETER_RULES[name].default;
}

/** @returns the value that the stack will have; empty where AWS does not reveal it */
export function valueOf(form: DeployForm, name: ParameterName): string {
  return form.chosen[name] ?? presentValue(form, name);
}

/**
 * @param value the user's answer; the present value leaves the parameter unchanged
 * @returns the form with this answer
 */
export function choose(form: DeployForm, name: ParameterName, value: string): DeployForm {
  if (!isMasked(form, name) && value === presentValue(form, name)) return keep(form, name);
  return { ...form, chosen: { ...form.chosen, [name]: value } };
}

/** @returns the form that leaves a parameter unchanged */
export function keep(form: DeployForm, name: ParameterName): DeployForm {
  const { [name]: _, ...chosen } = form.chosen;
  return { ...form, chosen };
}

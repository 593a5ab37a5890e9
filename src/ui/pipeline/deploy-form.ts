import type { Stack } from '../../core/stack/stack-service.ts';
import {
  PARAMETER_RULES,
  type ParameterName,
  type StackParameters,
} from '../../core/stack/stack-contract.ts';

/** The stack as it is before the deployment. */
export interface PresentStack {
  /** undefined: it is to be created */
  readonly stack: Stack | undefined;
  /** what was tuned or paused live, in the stack's terms */
  readonly live: StackParameters;
}

/** What the flow has asked so far. */
export interface DeployForm {
  readonly stackName: string;
  readonly present: PresentStack;
  /** only what differs from the present values: the rest is left to the stack */
  readonly chosen: StackParameters;
}

/** A NoEcho parameter comes as a row of asterisks (CloudFormation API, Parameter). */
const MASKED = /^\*+$/;

/** @returns true where AWS does not tell the present value */
export function isMasked({ present }: DeployForm, name: ParameterName): boolean {
  return MASKED.test(present.stack?.parameters[name] ?? '');
}

/** @returns the value that the stack has, or would get by default; empty where AWS does not tell it */
export function presentValue(form: DeployForm, name: ParameterName): string {
  if (isMasked(form, name)) return '';
  const { live, stack } = form.present;
  return live[name] ?? stack?.parameters[name] ?? PARAMETER_RULES[name].default;
}

/** @returns the value that the stack will have; empty where AWS does not tell it */
export function valueOf(form: DeployForm, name: ParameterName): string {
  return form.chosen[name] ?? presentValue(form, name);
}

/**
 * @param value what the user answered; the present one leaves the parameter alone
 * @returns the form with the answer in it
 */
export function choose(form: DeployForm, name: ParameterName, value: string): DeployForm {
  if (!isMasked(form, name) && value === presentValue(form, name)) return keep(form, name);
  return { ...form, chosen: { ...form.chosen, [name]: value } };
}

/** @returns the form that leaves a parameter alone */
export function keep(form: DeployForm, name: ParameterName): DeployForm {
  const { [name]: _, ...chosen } = form.chosen;
  return { ...form, chosen };
}

import type { Stack } from '../../core/stack/stack-service.ts';
import {
  PARAMETER_RULES,
  type ParameterName,
  type StackParameters,
} from '../../core/stack/stack-contract.ts';
import { areSameTags, type StackTags } from '../../core/stack/stack-tags.ts';
import type { KeptTable } from '../connection/kept-tables.ts';

/** The stack before the deployment. */
export interface PresentStack {
  /** undefined: the deployment creates it */
  readonly stack: Stack | undefined;
  /** values that were tuned or paused without a deployment, as stack parameters */
  readonly live: StackParameters;
  /** tables of deleted stacks that a new stack can go on with; none for a stack that exists */
  readonly kept: readonly KeptTable[];
}

/** The user's answers so far. */
export interface DeployForm {
  readonly stackName: string;
  readonly present: PresentStack;
  /** only values that differ from the present ones; the other parameters keep their values */
  readonly chosen: StackParameters;
  /** all tags of the stack, where they differ from the present ones */
  readonly tags?: StackTags;
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

/** @returns the tags that the stack has */
export function presentTags({ present }: DeployForm): StackTags {
  return present.stack?.tags ?? {};
}

/** @returns the tags that the stack will have */
export function tagsOf(form: DeployForm): StackTags {
  return form.tags ?? presentTags(form);
}

/** @returns the form with these tags; the present ones leave the stack's tags unchanged */
export function chooseTags(form: DeployForm, tags: StackTags): DeployForm {
  const { tags: _, ...others } = form;
  return areSameTags(tags, presentTags(form)) ? others : { ...others, tags };
}

/** Output of the stack that says which template it was made from. */
export const VERSION_OUTPUT = 'TemplateVersion';
/**
 * The version of the template that belongs to this code; a test compares the two. Each release with a changed template
 * takes the next whole number, so that Media Batch can offer an update for older stacks.
 */
export const TEMPLATE_VERSION = 4;
/**
 * The version of templates without the output. Templates before version 3 have no reconciler and another dispatch item;
 * this code can operate them.
 */
const FIRST_VERSION = 1;

/** A stack's template compared with the one of this code. Media Batch operates only `current` and `older` ones. */
export type TemplateAge =
  | { readonly age: 'current' | 'older' | 'newer'; readonly version: number }
  /** the output does not hold a version */
  | { readonly age: 'unknown'; readonly text: string };

/** @param outputs the stack's outputs as CloudFormation has them */
export function templateAge(outputs: Readonly<Record<string, string>>): TemplateAge {
  const text = outputs[VERSION_OUTPUT] ?? String(FIRST_VERSION);
  if (!/^[1-9]\d{0,8}$/.test(text)) return { age: 'unknown', text };
  const version = Number(text);
  if (version === TEMPLATE_VERSION) return { age: 'current', version };
  return { age: version < TEMPLATE_VERSION ? 'older' : 'newer', version };
}

/** Output of the stack that says which template it was made from. */
export const VERSION_OUTPUT = 'TemplateVersion';
/**
 * The version of the template beside this code; a test holds the template to it. Each release whose template differs has
 * the next whole number, so that a stack can be told that an update is there for it.
 */
export const TEMPLATE_VERSION = 2;
/** Templates before the output. Their resources, outputs, messages and items are the same, so they are operated. */
const FIRST_VERSION = 1;

/** How a stack's template stands to the one beside this code; only `current` and `older` ones are operated. */
export type TemplateAge =
  | { readonly age: 'current' | 'older' | 'newer'; readonly version: number }
  /** what the output says is no version */
  | { readonly age: 'unknown'; readonly text: string };

/** @param outputs the stack's outputs as CloudFormation has them */
export function templateAge(outputs: Readonly<Record<string, string>>): TemplateAge {
  const text = outputs[VERSION_OUTPUT] ?? String(FIRST_VERSION);
  if (!/^[1-9]\d{0,8}$/.test(text)) return { age: 'unknown', text };
  const version = Number(text);
  if (version === TEMPLATE_VERSION) return { age: 'current', version };
  return { age: version < TEMPLATE_VERSION ? 'older' : 'newer', version };
}

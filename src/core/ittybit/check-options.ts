import { InvalidInputError } from '../errors.ts';
import type { JobKind } from './job-kind.ts';
import {
  CROSS_RULES,
  KIND_RULES,
  optionRules,
  possibleFormats,
  type KindOptions,
  type NumberRule,
  type ValueRule,
} from './option-rules.ts';
import { endingRule, OUTPUT_RULES } from './output-rules.ts';
import { visibleText } from '../visible-text.ts';

/**
 * Checks the options of one kind of job against the table in option-rules.ts.
 * @param options parsed JSON
 * @returns the same options
 * @throws InvalidInputError naming the option, its value and what it takes
 */
export function checkOptions(kind: JobKind, options: Readonly<Record<string, unknown>>): KindOptions {
  const rules = optionRules(kind);
  for (const [name, value] of Object.entries(options)) {
    // An option named "constructor" must not find the one that every object inherits.
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    if (!rule) {
      const known = Object.keys(rules).join(', ');
      throw wrong(name, `${kind} jobs have no option ${shown(name)}: use ${known}.`);
    }
    if (!takes(rule, value)) throw wrong(name, `"${name}" is ${taken(rule)}, not ${shown(value)}.`);
  }
  const missing = KIND_RULES[kind].required.find((name) => options[name] === undefined);
  if (missing !== undefined)
    throw wrong(missing, `${kind} jobs need "${missing}": ${taken(rules[missing])}.`);
  const checked = options as KindOptions;
  if (possibleFormats(kind, checked).length === 0) throw wrong('codec', codecSentence(kind, checked));
  for (const { option, problem } of CROSS_RULES) {
    const words = problem(checked);
    if (words !== undefined) throw wrong(option, `"${option}" ${words}.`);
  }
  return checked;
}

/**
 * Checks the output pattern of a job with these options.
 * @returns the same pattern
 * @throws InvalidInputError `output`
 */
export function checkOutput(kind: JobKind, options: KindOptions, output: unknown): string {
  for (const { pattern, says } of [...OUTPUT_RULES, endingRule(kind, options)]) {
    if (typeof output !== 'string' || !new RegExp(pattern, 'u').test(output)) {
      throw new InvalidInputError('output', `The output ${shown(output)} ${says}.`);
    }
  }
  return output as string;
}

/** @returns what an option takes, in words that follow `"width" is` */
export function taken(rule: ValueRule | undefined): string {
  if (!rule) return 'not known';
  if ('choices' in rule) return `one of ${rule.choices.join(', ')}`;
  if ('pattern' in rule) return rule.what;
  const { least, most, unit, whole = false, above = false, or } = rule;
  const range = above ? `above ${least}, up to ${most}` : `from ${least} to ${most}`;
  const number = `${whole ? 'a whole number' : 'a number'} of ${unit} ${range}`;
  return or ? `${number}, or ${or.what}` : number;
}

function takes(rule: ValueRule, value: unknown): boolean {
  if ('choices' in rule) return typeof value === 'string' && rule.choices.includes(value);
  if ('pattern' in rule) return typeof value === 'string' && new RegExp(rule.pattern, 'u').test(value);
  return isInRange(rule, value) || (rule.or !== undefined && takes(rule.or, value));
}

function isInRange({ least, most, whole = false, above = false }: NumberRule, value: unknown): boolean {
  if (typeof value !== 'number' || (whole && !Number.isInteger(value))) return false;
  return value <= most && (above ? value > least : value >= least);
}

function codecSentence(kind: JobKind, { format, codec }: KindOptions): string {
  const { codecs = [] } = KIND_RULES[kind].formats[String(format)] ?? {};
  return `"codec" is one of ${codecs.join(', ')} in a ${String(format)} file, not ${shown(codec)}.`;
}

function wrong(option: string, message: string): InvalidInputError {
  return new InvalidInputError(`options.${option}`, message);
}

/** @returns an untrusted value in a form for messages: short and visible */
export function shown(value: unknown): string {
  if (typeof value === 'string') return `"${visibleText(value, 100)}"`;
  if (typeof value !== 'object' || value === null) return String(value);
  return Array.isArray(value) ? 'a list' : 'an object';
}

import {
  STUBBORN_BASE,
  STUBBORN_OUTPUTS,
  stubbornStep,
  WAIT_BEHIND_FIRST,
} from '../helpers/stubborn-parts.ts';

/** @returns the template with the parts that an update of `breaking` needs */
export function stubborn(template: string): string {
  return withParts(template, { ...STUBBORN_BASE, First: stubbornStep('1') });
}

/** @returns an update of `stubborn` that waits for a signal to its output `Handle` */
export function breaking(template: string): string {
  const parts = { ...STUBBORN_BASE, First: stubbornStep('2'), Wait: WAIT_BEHIND_FIRST };
  return withParts(template, parts);
}

/** JSON is YAML, on one line. */
function withParts(template: string, resources: Readonly<Record<string, object>>): string {
  return template
    .replace('\nResources:\n', () => `\nResources:\n${lines(resources)}`)
    .replace('\nOutputs:\n', () => `\nOutputs:\n${lines(STUBBORN_OUTPUTS)}`);
}

function lines(parts: Readonly<Record<string, object>>): string {
  return Object.entries(parts)
    .map(([name, part]) => ` ${name}: ${JSON.stringify(part)}\n`)
    .join('');
}

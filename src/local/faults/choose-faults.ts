import type { Draw } from '../ittybit/draws.ts';

/** Every fault with the inputs that it befalls. */
export type FaultPlan<Name extends string> = ReadonlyMap<Name, ReadonlySet<string>>;

/**
 * Chooses which files have which fault: each of the share has one, and no fault has two files more than another. Names
 * alone decide, so the same draws give the same plan in whatever order the files come.
 * @param share of the files, 0 to 1
 */
export function chooseFaults<Name extends string>(
  inputs: readonly string[],
  faults: readonly Name[],
  share: number,
  draw: Draw,
): FaultPlan<Name> {
  const chosen = shuffled(inputs, 'file', draw).slice(0, Math.ceil(inputs.length * share));
  const names = shuffled(faults, 'fault', draw);
  const plan = new Map(names.map((name) => [name, new Set<string>()]));
  const sets = [...plan.values()];
  chosen.forEach((input, i) => sets[i % sets.length]?.add(input));
  return plan;
}

/** @returns the texts in an order that the draws about them decide, and not the one that they come in */
export function shuffled<Text extends string>(texts: readonly Text[], what: string, draw: Draw): Text[] {
  return texts
    .toSorted()
    .map((text) => ({ text, at: draw(`${what} ${text}`) }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ text }) => text);
}

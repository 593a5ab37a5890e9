import { createHash } from 'node:crypto';

/** Draws a number from 0 to below 1. `about` names what is drawn for, e.g. a fault and an input. */
export type Draw = (about: string) => number;

/**
 * Draws that a seed decides: the nth one about something is always the same, whatever else was drawn before it. So a run
 * in which requests arrive in another order still has the same faults for the same files.
 */
export function seededDraws(seed: number): Draw {
  const drawn = new Map<string, number>();
  return (about) => {
    const count = drawn.get(about) ?? 0;
    drawn.set(about, count + 1);
    return numberOf(seed, about, count);
  };
}

/**
 * A predicate for a fault's `match` that holds for this share (0 to 1) of the inputs: for the same ones at each request,
 * with the same seed and name. Requests without an input do not match.
 */
export function shareOfInputs(
  share: number,
  seed: number,
  name: string,
): (subject: { readonly input: string | undefined }) => boolean {
  return ({ input }) => input !== undefined && numberOf(seed, name, input) < share;
}

function numberOf(...parts: readonly (number | string)[]): number {
  return createHash('sha256').update(JSON.stringify(parts)).digest().readUInt32BE() / 2 ** 32;
}

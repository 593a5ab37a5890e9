/** How the keys of a bucket lie: all in one folder, in folders of folders, or one in each. */
export const SHAPES = ['flat', 'nested', 'one-per-prefix'] as const;
export type Shape = (typeof SHAPES)[number];

export const PREFIX = 'uploads/';

/** @returns the key of an object; keys are in S3's order, and each holds its index as seven digits in a row */
export function keyOf(shape: Shape, index: number): string {
  const digits = String(index).padStart(7, '0');
  if (shape === 'flat') return `${PREFIX}clip-${digits}.mp4`;
  if (shape === 'one-per-prefix') return `${PREFIX}${digits}/master.mp4`;
  return `${PREFIX}${digits.slice(0, 2)}/reel-${digits.slice(2, 4)}/clip-${digits}.mp4`;
}

/** @returns the index that a key, or a text with a key, was made from */
export function indexIn(text: string): number {
  return Number(/\d{7}/.exec(text)?.[0]);
}

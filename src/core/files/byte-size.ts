import { InvalidInputError } from '../errors.ts';

/** By factors of 1,000 (SI), and of 1,024 with an `i` (IEC 80000-13). */
const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

const BYTES_OF: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ...UNITS.map((unit, power) => [unit.toLowerCase(), 1000 ** power] as const),
  ...UNITS.slice(1).map((unit, i) => [unit.toLowerCase().replace('b', 'ib'), 1024 ** (i + 1)] as const),
]);

/**
 * Reads a size as people type it: `1.5 GB` is 1,500,000,000 bytes, `1.5 GiB` 1,610,612,736, `1500` bytes. The case of
 * units does not matter (there are no bits here); decimals have a point.
 * @returns whole bytes
 * @throws InvalidInputError `size`
 */
export function parseSize(text: string): number {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim()) ?? [];
  const bytes = Math.round(Number(number) * (BYTES_OF.get(unit.toLowerCase()) ?? NaN));
  if (!Number.isSafeInteger(bytes)) {
    throw new InvalidInputError('size', `"${text}" is not a size: give one such as 500 MB, 1.5 GB or 2 GiB.`);
  }
  return bytes;
}

/**
 * @param bytes 0 or more
 * @returns three digits and a decimal unit, such as `1.2 GB`
 */
export function formatBytes(bytes: number): string {
  let rest = bytes;
  let power = 0;
  // 999.5 kB would be rounded to 1000 kB.
  while (rest >= (power === 0 ? 1000 : 999.5) && power < UNITS.length - 1) {
    rest /= 1000;
    power += 1;
  }
  return `${Number(rest.toPrecision(power === 0 ? 15 : 3))} ${UNITS[power] ?? ''}`;
}

import { InvalidInputError } from '../errors.ts';

/** What the user pays Ittybit, in their own words: no price of Ittybit's is published. */
export interface OwnRate {
  readonly amount: number;
  /** the sign or code of the currency as it was typed; empty where none was */
  readonly currency: string;
  readonly per: 'minute' | 'file';
}

const FORM =
  /^([^\d\s.,/-]{0,5})\s*(\d{1,7}(?:[.,]\d{1,8})?)\s*([^\d\s.,/-]{0,5})\s*(?:\/|per|a|an)\s*(?:output\s+)?(min|minute|file)$/i;

/**
 * Reads a rate such as `$0.015 per minute` and `0.02 EUR / file`.
 * @throws InvalidInputError for any other text
 */
export function parseOwnRate(text: string): OwnRate {
  const [, before = '', number = '', after = '', unit = ''] = FORM.exec(text.trim()) ?? [];
  const amount = Number(number.replace(',', '.'));
  if (unit === '' || !Number.isFinite(amount)) {
    throw new InvalidInputError('rate', 'Give a rate such as "$0.015 per minute" or "0.02 EUR per file".');
  }
  return { amount, currency: before || after, per: unit.toLowerCase() === 'file' ? 'file' : 'minute' };
}

/** How long results are, by those that are known. */
export interface KnownLength {
  readonly files: number;
  readonly ms: number;
}

/**
 * @param files how many are to be paid
 * @param known results that were measured, such as those of a trial
 * @returns the amount; undefined for a rate per minute where no result has been measured
 */
export function costAtRate(
  { amount, per }: OwnRate,
  files: number,
  known: KnownLength | undefined,
): number | undefined {
  if (per === 'file') return files * amount;
  if (!known || known.files === 0) return undefined;
  return (files * amount * known.ms) / known.files / 60_000;
}

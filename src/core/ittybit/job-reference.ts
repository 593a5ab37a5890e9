import { createHash } from 'node:crypto';
import type { BatchFile } from '../files/batch-file.ts';
import type { JobOptions } from './job-options.ts';

/** Writes any JSON value as stable text: the order of keys does not matter. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([name, field]) => `${JSON.stringify(name)}:${canonicalJson(field)}`).join(',')}}`;
}

/**
 * The reference of one paid job of one file in one batch. It is sent as the `Idempotency-Key`, so every repeat (second
 * delivery, lost answer, redrive) finds the same job. It has 16 to 32 characters (Ittybit API reference,
 * "Idempotency").
 * @param run 1 for the first paid run; another number makes another paid job of the same file
 * @returns 32 hexadecimal characters
 */
export function jobReference(file: BatchFile, options: JobOptions, run: number): string {
  const optionsHash = createHash('sha256').update(canonicalJson(options)).digest('hex');
  // JSON keeps the parts apart, so no key can look like the parts of another file.
  const parts = JSON.stringify([file.batch, file.bucket, file.key, optionsHash, run]);
  return createHash('sha256').update(parts).digest('hex').slice(0, 32);
}

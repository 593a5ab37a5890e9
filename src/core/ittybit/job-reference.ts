import { createHash } from 'node:crypto';
import type { BatchFile } from '../files/batch-file.ts';
import type { JobOptions } from './job-options.ts';

/**
 * A stable text of any JSON value: the same value gives the same text, whatever the order of its keys.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([name, field]) => `${JSON.stringify(name)}:${canonicalJson(field)}`).join(',')}}`;
}

/**
 * The job reference: one paid job of one file in one batch. It is the `Idempotency-Key`, so a repeat of any kind
 * (second delivery, lost answer, redrive) finds the same job (16 to 32 characters: Ittybit API reference,
 * "Idempotency").
 * @param run 1 for the first paid run; only an explicit "retry failed job" raises it
 * @returns 32 hexadecimal characters
 */
export function jobReference(file: BatchFile, options: JobOptions, run: number): string {
  const optionsHash = createHash('sha256').update(canonicalJson(options)).digest('hex');
  // JSON keeps the parts apart: a key that contains the separator cannot pass for another file.
  const parts = JSON.stringify([file.batch, file.bucket, file.key, optionsHash, run]);
  return createHash('sha256').update(parts).digest('hex').slice(0, 32);
}

import { createHash } from 'node:crypto';
import { canonicalJson } from '../ittybit/canonical-json.ts';
import { outputFor, type JobOptions } from '../ittybit/job-options.ts';
import type { S3Location } from '../files/s3-location.ts';
import { isEnded, isUnclear, type ResultItem } from './result-item.ts';

/** One version of a file. Without an ETag, as in the guide's bare messages, it is a version of its own. */
export interface FileVersion extends S3Location {
  readonly etag?: string | undefined;
}

/** How a batch wants a job: with which connection, and as work of its own where the user said "again". */
export interface Commission {
  readonly job: JobOptions;
  /** the stack's ConnectionId, empty for the project's default connection */
  readonly connectionId: string;
  /** the batch whose work is its own */
  readonly again?: string | undefined;
}

/**
 * Names the work that is paid once: one version of a file and one job, in all batches together.
 * @returns the sort key of its work item, `work#<job hash>#<etag or ->`
 */
export function workOf(file: FileVersion, { job, connectionId, again }: Commission): string {
  const connection = job.connection_id ?? connectionId;
  const parts = [job.kind, job.options, connection, outputFor(job, file) ?? null, again ?? null];
  return `work#${shortHash(canonicalJson(parts))}#${file.etag ?? '-'}`;
}

/** @returns 16 hexadecimal characters: among 10,000,000 texts two are the same with a chance below 1 to 300,000 */
export function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** What the owner of a work means for another batch that wants the same. */
export type Verdict = 'take' | 'cover' | 'wait' | 'cannot-tell';

/**
 * @param owner the item of the batch that the work item names; undefined where it has none
 * @param work the wanted work. An owner whose item names another work is no owner
 */
export function verdictOn(owner: ResultItem | undefined, work: string): Verdict {
  if (!owner || (owner.work !== undefined && owner.work !== work)) return 'take';
  const { status } = owner;
  if (status === 'succeeded') return 'cover';
  if (isEnded(status) || (status === 'dead' && !isUnclear(owner))) return 'take';
  return status === 'dead' && owner.cannot_tell === true ? 'cannot-tell' : 'wait';
}

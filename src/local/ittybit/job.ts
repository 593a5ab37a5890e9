import type { FaultSubject } from './faults.ts';
import type { JobRequest } from './request-validation.ts';

/** The status words of the current reference for a job. */
export const jobStatuses = ['queued', 'processing', 'succeeded', 'failed', 'cancelled'] as const;
export type JobStatus = (typeof jobStatuses)[number];

/** An accepted job. Times are Unix ms, null while they lie ahead. */
export interface Job {
  readonly id: string;
  /** Counts accepted jobs from 1. */
  readonly number: number;
  readonly request: JobRequest;
  /** The request that created it, with the body as it came. */
  readonly subject: FaultSubject;
  readonly createdAt: number;
  status: JobStatus;
  error: { readonly kind: string; readonly message: string } | null;
  startedAt: number | null;
  finishedAt: number | null;
  updatedAt: number;
}

/** Whether the job will change no more. */
export function isTerminal(job: Job): boolean {
  return job.status !== 'queued' && job.status !== 'processing';
}

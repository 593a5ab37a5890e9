import type { FaultSubject } from './faults.ts';
import type { JobRequest } from './request-validation.ts';

/** The status of a job, in the words of the current API reference. */
export const jobStatuses = ['queued', 'processing', 'succeeded', 'failed', 'cancelled'] as const;
export type JobStatus = (typeof jobStatuses)[number];

/** An accepted job. Times are Unix ms, null until they have come. */
export interface Job {
  readonly id: string;
  /** Number of the job, counted from 1. */
  readonly number: number;
  readonly request: JobRequest;
  /** The request that created the job, with the body as it was sent. */
  readonly subject: FaultSubject;
  readonly createdAt: number;
  status: JobStatus;
  error: { readonly kind: string; readonly message: string } | null;
  startedAt: number | null;
  finishedAt: number | null;
  updatedAt: number;
}

/** True when the job has ended. */
export function isTerminal(job: Job): boolean {
  return job.status !== 'queued' && job.status !== 'processing';
}

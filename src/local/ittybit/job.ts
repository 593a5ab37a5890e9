import type { FaultSubject } from './fault.ts';
import type { JobRequest } from './request-validation.ts';

/** The status of a job, in the words of the current API reference. */
export const jobStatuses = ['queued', 'processing', 'succeeded', 'failed', 'cancelled'] as const;
export type JobStatus = (typeof jobStatuses)[number];

export interface JobError {
  readonly kind: string;
  readonly message: string;
}

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
  /** Null also for a failed job that says why only in the task that failed. */
  error: JobError | null;
  /** Why the encode failed. */
  taskError: JobError | null;
  /** What makes the address of the result longer than it would be. */
  outputTail: string;
  /** True: the job has succeeded, and the address of its result is not told yet. */
  isOutputPending: boolean;
  startedAt: number | null;
  finishedAt: number | null;
  updatedAt: number;
}

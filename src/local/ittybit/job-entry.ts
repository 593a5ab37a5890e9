import type { Job, JobStatus } from './job.ts';
import type { JobKind } from './option-rules.ts';

/** A job as its payer would list it: plain data, for comparing jobs and for JSON. Times are Unix ms. */
export interface JobEntry {
  readonly id: string;
  readonly input: string;
  readonly kind: JobKind;
  /** Without the connection. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Where the result was asked to go; null: the service's own storage. */
  readonly output: string | null;
  /** Empty when the request named none. */
  readonly connection: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** `metadata.reference`, else the `Idempotency-Key`; null: neither was sent. */
  readonly reference: string | null;
  readonly webhookUrl: string | null;
  readonly createdAt: number;
  readonly finishedAt: number | null;
  readonly status: JobStatus;
}

/** The job's entry as it is now. */
export function jobEntry({ id, request, subject, createdAt, finishedAt, status }: Job): JobEntry {
  const { input, kind, output = null, connection, metadata, webhookUrl = null } = request;
  const { connection_id: _, ...options } = request.options;
  const reference = metadata['reference'] ?? subject.idempotencyKey ?? null;
  return {
    ...{ id, input, kind, options, output, connection, metadata, reference, webhookUrl },
    ...{ createdAt, finishedAt, status },
  };
}

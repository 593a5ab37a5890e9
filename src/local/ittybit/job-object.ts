import { outputUrl } from './job-output.ts';
import { taskObject, taskRolesOf } from './job-tasks.ts';
import type { Job } from './job.ts';

/** The job as `GET /jobs/{id}` shows it. */
export function jobObject(job: Job) {
  const { kind, input, options, metadata } = job.request;
  return {
    id: job.id,
    object: 'job',
    kind,
    input,
    output: outputUrl(job),
    options,
    metadata,
    status: job.status,
    error: job.error,
    tasks: taskRolesOf(job).map((role) => taskObject(job, role)),
    created_at: job.createdAt,
    started_at: job.startedAt,
    finished_at: job.finishedAt,
    updated_at: job.updatedAt,
  };
}

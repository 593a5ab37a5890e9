import { outputFile } from './job-output.ts';
import type { Job, JobStatus } from './job.ts';

/** The tasks of a job, in the order in which they run; `encode` has the job's own kind as its kind. */
const taskRoles = ['probe', 'import', 'encode', 'export'] as const;
export type TaskRole = (typeof taskRoles)[number];

/** The status of a task, by what the job is doing. The first two are done when the job starts processing. */
const taskStatuses = {
  queued: { probe: 'queued', import: 'waiting', encode: 'waiting', export: 'waiting' },
  processing: { probe: 'succeeded', import: 'succeeded', encode: 'processing', export: 'waiting' },
  succeeded: { probe: 'succeeded', import: 'succeeded', encode: 'succeeded', export: 'succeeded' },
  failed: { probe: 'succeeded', import: 'succeeded', encode: 'failed', export: 'cancelled' },
  cancelled: { probe: 'succeeded', import: 'succeeded', encode: 'cancelled', export: 'cancelled' },
} as const satisfies Record<JobStatus, Record<TaskRole, JobStatus | 'waiting'>>;
const progress = { waiting: 0, queued: 0, processing: 50, succeeded: 100, failed: 50, cancelled: 50 };

/** The roles of a job's tasks: only a job with an `output` of its own has an export. */
export function taskRolesOf({ request }: Job): TaskRole[] {
  return taskRoles.filter((role) => role !== 'export' || request.output !== undefined);
}

/** The task as it stands in `tasks[]` of its job. */
export function taskObject(job: Job, role: TaskRole) {
  const status = taskStatuses[job.status][role];
  return {
    id: taskId(job, role),
    object: 'task',
    kind: role === 'encode' ? job.request.kind : role,
    input: { object: 'external_file', url: job.request.input },
    options: role === 'encode' ? job.request.options : {},
    output: status === 'succeeded' ? taskOutput(job, role) : null,
    status,
    progress: progress[status],
    error: status === 'failed' ? job.taskError : null,
    created_at: job.createdAt,
    started_at: job.startedAt,
    finished_at: role === 'probe' || role === 'import' ? job.startedAt : job.finishedAt,
    updated_at: job.updatedAt,
  };
}

/** The id of a task. That of the encode stands in some webhook payloads instead of the job's id. */
export function taskId(job: Job, role: TaskRole): string {
  return `task_${job.id.slice('job_'.length)}${taskRoles.indexOf(role)}`;
}

/** A probe and an import hand on the source, so its address is their output. */
function taskOutput(job: Job, role: TaskRole) {
  if (role === 'encode' || role === 'export') return outputFile(job);
  return { object: 'file', kind: job.request.kind, url: job.request.input };
}

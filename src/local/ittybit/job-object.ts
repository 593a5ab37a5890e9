import { formatOf } from './option-rules.ts';
import type { Job } from './job.ts';

const storageHost = 'https://store.ittybit.net/org_local';

/**
 * The address of the job's result: its `output` when the request had one, else in the service's own storage; null until
 * the job succeeds.
 */
export function outputUrl(job: Job): string | null {
  if (job.status !== 'succeeded') return null;
  const { kind, options, output } = job.request;
  return output ?? `${storageHost}/${job.id}.${formatOf(kind, options)}`;
}

/** The id of the encoding task; some webhook payloads have it instead of the job's id. */
export function encodeTaskId(job: Job): string {
  return taskId(job, 2);
}

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
    tasks: tasksOf(job),
    ...times(job),
  };
}

/** The file that a job made, as tasks and webhooks show it; null until the job succeeds. */
export function outputFile(job: Job) {
  const url = outputUrl(job);
  if (url === null) return null;
  const { kind, options } = job.request;
  const isPicture = kind !== 'audio';
  return {
    object: 'file',
    kind,
    url,
    format: formatOf(kind, options),
    width: isPicture ? 1920 : null,
    height: isPicture ? 1080 : null,
    duration: kind === 'image' ? null : 12.5,
  };
}

function tasksOf(job: Job) {
  const kinds = [
    'probe',
    'import',
    job.request.kind,
    ...(job.request.output === undefined ? [] : ['export']),
  ];
  return kinds.map((kind, index) => ({
    id: taskId(job, index),
    object: 'task',
    kind,
    input: { object: 'external_file', url: job.request.input },
    options: kind === job.request.kind ? job.request.options : {},
    output: kind === job.request.kind ? outputFile(job) : null,
    status: job.status,
    progress: { queued: 0, processing: 50, succeeded: 100, failed: 50, cancelled: 50 }[job.status],
    error: kind === job.request.kind ? job.error : null,
    ...times(job),
  }));
}

function taskId(job: Job, index: number): string {
  return `task_${job.id.slice('job_'.length)}${index}`;
}

function times(job: Job) {
  return {
    created_at: job.createdAt,
    started_at: job.startedAt,
    finished_at: job.finishedAt,
    updated_at: job.updatedAt,
  };
}

import { jobObject } from './job-object.ts';
import { outputFile } from './job-output.ts';
import { taskId } from './job-tasks.ts';
import type { Job } from './job.ts';

/**
 * The five published webhook payloads: `flat` (webhook guide), `data` (batch guide), `event` (webhook reference),
 * `typed` (durable-functions guide) and `era-a` (the 2025 reference).
 */
export const payloadShapes = ['flat', 'data', 'event', 'typed', 'era-a'] as const;
export type PayloadShape = (typeof payloadShapes)[number];

/** The event that a webhook reports about a job or a task; a cancelled one sends none. */
export type WebhookEvent = 'processing' | 'succeeded' | 'failed';

/**
 * The JSON object of a webhook's body. `job` is the job at that event; `sentAt` is Unix ms.
 * `flat`, `event` and `era-a` have the id of a task, and the last two have no metadata, as in their published examples.
 */
export function webhookPayload(shape: PayloadShape, job: Job, event: WebhookEvent, sentAt: number): object {
  const topic = event === 'processing' ? 'updated' : event;
  switch (shape) {
    case 'flat':
      return { ...jobObject(job), id: taskId(job, 'encode'), object: 'task', output: outputFile(job) };
    case 'data':
      return { data: dataFields(job) };
    case 'event':
      return {
        id: `evt_${job.id.slice('job_'.length)}${event}`,
        object: 'event',
        kind: `task.${topic}`,
        data: eventFields(job),
        created_at: Math.floor(sentAt / 1000),
      };
    case 'typed':
      return { type: `job.${topic}`, data: jobObject(job) };
    case 'era-a':
      return eraAFields(job);
  }
}

function dataFields(job: Job) {
  return {
    id: job.id,
    status: job.status,
    kind: job.request.kind,
    metadata: job.request.metadata,
    output: outputFile(job),
    error: job.error,
    duration_ms: job.startedAt === null || job.finishedAt === null ? null : job.finishedAt - job.startedAt,
    created_at: job.createdAt,
    completed_at: job.finishedAt,
  };
}

function eventFields(job: Job) {
  const file = outputFile(job);
  return {
    id: taskId(job, 'encode'),
    object: 'task',
    kind: job.request.kind,
    status: job.status,
    outputs: file === null ? [] : [file],
    ...(job.taskError === null ? {} : { error: job.taskError }),
  };
}

function eraAFields(job: Job) {
  return {
    id: taskId(job, 'encode'),
    object: 'task',
    kind: job.request.kind,
    status: job.status === 'succeeded' ? 'completed' : job.status,
    results: outputFile(job),
    ...(job.taskError === null ? {} : { error: job.taskError }),
    project_id: 'proj_local',
    automation_id: null,
    created: new Date(job.createdAt).toISOString(),
    completed: job.finishedAt === null ? null : new Date(job.finishedAt).toISOString(),
  };
}

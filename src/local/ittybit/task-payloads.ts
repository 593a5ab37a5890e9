import type { Job } from './job.ts';
import { taskObject, type TaskRole } from './job-tasks.ts';
import type { PayloadShape, WebhookEvent } from './payload-shapes.ts';

/**
 * The JSON object of a webhook's body about one task of a job, in the five published shapes. `job` is the job at that
 * event; `sentAt` is Unix ms. No shape names the job; `event` and `era-a` have no metadata either.
 */
export function taskPayload(
  shape: PayloadShape,
  job: Job,
  role: TaskRole,
  event: WebhookEvent,
  sentAt: number,
): object {
  const task = taskObject(job, role);
  const { id, kind, status, output, error } = task;
  const { metadata, input } = job.request;
  const topic = `task.${event === 'processing' ? 'updated' : event}`;
  const failure = error === null ? {} : { error };
  switch (shape) {
    case 'flat':
      return { ...task, input, metadata };
    case 'data': {
      const { created_at, started_at, finished_at: completed_at } = task;
      const duration_ms = started_at === null || completed_at === null ? null : completed_at - started_at;
      return { data: { id, status, kind, metadata, output, error, duration_ms, created_at, completed_at } };
    }
    case 'event': {
      const outputs = output === null ? [] : [output];
      return {
        id: `evt_${id.slice('task_'.length)}${event}`,
        object: 'event',
        kind: topic,
        data: { id, object: 'task', kind, status, outputs, ...failure },
        created_at: Math.floor(sentAt / 1000),
      };
    }
    case 'typed':
      return { type: topic, data: { ...task, metadata } };
    case 'era-a':
      return {
        id,
        object: 'task',
        kind,
        status: status === 'succeeded' ? 'completed' : status,
        results: output,
        ...failure,
        project_id: 'proj_local',
        automation_id: null,
        created: new Date(task.created_at).toISOString(),
        completed: task.finished_at === null ? null : new Date(task.finished_at).toISOString(),
      };
  }
}

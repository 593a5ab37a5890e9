import type { Job } from './job.ts';
import { formatOf } from './option-rules.ts';

const storageHost = 'https://store.ittybit.net/org_local';

/**
 * The address of the job's result: its `output` when the request had one, else in the service's own storage; null until
 * it is known.
 */
export function outputUrl(job: Job): string | null {
  if (job.status !== 'succeeded' || job.isOutputPending) return null;
  const { kind, options, output } = job.request;
  return (output ?? `${storageHost}/${job.id}.${formatOf(kind, options)}`) + job.outputTail;
}

/** The file that a job made, as tasks and webhooks show it; null until its address is known. */
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

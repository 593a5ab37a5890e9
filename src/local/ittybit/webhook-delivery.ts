import type { WebhookFaultEffect } from './fault.ts';
import type { WebhookDelivery } from './job-book.ts';
import type { TaskRole } from './job-tasks.ts';
import type { Job } from './job.ts';
import { webhookPayload, type PayloadShape, type WebhookEvent } from './payload-shapes.ts';
import { taskPayload } from './task-payloads.ts';

export interface Report {
  readonly job: Job;
  readonly about: 'job' | TaskRole;
  readonly event: WebhookEvent;
  /** Where it goes. */
  readonly url: string;
  readonly shape: PayloadShape;
}

/** A webhook that is ready to be sent. It shows the job as it is now. @param now the time in Unix ms */
export function composeDelivery(
  { job, about, event, url, shape }: Report,
  effects: readonly WebhookFaultEffect[],
  now: number,
): WebhookDelivery {
  const payload =
    about === 'job' ? webhookPayload(shape, job, event, now) : taskPayload(shape, job, about, event, now);
  const has = (type: WebhookFaultEffect['type']) => effects.some((effect) => effect.type === type);
  return {
    jobId: job.id,
    about,
    event,
    shape,
    url,
    body: JSON.stringify(payload),
    encodings: [
      ...(has('webhook_bom') ? (['bom'] as const) : []),
      ...(has('webhook_gzipped') ? (['gzip'] as const) : []),
    ],
    forged: false,
    duplicate: false,
    attempts: [],
    outcome: 'pending',
  };
}

/** What somebody without the signing key sends about the job: that it has succeeded, with an output of theirs. */
export function composeForgery(
  { job, url, shape }: Pick<Report, 'job' | 'url' | 'shape'>,
  now: number,
): WebhookDelivery {
  const wished: Job = { ...job, status: 'succeeded', finishedAt: now, outputTail: '?forged' };
  const address = withOtherSignature(url);
  const report: Report = { job: wished, about: 'job', event: 'succeeded', url: address, shape };
  return { ...composeDelivery(report, [], now), forged: true };
}

/** The signature is the last segment of the address. */
function withOtherSignature(address: string): string {
  const url = new URL(address);
  const segments = url.pathname.split('/');
  const signature = segments.pop() ?? '';
  url.pathname = [...segments, (signature.startsWith('0') ? '1' : '0') + signature.slice(1)].join('/');
  return url.href;
}

import type { BackgroundWork } from '../../core/background.ts';
import { sentError } from '../../core/sent-error.ts';
import { enqueueBatch, type EnqueueErrand } from './enqueue-batch.ts';
import { enqueueMissing, type MissingErrand } from './enqueue-missing.ts';
import type { EnqueueServices } from './enqueue-services.ts';
import { askedFile } from './key-file-stream.ts';
import { planEnqueue, type PlanErrand } from './plan-enqueue.ts';

/** What a worker thread does for an enqueue, by the names that the use cases call it. */
export const ENQUEUE_WORK: BackgroundWork<EnqueueServices> = {
  enqueue: ({ order, pipeline, fileName, asksLogin }: EnqueueErrand, services, context) =>
    enqueueBatch(order, pipeline, services, {
      signal: context.signal,
      onProgress: context.tell,
      keyFile: askedFile(fileName, context),
      ...(asksLogin && {
        onExpired: async (error) => {
          await context.ask('login', sentError(error));
        },
      }),
    }),

  plan: ({ request, fileName, pipeline, limit }: PlanErrand, services, context) => {
    const keyFile = askedFile(fileName, context);
    const { signal, tell } = context;
    return planEnqueue({ ...request, keyFile }, pipeline, services, { signal, onProgress: tell, limit });
  },

  missing: ({ meta, fileName, pipeline }: MissingErrand, services, context) => {
    const keyFile = askedFile(fileName, context);
    const { signal, tell } = context;
    return enqueueMissing({ meta }, pipeline, services, { signal, onProgress: tell, keyFile });
  },
};

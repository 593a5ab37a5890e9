import type { ResultItem, Status } from '../../src/core/batch/result-item.ts';
import { isEnded } from '../../src/core/batch/result-item.ts';
import { RANK } from '../../src/core/batch/transitions.ts';
import { jobRequest } from '../../src/core/ittybit/job-options.ts';
import { OLD_BATCH } from './actions.ts';
import { identityOf } from './model-ittybit.ts';
import { BUCKET, jobOf, KEYS } from './setup.ts';
import type { World } from './world.ts';

export const OLD_STATUSES = ['succeeded', 'submitted', 'retrying', 'dead', 'failed', 'submitting'] as const;

/** Puts a file of an older stack into the table: it names no work, and does not say whether it is unclear. */
export function addOldResult(world: World, { status, hasJob }: { status: Status; hasJob: boolean }): void {
  const file = { batch: OLD_BATCH, bucket: BUCKET, key: KEYS[0] };
  const reference = 'of-an-older-stack'.padStart(32, '0');
  const job = jobOf('same', 1);
  world.batches.set(OLD_BATCH, { files: [file.key], order: () => ({ job, again: false }) });
  world.ledger.hasOldResults = true;
  const at = new Date(world.now).toISOString();
  const isKnown = status === 'succeeded' || status === 'submitted' || status === 'failed';
  const body = jobRequest(job, {
    ...{ file, reference, connectionId: world.connectionId },
    webhookUrl: `${world.sender().webhookUrl}/${OLD_BATCH}/of/another-version`,
  });
  const made =
    isKnown || hasJob
      ? world.ittybit.remember({
          ...{ reference, body, work: '', identity: identityOf(body, 'e1', '') },
          status: status === 'succeeded' || status === 'failed' ? status : 'queued',
        })
      : undefined;
  const item: ResultItem = {
    ...{ ...file, status, kind: job.kind, run: 1, attempts: 1, reference, rev: 1 },
    ...{ created_at: at, updated_at: at, first_post_at: at },
    ...(RANK[status] === 0 && { error: 'an error of before' }),
    ...(isKnown && made && { job_id: made.id }),
    ...(status === 'succeeded' && { output_url: 'https://store.example/old.mp4' }),
    ...(isEnded(status) && { completed_at: at }),
  };
  world.ledger.put(item);
  world.planned.set(`${OLD_BATCH}/${file.key}`, file);
  if (RANK[status] === 0 && status !== 'dead') world.send(file);
}

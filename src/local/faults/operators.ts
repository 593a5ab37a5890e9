import { redriveAll } from '../../app/batch/redrive.ts';
import { holdBatch, resumeBatch } from '../../app/batch/stop-batch.ts';
import { pauseDispatch, resumeDispatch } from '../../app/stack/dispatch.ts';
import { reconcileNow } from '../../app/stack/reconcile-now.ts';
import { AwsError, MediaBatchError } from '../../core/errors.ts';
import type { CloudServices } from '../../core/stack/cloud-services.ts';
import { DEFAULT_STACK_NAME } from '../../core/stack/stack-contract.ts';
import { shuffled } from './choose-faults.ts';
import type { FaultRun } from './fault-run.ts';

type Act = (run: FaultRun, services: CloudServices, who: string) => Promise<unknown>;

/** What an operator may do, each by the use case of its command. */
const ACTS = {
  pause: ({ world, signal }, { dispatch }, who) =>
    pauseDispatch(world.pipeline, `${who} looks at something`, dispatch, signal),
  resume: ({ world, signal }, { dispatch }) => resumeDispatch(world.pipeline, dispatch, signal),
  hold: ({ world, batches: [first], signal }, { batches }) =>
    holdBatch(first?.batch ?? '', world.pipeline, batches, signal),
  'resume batch': (run, services) => resumeHeld(run, services),
  redrive: ({ world, signal }, { queues }) => redriveAll(world.pipeline, queues, { signal }),
  'reconcile now': ({ world }, { reconciler }) =>
    reconcileNow(DEFAULT_STACK_NAME, world.pipeline, reconciler),
} as const satisfies Record<string, Act>;
type ActName = keyof typeof ACTS;
const NAMES = Object.keys(ACTS) as ActName[];

/**
 * Two operators, in two sessions, do everything that there is at the same time, each in an order of the seed's. Then
 * one of them lets all of it go on. @returns what came of it, in words
 */
export async function twoOperators(run: FaultRun): Promise<string> {
  const { cloud, owner } = run.world;
  const told = await Promise.all([
    operate('the first operator', run, cloud.services),
    operate('the second operator', run, owner),
  ]);
  await ACTS.resume(run, cloud.services);
  await resumeHeld(run, cloud.services);
  return told.join('; ');
}

async function operate(who: string, run: FaultRun, services: CloudServices): Promise<string> {
  const refused: string[] = [];
  const acts = shuffled(NAMES, who, run.draw);
  for (const name of acts) {
    try {
      await ACTS[name](run, services, who);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      refused.push(`${name} refused`);
    }
  }
  return [`${who}: ${acts.join(', ')}`, ...refused].join(', ');
}

/** That the other one came first is said to the operator, who may try again; so is a reconciler that was killed. */
function isRefusal(error: unknown): boolean {
  if (error instanceof AwsError) return error.code === 'conflict';
  return error instanceof MediaBatchError && error.code === 'reconcile-failed';
}

/** Resumes every batch that is held, whoever has held it. */
export async function resumeHeld(
  { world, batches, signal }: Pick<FaultRun, 'world' | 'batches' | 'signal'>,
  services: CloudServices,
): Promise<void> {
  for (const { batch } of batches) {
    const { meta } = await services.batches.read(world.pipeline.resultsTable, batch, signal);
    const hold = meta?.brake?.hold;
    if (hold) await resumeBatch(batch, hold, world.pipeline, services.batches, signal);
  }
}

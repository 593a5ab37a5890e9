import { setTimeout as sleep } from 'node:timers/promises';
import { storeApiKey } from '../../app/stack/api-key.ts';
import { resumeDispatch } from '../../app/stack/dispatch.ts';
import { planKeyRotation } from '../../app/stack/signing-key.ts';
import { cancelBatches } from './cancel-batches.ts';
import type { FaultRun } from './fault-run.ts';
import { killEnqueue } from './kill-enqueue.ts';
import { reconcileNow } from './reconcile-now.ts';
import { expireMessages, loseMessages } from './lose-messages.ts';
import { twoOperators } from './operators.ts';
import { redriveWhileDraining, redriveWhileListing } from './redrives.ts';
import { takeOver } from './take-over.ts';
import { killWorkers } from './workers.ts';

/** A handler may be between any two writes when it is killed. */
const KILLS = 3;
const KILL_EVERY_MS = 700;
/** A trouble that pauses dispatch is given up after this time: the queue may be empty. */
const PAUSE_LIMIT_MS = 15_000;
const NEXT_KEY = 'ittybit_live_rotated_local_only';

/** What goes wrong for the whole stack, while it drains. Each ends with its cause mended. @returns what came of it, in words */
export const STACK_TROUBLES = {
  'consumer-killed': (run) => killAgainAndAgain(run, run.world.pipeline.consumerFunction),
  'webhook-killed': (run) => killAgainAndAgain(run, run.world.webhookFunction),
  'reconciler-killed': async (run) => {
    const { reconcilerFunction = '' } = run.world.pipeline;
    const [killed] = await Promise.all([killAgainAndAgain(run, reconcilerFunction), reconcileNow(run)]);
    return killed;
  },
  'key-rotated': async ({ world: { cloud, pipeline }, signal }) => {
    const rotation = await planKeyRotation(pipeline, cloud.services.secrets, signal);
    await rotation.store(signal);
    return `${rotation.kept} earlier keys stay valid`;
  },
  'connection-changed': async ({ world }) => {
    await world.connect('conn_after_the_change');
    return 'other connection';
  },
  'redrive-while-draining': redriveWhileDraining,
  'redrive-while-listing': redriveWhileListing,
  'enqueue-killed': killEnqueue,
  'batch-cancelled': cancelBatches,
  'two-operators': twoOperators,
  'wrong-api-key': async (run) => {
    const { pipeline, cloud } = run.world;
    const { services } = cloud;
    await storeApiKey(pipeline, 'ittybit_live_mistyped', services.secrets, run.signal);
    run.world.rotateApiKey(NEXT_KEY);
    const outcome = await untilPaused(run);
    await storeApiKey(pipeline, NEXT_KEY, services.secrets, run.signal);
    await resumeDispatch(pipeline, services.dispatch, run.signal);
    return outcome;
  },
  'not-found-for-all': async (run) => {
    const { pipeline, cloud } = run.world;
    const fault = cloud.ittybit.faults.addTrouble('wrong_path');
    const outcome = await untilPaused(run);
    fault.remove();
    await resumeDispatch(pipeline, cloud.services.dispatch, run.signal);
    return `${fault.hits} answers of 404, ${outcome}`;
  },
  'rate-limit': async ({ world: { cloud }, signal }) => {
    const { rateLimit } = cloud.ittybit;
    rateLimit.set({ requestsPerSecond: 2, burst: 2, maxConcurrent: 4, retryAfter: 'http-date' });
    await sleep(6_000, undefined, { signal });
    rateLimit.set({});
    return '2 requests a second';
  },
  quota: async ({ world: { cloud }, signal }) => {
    const { rateLimit } = cloud.ittybit;
    rateLimit.set({ quota: { creates: 3, resetsAt: Date.now() + 12_000, retryAfterSeconds: 12 } });
    await sleep(12_000, undefined, { signal });
    rateLimit.set({});
    return '3 creates in 12 s';
  },
  takeover: takeOver,
  expiry: expireMessages,
  'messages-lost': loseMessages,
} as const satisfies Record<string, (run: FaultRun) => Promise<string>>;

export type StackTrouble = keyof typeof STACK_TROUBLES;

async function killAgainAndAgain({ world, signal }: FaultRun, functionName: string): Promise<string> {
  let killed = 0;
  for (let kills = 0; kills < KILLS; kills += 1) {
    killed += await killWorkers(world.cloud.emulator.pid, functionName);
    await sleep(KILL_EVERY_MS, undefined, { signal });
  }
  return `${killed} handlers killed`;
}

/** Waits until the consumer has paused dispatch. @returns how it came about, in words */
async function untilPaused({ world: { cloud, pipeline }, signal }: FaultRun): Promise<string> {
  for (const limit = Date.now() + PAUSE_LIMIT_MS; Date.now() < limit;) {
    const { state, reason = '' } = await cloud.services.dispatch.readState(pipeline, signal);
    if (state === 'paused') return `paused: ${reason}`;
    await sleep(200, undefined, { signal });
  }
  return 'no file met it';
}

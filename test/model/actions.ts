import { ASKED_FOR } from '../../src/app/batch/stop-batch.ts';
import { DEFAULT_BATCH } from '../../src/core/batch/queue-message.ts';
import type { ResultItem } from '../../src/core/batch/result-item.ts';
import { receive, startReconciler, startWebhook } from './actors.ts';
import { startDeletion, startGivingUp, startOperator, startRetry } from './people.ts';
import { KEYS } from './setup.ts';
import { DAY, HOUR, MINUTE, SECOND, type World } from './world.ts';

/** One thing that happens. */
export interface Action {
  /** how often, relative to the others */
  readonly weight: number;
  /**
   * @param k picks among what is there
   * @param f 0 to 99, the fault
   * @returns false where there is nothing to pick
   */
  act(world: World, k: number, f: number): Promise<boolean> | boolean;
}

const RACING_TICKS = [1, 1, 2, 5, 21].map((seconds) => seconds * SECOND);
const TICKS = [
  ...[2, 5, 10, 21, 30].map((seconds) => seconds * SECOND),
  ...[2, 2, 5, 16, 16, 16].map((minutes) => minutes * MINUTE),
  ...[1, 1, 7, 23].map((hours) => hours * HOUR),
];

export const ACTIONS = {
  step: { weight: 60, act: (world, k, f) => step(world, k, f, 1) },
  run: { weight: 30, act: (world, k, f) => step(world, k, f, 25) },
  crash: {
    weight: 3,
    act: (world, k) =>
      picked(world.processes, k, (process) => {
        world.say(`the ${process.what} dies`);
        world.end(process);
      }),
  },
  receive: {
    weight: 30,
    act: (world, k) => picked(world.queue.visible(), k, (message) => receive(world, message)),
  },
  receiveTwice: {
    weight: 3,
    act: (world, k) => picked(world.queue.work, k, (message) => receive(world, message)),
  },
  enqueue: {
    weight: 8,
    act: (world, k) =>
      picked(batchesOf(world), k, (batch) => {
        world.say(`enqueue ${batch}`);
        world.enqueue(batch);
      }),
  },
  tick: { weight: 16, act: tick },
  arrive: {
    weight: 5,
    act: ({ ittybit }, k) =>
      picked(ittybit.air, k, (request) => {
        ittybit.air = ittybit.air.filter((one) => one !== request);
        ittybit.create(request);
      }),
  },
  endJob: {
    weight: 6,
    act: (world, k, f) =>
      picked(openJobs(world), k, (job) => {
        world.endJob(job, f < 60 ? 'succeeded' : f < 90 ? 'failed' : 'cancelled');
      }),
  },
  progress: {
    weight: 2,
    act: (world, k) =>
      picked(openJobs(world), k, (job) => {
        job.status = 'processing';
        world.callbacks.push(world.callOf(job));
      }),
  },
  task: {
    weight: 3,
    act: (world, k, f) =>
      picked(openJobs(world), k, (job) => {
        const kind = ['probe', 'import', 'export'][f % 3] ?? '';
        world.callbacks.push(world.taskCallOf(job, kind, f < 70 ? 'succeeded' : 'failed'));
      }),
  },
  callback: {
    weight: 6,
    act: (world, k, f) =>
      picked(world.callbacks, k, async (call) => {
        if (f < 75) world.callbacks = world.callbacks.filter((one) => one !== call);
        const isLost = f < 20 && f % 2 === 1;
        if (!isLost) await startWebhook(world, call);
      }),
  },
  reconcile: { weight: 10, act: (world, _, f) => always(startReconciler(world, f % 7 === 6)) },
  redrive: {
    weight: 4,
    act: ({ queue }) => {
      const { length } = queue.letters;
      queue.redrive();
      return length > 0;
    },
  },
  retry: {
    weight: 5,
    act: (world, k) =>
      picked(listed(world, 'failed', 'dead', 'cancelled'), k, (file) => startRetry(world, file, false)),
  },
  payAgain: {
    weight: 1,
    act: (world, k) => {
      const unknown = itemsIn(world, 'dead').filter((item) => item.cannot_tell === true);
      return picked(unknown, k, (file) => startRetry(world, file, true));
    },
  },
  giveUp: {
    weight: 1,
    act: (world, k) =>
      picked(itemsIn(world, 'submitted', 'waiting'), k, (file) => startGivingUp(world, file)),
  },
  pause: { weight: 0.5, act: (world) => always(startOperator(world, 'paused by the user')) },
  resume: {
    weight: 3,
    act: (world) => world.dispatch.state !== 'running' && always(startOperator(world, undefined)),
  },
  /** Two operators at the same time, and whoever else writes: the last one who could has the last word. */
  twoOperators: {
    weight: 0.5,
    act: async (world, k) => {
      await startOperator(world, k % 3 === 0 ? undefined : 'paused by the one');
      await startOperator(world, k % 2 === 0 ? undefined : 'paused by the other');
      return true;
    },
  },
  cancel: {
    weight: 0.3,
    act: (world, k) =>
      picked(
        batchesOf(world).filter((batch) => !world.cancelledAt.has(batch)),
        k,
        (batch) => {
          world.cancel(batch);
        },
      ),
  },
  /** A user who deletes waits for no retry of the same moment, which takes seconds: the mark comes half a minute before the end. */
  deleteRecords: {
    weight: 2,
    act: (world, k) =>
      !world.processes.some(({ what }) => what === 'retry' || what === 'pay again') &&
      picked(
        batchesOf(world).filter((batch) => batch !== DEFAULT_BATCH),
        k,
        (batch) => startDeletion(world, batch),
      ),
  },
  hold: {
    weight: 0.3,
    act: (world, k) =>
      picked(batchesOf(world), k, (batch) => world.brakes.hold(batch, { cause: ASKED_FOR, reason: 'held' })),
  },
  free: {
    weight: 2,
    act: (world, k) =>
      picked([...world.heldAt.keys()], k, (batch) => {
        world.free(batch);
      }),
  },
  rotate: {
    weight: 0.8,
    act: (world) => {
      world.rotate();
      return true;
    },
  },
  connect: {
    weight: 0.5,
    act: (world) => {
      world.connectionId = world.connectionId === 'c1' ? 'c2' : 'c1';
      return true;
    },
  },
  options: {
    weight: 0.5,
    act: (world) => {
      world.options = 3 - world.options;
      return true;
    },
  },
  readdress: {
    weight: 0.3,
    act: (world) => {
      world.apiUrl = world.apiUrl.endsWith('2') ? 'https://api.example' : 'https://api.example/2';
      return true;
    },
  },
  secret: {
    weight: 0.3,
    act: (world) => {
      world.stack.hasSecret = !world.stack.hasSecret;
      return true;
    },
  },
  breakBatch: {
    weight: 0.3,
    act: (world, k) =>
      picked(batchesOf(world), k, (batch) => {
        if (!world.broken.delete(batch)) world.broken.add(batch);
      }),
  },
  replaceFile: {
    weight: 0.3,
    act: ({ etags }, k) =>
      picked(KEYS, k, (key) => {
        etags.set(key, (etags.get(key) ?? 0) + 1);
      }),
  },
  /** What was sent before a message of some age is deleted with it, as the queue keeps nothing for ever. */
  expire: {
    weight: 0.4,
    act: (world, k) =>
      picked([...world.queue.work, ...world.queue.letters], k, ({ sentMs }) => {
        world.say('messages expire');
        world.queue.expire(sentMs);
      }),
  },
  replaceStack: {
    weight: 0.15,
    act: (world) => {
      world.say('another stack takes the table over');
      world.replaceStack();
      return true;
    },
  },
} as const satisfies Readonly<Record<string, Action>>;
export type ActionName = keyof typeof ACTIONS;
export const ACTION_NAMES = Object.keys(ACTIONS) as ActionName[];

/** The batch of an older stack, whose results name no work. */
export const OLD_BATCH = 'L';

/** Acts, or lets the work that there is go on where there is nothing to act on. */
export async function act(world: World, name: ActionName, k: number, f: number): Promise<void> {
  // Where everybody meets, few get far at once.
  const first = name === 'run' && world.setup.isRacing && k % 10 < 7 ? 'step' : name;
  for (const one of [first, 'step', 'receive', 'tick'] as const)
    if (await ACTIONS[one].act(world, k, f)) return;
}

async function picked<Value>(
  list: readonly Value[],
  k: number,
  work: (one: Value) => Promise<void> | void,
): Promise<boolean> {
  const one = list[k % list.length];
  if (one === undefined) return false;
  await work(one);
  return true;
}

async function always(work: Promise<void>): Promise<boolean> {
  await work;
  return true;
}

function step(world: World, k: number, f: number, calls: number): Promise<boolean> {
  return picked(world.processes, k, (process) => world.step(process, calls, f));
}

function tick(world: World, k: number): Promise<boolean> {
  const steps = world.setup.isRacing && k % 23 !== 0 ? RACING_TICKS : k % 64 === 63 ? [15 * DAY] : TICKS;
  return picked(steps, k, (ms) => {
    world.tick(ms);
  });
}

/** Without the old one: nobody enqueues it, and with an unreadable job nobody can tell which work its results are. */
function batchesOf({ batches }: World): string[] {
  return [...batches.keys()].filter((id) => id !== OLD_BATCH);
}

function openJobs({ ittybit }: World) {
  return ittybit.jobs.filter(({ status }) => status === 'queued' || status === 'processing');
}

/** Files of batches that the user sees: those of deleted records are in no list. */
function listed(world: World, ...statuses: ResultItem['status'][]): ResultItem[] {
  return itemsIn(world, ...statuses).filter(({ batch }) => world.batches.has(batch));
}

function itemsIn(world: World, ...statuses: ResultItem['status'][]): ResultItem[] {
  return world.items.filter(({ status }) => statuses.includes(status));
}

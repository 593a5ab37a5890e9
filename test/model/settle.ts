import type { QueueMessage } from '../../src/core/batch/queue-message.ts';
import { isEnded } from '../../src/core/batch/result-item.ts';
import { finish, receive, startReconciler } from './actors.ts';
import { startOperator, startRetry } from './people.ts';
import { BrokenPromise, checkEnd } from './promises.ts';
import { checkNoneStuck } from './stuck-states.ts';
import { HOUR, MINUTE, type World } from './world.ts';

const ROUNDS = 160;
/** Two days in steps of 20 minutes, then a week in steps of 4 hours. */
const LONG_STEPS_FROM = 120;

/**
 * Faults stop, what is stopped is resumed, jobs end; callbacks are lost. Then everything has to end by itself, but for
 * what people do: they resume what is held, retry dead files, and enqueue what is missing.
 */
export async function settle(world: World): Promise<void> {
  world.ittybit.hasFaults = false;
  await finish(world);
  world.ittybit.air = [];
  world.callbacks = [];
  world.stack.hasSecret = true;
  world.broken.clear();
  if (world.dispatch.state !== 'running') await startOperator(world, undefined);
  await finish(world);
  for (let round = 0; round < ROUNDS; round++) {
    world.tick(round < LONG_STEPS_FROM ? 20 * MINUTE : 4 * HOUR);
    for (const [index, job] of world.ittybit.jobs.entries()) {
      world.endJob(job, (index + round) % 3 === 0 ? 'failed' : 'succeeded');
    }
    for (const batch of [...world.heldAt.keys()]) world.free(batch);
    await startReconciler(world, false);
    await finish(world);
    for (const message of world.queue.visible()) {
      await receive(world, message);
      await finish(world);
    }
    if (round === 40) enqueueMissing(world);
    if (round === 25 || round === 80) await retryDead(world);
    if (isOver(world) || (round > 80 && isQuiet(world))) break;
  }
  const broken = brokenAtEnd(world);
  await checkNoneStuck(world);
  if (broken) throw broken;
}

/** The look for states that nothing frees changes the world, so the end is judged before it. */
function brokenAtEnd(world: World): BrokenPromise | undefined {
  try {
    checkEnd(world);
    return undefined;
  } catch (error) {
    if (error instanceof BrokenPromise) return error;
    throw error;
  }
}

function enqueueMissing(world: World): void {
  for (const [id, message] of world.planned) {
    const [batch = '', key = ''] = id.split('/');
    if (!world.item(batch, key) && !world.cancelledAt.has(batch)) world.send(message);
  }
}

async function retryDead(world: World): Promise<void> {
  world.isMended = true;
  for (const item of world.items) {
    if (item.status !== 'dead' || item.cannot_tell === true) continue;
    await startRetry(world, item, false);
    await finish(world);
  }
}

/** Nothing can happen any more, whatever people do. */
function isOver(world: World): boolean {
  const isMissing = ({ batch, key }: QueueMessage) =>
    world.item(batch, key) === undefined && !world.cancelledAt.has(batch);
  const hasDead = world.items.some(({ status }) => status === 'dead');
  return (
    isQuiet(world) &&
    !hasDead &&
    ![...world.planned.values()].some(isMissing) &&
    world.queue.letters.length === 0
  );
}

function isQuiet({ items, queue }: World): boolean {
  return queue.work.length === 0 && items.every(({ status }) => isEnded(status) || status === 'dead');
}

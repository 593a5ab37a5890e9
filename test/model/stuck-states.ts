import type { QueueMessage } from '../../src/core/batch/queue-message.ts';
import { isEnded, isUnclear, type ResultItem } from '../../src/core/batch/result-item.ts';
import { finish, receive, startReconciler, startWebhook } from './actors.ts';
import { startOperator, startRetry } from './people.ts';
import { BrokenPromise } from './promises.ts';
import { HOUR, type World } from './world.ts';

/** Longer than any pause of the reconciler's, of which a look-up takes some before it gives up. */
const LOOK_MS = 7 * HOUR;
const LOOKS = 4;
/** A message that is hidden comes back within this time. */
const HIDDEN_MS = 12 * HOUR;

/** What may lead a file on. That a user no longer waits for a paid job is left out: it is a loss, and no way on. */
const EVENTS: readonly ((world: World, item: ResultItem) => Promise<void>)[] = [
  async function reconciler(world) {
    for (let look = 0; look < LOOKS; look += 1) {
      world.tick(LOOK_MS);
      await startReconciler(world, true);
      await finish(world);
    }
  },
  async function message(world, { batch, key }) {
    world.queue.redrive();
    world.tick(HIDDEN_MS);
    for (const message of world.queue.visible()) {
      const { key: named } = JSON.parse(message.body) as QueueMessage;
      if (message.group !== batch || named !== key) continue;
      await receive(world, message);
      await finish(world);
    }
  },
  async function callback(world, { job_id }) {
    const job = world.ittybit.jobs.find(({ id }) => id === job_id);
    if (!job) return;
    world.endJob(job, 'succeeded');
    await startWebhook(world, world.callOf(job));
    await finish(world);
  },
  async function operator(world, item) {
    await startRetry(world, item, false);
    await finish(world);
    if (item.cannot_tell === true) await startRetry(world, item, true);
    await finish(world);
  },
];

/** @throws BrokenPromise with the states that no event leads on from, where the history has ended in one */
export async function checkNoneStuck(world: World): Promise<void> {
  const stuck = new Set([...(await stuckFiles(world)), ...(await stuckMessages(world))]);
  if (await isDispatchStuck(world)) stuck.add(`dispatch ${world.dispatch.state}`);
  if (stuck.size > 0) throw new BrokenPromise('NO EVENT FREES', [...stuck].join(', '));
}

/** Leads every file on, from state to state, until it ends or comes to a state of before. */
async function stuckFiles(world: World): Promise<string[]> {
  const stuck: string[] = [];
  for (const { batch, key } of world.items) {
    const seen = new Set<string>();
    for (;;) {
      const item = world.item(batch, key);
      if (!item || isEnded(item.status) || seen.has(stateOf(item))) break;
      seen.add(stateOf(item));
      if (await leadsOn(world, item)) continue;
      stuck.push(stateOf(item));
      break;
    }
  }
  return [...stuck, ...(await stuckUnclaimed(world))];
}

async function leadsOn(world: World, item: ResultItem): Promise<boolean> {
  // Nothing but a person frees most dead files, so that is tried first.
  const events = item.status === 'dead' ? EVENTS.toReversed() : EVENTS;
  for (const event of events) {
    letGoOn(world);
    await event(world, world.item(item.batch, item.key) ?? item);
    const next = world.item(item.batch, item.key);
    if (!next || next.run !== item.run || stateOf(next) !== stateOf(item)) return true;
  }
  return false;
}

/** An operator resumes what is held. */
function letGoOn(world: World): void {
  for (const batch of [...world.heldAt.keys()]) world.free(batch);
}

function stateOf(item: ResultItem): string {
  return [
    item.status,
    ...(isUnclear(item) ? ['unclear'] : []),
    ...(item.cannot_tell === true ? ['cannot tell'] : []),
  ].join(' ');
}

/** Files that were sent, of which no item tells: "enqueue missing" sends them again. */
async function stuckUnclaimed(world: World): Promise<string[]> {
  const isMissing = ({ batch, key }: QueueMessage) =>
    world.item(batch, key) === undefined && !world.cancelledAt.has(batch);
  for (const message of world.planned.values()) {
    if (!isMissing(message)) continue;
    world.send(message);
    for (const sent of world.queue.visible()) {
      letGoOn(world);
      await receive(world, sent);
      await finish(world);
    }
  }
  return [...world.planned.values()].some(isMissing) ? ['unclaimed'] : [];
}

async function stuckMessages(world: World): Promise<string[]> {
  world.tick(HIDDEN_MS);
  for (const message of world.queue.visible()) {
    letGoOn(world);
    await receive(world, message);
    await finish(world);
  }
  return world.queue.work.length > 0 ? ['a message'] : [];
}

/** The reconciler ends a wait, and an operator a pause. */
async function isDispatchStuck(world: World): Promise<boolean> {
  world.tick(LOOK_MS);
  await startReconciler(world, false);
  await finish(world);
  if (world.dispatch.state === 'paused') await startOperator(world, undefined);
  await finish(world);
  return world.dispatch.state !== 'running';
}

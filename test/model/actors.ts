import { changeItem } from '../../src/app/batch/change-item.ts';
import { dispatchFile } from '../../src/app/batch/dispatch-file.ts';
import type { DispatchServices } from '../../src/app/batch/dispatch-services.ts';
import { pacedJobs } from '../../src/app/batch/paced-jobs.ts';
import { reconcile } from '../../src/app/batch/reconcile.ts';
import type { ReconcileServices } from '../../src/app/batch/reconcile-services.ts';
import { createSlots, type Slots } from '../../src/app/batch/slots.ts';
import type { StoredOrder } from '../../src/core/batch/batch-codec.ts';
import { isRedriven } from '../../src/core/batch/dead-letter.ts';
import type { Patience } from '../../src/core/batch/item-step.ts';
import type { ResultItem } from '../../src/core/batch/result-item.ts';
import { resultIndexKey } from '../../src/core/batch/table-keys.ts';
import { reported } from '../../src/core/batch/transitions.ts';
import { MediaBatchError } from '../../src/core/errors.ts';
import type { BatchFile } from '../../src/core/files/batch-file.ts';
import { readWebhookPath } from '../../src/core/ittybit/signed-address.ts';
import { signingKeysOf, validKeys } from '../../src/core/ittybit/signing-keys.ts';
import { parseJobReport } from '../../src/core/ittybit/webhook-payload.ts';
import { stopped, waitEnded } from '../../src/core/stack/dispatch-rules.ts';
import type { PaceStore } from '../../src/core/stack/pace-store.ts';
import { brakesOf, calling, ittybitOf, ledgerOf, sending } from './gateways.ts';
import type { Message } from './model-queue.ts';
import { Process } from './process.ts';
import { BrokenPromise } from './promises.ts';
import { MINUTE, SECOND, type Call, type World } from './world.ts';

export const PATIENCE: Patience = { reconcileAfterMs: 15 * MINUTE, settleMs: 15 * MINUTE };

/** The consumer receives a message. */
export async function receive(world: World, message: Message): Promise<void> {
  if (!world.queue.receive(message)) {
    world.say(`${message.id} became a dead letter by SQS`);
    return;
  }
  const process = new Process('consumer', world.now + 20 * SECOND, world.stack);
  if (isRedriven(message.attributes)) process.redrivenMs = message.sentMs;
  await world.start(process, (self) => consume(world, self, message, message.receives));
}

async function consume(world: World, self: Process, message: Message, receipt: number): Promise<void> {
  const invocation = {
    id: world.newName(),
    deadlineMs: self.deadlineMs,
    visibleAgainMs: world.now + 120 * SECOND,
  };
  const { id, body, group, attributes } = message;
  const delivery = { id, body, group, receiveCount: receipt, attributes };
  const disposal = await sparing(() => dispatchFile(delivery, invocation, consumerOf(world, self)));
  if (!disposal) return;
  await self.call();
  if (disposal.done) world.queue.remove(message);
  else world.queue.hide(message, receipt, disposal.hideMs);
}

/** Errors of ours leave the message to come back, as in the handler. */
export async function sparing<Value>(work: () => Promise<Value>): Promise<Value | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof MediaBatchError) return undefined;
    throw error;
  }
}

function consumerOf(world: World, self: Process): DispatchServices {
  const slots = slotsOf(world, self, true);
  return {
    ...sharedOf(world, self),
    maxAttempts: 2,
    slots,
    bury: async (delivery, reasons) => {
      await calling(self, world);
      world.queue.bury({ ...delivery, attributes: reasons });
    },
    stop: async (reason, ms) => {
      const before = await slots.dispatch();
      const next = stopped(before, { reason, waitMs: ms }, 'consumer', world.now);
      if (!next) return;
      await calling(self, world);
      if (!world.writeDispatch(next, self) && self.stack.dispatch === before) {
        throw new BrokenPromise('NOT STOPPED', reason);
      }
    },
    newReference: () => world.newName(),
  };
}

/** The slots of one run, which stops before each call to the table. */
function slotsOf(world: World, self: Process, obeysStops: boolean): Slots {
  const { store } = self.stack.pace;
  const called: PaceStore = {
    answerMs: store.answerMs,
    read: async () => {
      await self.call();
      self.readAt = world.sequence += 1;
      return store.read();
    },
    reserve: async (plan) => {
      await self.call();
      return store.reserve(plan);
    },
    refuse: async (drop) => {
      await self.call();
      await store.refuse(drop);
    },
  };
  return createSlots({
    store: called,
    parameter: 0,
    deadlineMs: self.deadlineMs,
    obeysStops,
    now: () => world.now,
  });
}

/** The reconciler's function, once. @param everything every open file, not only those that are due */
export async function startReconciler(world: World, everything: boolean): Promise<void> {
  const process = new Process('reconciler', world.now + 60 * SECOND, world.stack);
  const deadlineMs = world.now + 50 * SECOND;
  await world.start(process, async (self) => {
    await self.call();
    self.readAt = world.sequence += 1;
    const ended = waitEnded(self.stack.dispatch, 'reconciler', world.now);
    if (ended) {
      await self.call();
      world.writeDispatch(ended, self);
    }
    await reconcile({ deadlineMs, everything }, reconcilerOf(world, self));
  });
}

function reconcilerOf(world: World, self: Process): ReconcileServices {
  const { queue } = world;
  const shared = sharedOf(world, self);
  return {
    ...shared,
    api: pacedJobs(shared.api, slotsOf(world, self, false).series(), () => world.now),
    // With three files to a batch, one failure is a third of its results.
    brakePercent: 3,
    openFiles: {
      batches: async () => {
        await self.call();
        return [...world.batches.keys()].map((batch) => ({ batch, isHeld: world.heldAt.has(batch) }));
      },
      newest: async (batch, status, most) => {
        await self.call();
        const ended = world.items.filter((item) => item.batch === batch && item.status === status);
        return ended.toSorted((a, b) => (a.updated_at < b.updated_at ? 1 : -1)).slice(0, most);
      },
      due: (batch, status, dueBefore) => duePages(world, self, { batch, status, dueBefore }),
    },
    letters: {
      receive: async () => {
        await self.call();
        return queue.receiveLetters().map(({ id, ...letter }) => ({ receipt: id, ...letter }));
      },
      remove: async ({ receipt }) => {
        await self.call();
        queue.removeLetter(receipt);
      },
      replace: async (letter, attributes) => {
        await calling(self, world);
        queue.bury({ ...letter, attributes });
        await self.call();
        queue.removeLetter(letter.receipt);
      },
      release: async ({ receipt }) => {
        await self.call();
        for (const letter of queue.letters) if (letter.id === receipt) letter.visibleMs = world.now;
      },
    },
    dispatch: async () => {
      await self.call();
      return self.stack.dispatch;
    },
    send: (message) => sending(world, self, message),
  };
}

/** The index, one page for each file. */
async function* duePages(
  world: World,
  self: Process,
  { batch, status, dueBefore }: { batch: string; status: string; dueBefore: string },
): AsyncGenerator<readonly BatchFile[], undefined> {
  await self.call();
  const isListed = (item: ResultItem) =>
    item.batch === batch && item.status === status && world.isListed(item);
  const listed = world.items.filter((item) => isListed(item) && resultIndexKey(item).gsi1sk <= dueBefore);
  for (const item of listed) yield [item];
  return undefined;
}

/** What the consumer and the reconciler have in common. */
function sharedOf(world: World, self: Process) {
  return {
    brakes: brakesOf(world, self),
    ledger: ledgerOf(world, self),
    api: ittybitOf(world, self),
    patience: PATIENCE,
    order: async (batch: string): Promise<StoredOrder | undefined> => {
      await self.call();
      if (!self.readOrders.has(batch)) self.readOrders.set(batch, (world.sequence += 1));
      return world.order(batch);
    },
    apiKey: async () => {
      await self.call();
      return self.stack.hasSecret ? 'key' : '';
    },
    sender: async () => {
      await self.call();
      return world.sender(self.stack);
    },
    now: () => world.now,
    random: () => world.random(),
  };
}

/** The webhook's function applies a callback. */
export async function startWebhook(world: World, call: Call): Promise<void> {
  const process = new Process('webhook', world.now + 30 * SECOND, world.stack);
  await world.start(process, async (self) => {
    await self.call();
    const { hasSecret, secret, id } = self.stack;
    const keys = hasSecret && call.stack === id ? secret : undefined;
    const addressed = keys && readWebhookPath(validKeys(signingKeysOf(keys)), call.path);
    if (!addressed) {
      world.say(`a callback to ${call.path.batch} is refused`);
      return;
    }
    const { file, run } = addressed;
    const report = parseJobReport(call.payload);
    const change = (item: ResultItem | undefined) => reported(item, file, run, report, world.now);
    await sparing(() => changeItem(ledgerOf(world, self), file, change, { eventually: true }));
  });
}

/** Lets everybody go on to the end. */
export async function finish(world: World): Promise<void> {
  for (let [process] = world.processes; process; [process] = world.processes) {
    await world.step(process, Number.MAX_SAFE_INTEGER, 0);
  }
}

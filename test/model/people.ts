import { changeItem } from '../../src/app/batch/change-item.ts';
import { deleteRecords } from '../../src/app/batch/delete-records.ts';
import { retryFile } from '../../src/app/batch/retry-file.ts';
import type { QueueMessage } from '../../src/core/batch/queue-message.ts';
import type { ResultItem } from '../../src/core/batch/result-item.ts';
import { givenUp } from '../../src/core/batch/transitions.ts';
import type { BatchFile } from '../../src/core/files/batch-file.ts';
import { switched } from '../../src/core/stack/dispatch-rules.ts';
import { PATIENCE, sparing } from './actors.ts';
import { ledgerOf, sending, tableOf } from './gateways.ts';
import { Process } from './process.ts';
import { HOUR, SECOND, type World } from './world.ts';

const PLACE = { resultsTable: 'results', workQueueUrl: 'work' };

/** A user retries a file. */
export async function startRetry(world: World, file: BatchFile, payAgain: boolean): Promise<void> {
  const process = new Process(payAgain ? 'pay again' : 'retry', world.now + 60 * SECOND, world.stack);
  await world.start(process, async (self) => {
    const ledger = ledgerOf(world, self);
    const send = (message: QueueMessage) => sending(world, self, message);
    const services = { ledger, patience: PATIENCE, send, now: () => world.now };
    await sparing(() => retryFile(file, { payAgain }, services));
  });
}

/** A user no longer waits for a job. */
export async function startGivingUp(world: World, file: BatchFile): Promise<void> {
  const process = new Process('giving up', world.now + 60 * SECOND, world.stack);
  await world.start(process, async (self) => {
    const change = (item: ResultItem | undefined) => item && givenUp(item, 'given up by the user', world.now);
    await sparing(() => changeItem(ledgerOf(world, self), file, change));
  });
}

/**
 * The user deletes the records of a batch, if it is over. Others go on while it waits for calls in flight, and it may die
 * anywhere.
 */
export async function startDeletion(world: World, batch: string): Promise<void> {
  const process = new Process('deletion', world.now + HOUR, world.stack);
  await world.start(process, async (self) => {
    const pause = async (ms: number): Promise<void> => {
      await self.call();
      world.tick(ms);
      await self.call();
    };
    const depth = async () => {
      await self.call();
      return { waiting: world.queue.work.length, inFlight: 0, delayed: 0 };
    };
    const table = tableOf(world, self);
    const services = { batches: table, eraser: table, ledger: ledgerOf(world, self), queues: { depth } };
    await sparing(() => deleteRecords(batch, PLACE, { ...services, now: () => world.now, pause }));
  });
}

/** The operator pauses or resumes. @param reason undefined: resumes */
export async function startOperator(world: World, reason: string | undefined): Promise<void> {
  const process = new Process('operator', world.now + 60 * SECOND, world.stack);
  await world.start(process, async (self) => {
    for (let isWritten = false; !isWritten;) {
      await self.call();
      const next = switched(self.stack.dispatch, reason, world.now);
      await self.call();
      isWritten = world.writeDispatch(next, self);
    }
  });
}

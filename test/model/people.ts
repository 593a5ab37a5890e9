import { changeItem } from '../../src/app/batch/change-item.ts';
import { retryFile } from '../../src/app/batch/retry-file.ts';
import type { QueueMessage } from '../../src/core/batch/queue-message.ts';
import type { ResultItem } from '../../src/core/batch/result-item.ts';
import { givenUp } from '../../src/core/batch/transitions.ts';
import type { BatchFile } from '../../src/core/files/batch-file.ts';
import { switched } from '../../src/core/stack/dispatch-rules.ts';
import { PATIENCE, sparing } from './actors.ts';
import { ledgerOf, sending } from './gateways.ts';
import { Process } from './process.ts';
import { SECOND, type World } from './world.ts';

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

import { sum } from '../../app/batch/batch-progress.ts';
import { deletePipeline } from '../../app/stack/stack-operations.ts';
import { readResult } from '../../core/batch/result-codec.ts';
import { DEFAULT_STACK_NAME } from '../../core/stack/stack-contract.ts';
import type { FaultRun } from './fault-run.ts';
import { readLetters } from './read-letters.ts';
import { findAllLeft, findAllMissing, resendLeft, sendMissing } from './send-again.ts';
import { statesOf } from './states-of.ts';

/**
 * Deletes the stack in the middle of what it does, deploys it anew over its table, and sends again what was lost with its
 * queues. Callbacks for the jobs of the deleted stack find nobody: the new reconciler asks for those.
 * @returns what came of it, in words
 */
export async function takeOver(run: FaultRun): Promise<string> {
  const { world, tally, signal } = run;
  const { stacks } = world.cloud.services;
  tally.letters.push(...(await readLetters(run)));
  await deletePipeline(DEFAULT_STACK_NAME, stacks, { everyMs: 200, signal });
  const items = (await world.tableItems()).flatMap((item) => readResult(item) ?? []);
  await world.deployAgain(signal);
  // All of it is found while the queue is empty, because neither use case tells what is queued from what is gone.
  const left = await findAllLeft(run);
  const missing = await findAllMissing(run);
  const dead = sum(left.map((one) => one.dead));
  const resent = await resendLeft(run, left);
  const sent = await sendMissing(run, missing);
  return `the first stack left ${statesOf(items)}; sent again: ${resent} files, of which ${dead} were dead, and ${sent} that nobody had claimed`;
}

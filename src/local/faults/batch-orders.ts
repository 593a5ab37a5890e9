import { DEFAULT_JOB_OPTIONS, type JobOptions } from '../../core/ittybit/job-options.ts';
import { PREFIX } from '../cloud/wild-files.ts';
import type { BatchOrder } from './fault-run.ts';

/** Fewer files than this are too few for a batch that something happens to in its middle. */
const FEW = 10;

/** The second batch wants a third of the first one's files at the same time, and the third one pays again for a few. */
export const ORDERS: readonly BatchOrder[] = [
  { prefix: PREFIX, job: DEFAULT_JOB_OPTIONS, again: false },
  { prefix: `${PREFIX}199`, job: DEFAULT_JOB_OPTIONS, again: false },
  { prefix: `${PREFIX}2001/`, job: DEFAULT_JOB_OPTIONS, again: true },
];

/** A batch whose files no other batch has paid for: a trouble that befalls it is about its own jobs. */
export const OWN_BATCHES = {
  killed: { prefix: `${PREFIX}wild/`, job: ofWidth(854), again: false },
  cancelledInDrain: { prefix: `${PREFIX}200`, job: ofWidth(640), again: false },
  cancelledInEnqueue: { prefix: `${PREFIX}201`, job: ofWidth(426), again: false },
} as const satisfies Record<string, BatchOrder>;

/** @returns the order, over all files where its own place holds too few of them */
export function enough(order: BatchOrder, keys: readonly string[]): BatchOrder {
  const under = keys.filter((key) => key.startsWith(order.prefix)).length;
  return under < FEW ? { ...order, prefix: PREFIX } : order;
}

function ofWidth(width: number): JobOptions {
  return { ...DEFAULT_JOB_OPTIONS, options: { ...DEFAULT_JOB_OPTIONS.options, width } };
}

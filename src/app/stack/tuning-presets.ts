import type { Tuning } from '../../core/stack/stack-contract.ts';

export type Concurrency = Pick<Tuning, 'batchSize' | 'maximumConcurrency'>;

/** The steps of Ittybit's guide (https://ittybit.com/guides/batch-processing-with-sqs, "Tuning throughput"). */
export const TUNING_PRESETS: readonly (Concurrency & { readonly inFlight: number })[] = [
  { batchSize: 5, maximumConcurrency: 2 },
  { batchSize: 10, maximumConcurrency: 5 },
  { batchSize: 10, maximumConcurrency: 10 },
].map((preset) => ({ ...preset, inFlight: inFlightOf(preset) }));

/** Length of a call until a rate has been measured, in s: that of a whole invocation, as in the README's costs. */
const CALL_SECONDS = 1;

/** @returns calls in flight at most: each record of an invocation is one */
export function inFlightOf({ batchSize, maximumConcurrency }: Concurrency): number {
  return batchSize * maximumConcurrency;
}

/** What keeps a backlog from being done sooner. */
export type Bound = 'at-once' | 'per-second';

/**
 * About how long a backlog takes, and which of the two knobs decides that.
 * @param limits `perSecond`: calls/s that are allowed or that Ittybit takes, undefined where that is not known; `measured`
 * as in `estimateBacklogSeconds`
 */
export function backlogOutlook(
  files: number,
  tuning: Concurrency,
  limits: {
    readonly perSecond: number | undefined;
    readonly measured: Parameters<typeof estimateBacklogSeconds>[2];
  },
): { readonly seconds: number; readonly bound: Bound } {
  const atOnce = estimateBacklogSeconds(files, tuning, limits.measured);
  const paced = limits.perSecond === undefined ? 0 : files / limits.perSecond;
  return paced > atOnce ? { seconds: paced, bound: 'per-second' } : { seconds: atOnce, bound: 'at-once' };
}

/**
 * Does a concurrency starve the webhook? All functions of an account and region share one quota.
 * @param quota functions at once
 * @returns true where less is left than the reconciler and the callbacks need: half as many as consumers, as ten files of
 * an invocation of a second or less bring ten callbacks of 60 ms
 */
export function isStarving({ maximumConcurrency }: Concurrency, quota: number): boolean {
  return quota - maximumConcurrency < 1 + Math.ceil(maximumConcurrency / 2);
}

/**
 * About how long a backlog takes with a tuning. The rate grows with the calls in flight until Ittybit's plan limits it.
 * @param files files that wait
 * @param measured the present rate and the tuning that it was measured with; absent, or with a rate of 0: 1 s a call
 * @returns seconds
 */
export function estimateBacklogSeconds(
  files: number,
  tuning: Concurrency,
  measured?: { readonly filesPerSecond: number; readonly tuning: Concurrency },
): number {
  const perCall =
    measured && measured.filesPerSecond > 0
      ? measured.filesPerSecond / inFlightOf(measured.tuning)
      : 1 / CALL_SECONDS;
  return files / (perCall * inFlightOf(tuning));
}

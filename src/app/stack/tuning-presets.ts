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

/**
 * About how long a backlog takes with a tuning. The rate grows with the calls in flight until Ittybit's plan limits it,
 * which Media Batch does not know.
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

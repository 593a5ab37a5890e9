import { isEnded, type ResultItem } from '../../core/batch/result-item.ts';
import type { ReconcileRequest, ReconcileServices, ReconcileSummary } from './reconcile-services.ts';

/** A run of the reconciler. */
export interface ReconcileRun {
  readonly request: ReconcileRequest;
  readonly services: ReconcileServices;
  readonly summary: ReconcileSummary;
  /** Ittybit does not answer, or refuses the key: it is not asked again in this run */
  isAway: boolean;
  /** what failed; the run goes on with the next file, and ends with the first failure */
  readonly failures: unknown[];
}

/** After so many failures a run ends: something is wrong with all files, and not with one. */
const MAX_FAILURES = 5;

/** Notes a failure, so that one file cannot keep the others from their turn. @throws the fifth one */
export function fail(error: unknown, failures: unknown[]): void {
  failures.push(error);
  if (failures.length >= MAX_FAILURES) throw error;
}

/** Writes a next state; a lost race means that somebody else has brought the file on. */
export async function write(
  before: ResultItem,
  next: ResultItem,
  { services, summary }: ReconcileRun,
): Promise<boolean> {
  const isWritten = await services.ledger.write({ before, next });
  if (isWritten && next.status !== before.status && (isEnded(next.status) || next.status === 'dead')) {
    summary.ended += 1;
  }
  return isWritten;
}

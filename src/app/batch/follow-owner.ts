import { later } from '../../core/batch/item-step.ts';
import type { ResultItem } from '../../core/batch/result-item.ts';
import { covered, endedAs, freed } from '../../core/batch/transitions.ts';
import { verdictOn } from '../../core/batch/work.ts';
import { write, type ReconcileRun } from './reconcile-run.ts';

/** A waiting file costs two reads a look, so it is looked at more often than a job at Ittybit. */
const MAX_PAUSE_MS = 3_600_000;

/** Ends the wait of a file whose work another batch owns, once that batch's file has ended. */
export async function followOwner(item: ResultItem, run: ReconcileRun): Promise<void> {
  const { ledger, patience, now, send } = run.services;
  const { work = '' } = item;
  const { items, owners } = await ledger.readSource(item, item.batch);
  const owner = items.find(({ batch }) => batch === owners.get(work));
  const means = verdictOn(owner, work);
  if (means === 'cover' && owner) {
    await write(item, covered(item, owner, now()), run);
  } else if (means === 'cannot-tell' && owner) {
    await write(item, endedAs(item, 'dead', `Batch ${owner.batch}: ${owner.error ?? ''}`, now()), run);
  } else if (means === 'take' && owner?.status === 'failed') {
    await write(
      item,
      endedAs(item, 'failed', `As in batch ${owner.batch}: ${owner.error ?? 'the job failed'}`, now()),
      run,
    );
  } else if (means === 'take') {
    // By condition first, then the message: a crash in between is healed like any lost message.
    if (!(await write(item, freed(item, patience, now()), run))) return;
    await send(item);
    run.summary.sentAgain += 1;
  } else {
    await write(item, later(item, patience, now(), MAX_PAUSE_MS), run);
  }
}

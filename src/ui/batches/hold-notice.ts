import { ASKED_FOR } from '../../app/batch/stop-batch.ts';
import type { BatchMeta } from '../../core/batch/batch.ts';
import type { Hold } from '../../core/batch/brake.ts';
import { prefixUri } from '../../core/files/s3-location.ts';
import type { Disposable } from '../../core/lifetime.ts';
import { visibleText } from '../../core/visible-text.ts';
import type { CommandId } from '../base/command-ids.ts';
import { formatCount } from '../base/format.ts';
import { plainText } from '../base/register-command.ts';
import { batchNode } from './batch-node.ts';
import { reasonOf } from './batch-state.ts';
import { KnownStacks } from '../connection/known-stacks.ts';
import type { BatchesContext } from './batches-context.ts';
import { followMoving, type SeenBatches } from './moving-batches.ts';

type Context = Pick<BatchesContext, 'vs' | 'connection' | 'scopes' | 'memory' | 'enqueues'>;

/** A batch that stands still, and not because the user asked for it. */
interface HeldBatch {
  readonly meta: BatchMeta;
  readonly hold: Hold;
  /** tells the hold from an earlier one of the same batch */
  readonly id: string;
}

/**
 * Shows one notification for each hold of a batch. The holds that were told are in the user's memory, so a second window
 * or a reload does not show them again.
 */
export function noticeHolds(ui: Context): Disposable {
  const known = new KnownStacks(ui.memory.global);
  return followMoving(ui, {
    note: ({ batches }) => {
      noteHolds(ui, known, batches);
    },
  });
}

function noteHolds(ui: Context, known: KnownStacks, batches: SeenBatches['batches']): void {
  const { state } = ui.connection;
  if (state.kind !== 'ready') return;
  const { session } = state;
  const held = heldBatches(batches);
  const before = known.ids(session, 'holds');
  if (held.length === 0 && before.length === 0) return;
  void known.note(session, { holds: held.map(({ id }) => id) });
  const fresh = held.filter(({ id }) => !before.includes(id));
  if (fresh.length > 0) void tell(ui, session.stackName, fresh);
}

function heldBatches(batches: SeenBatches['batches']): HeldBatch[] {
  return [...batches.values()].flatMap(({ meta }) => {
    const { hold, cancelled } = meta?.brake ?? {};
    if (!meta || !hold || cancelled || hold.cause === ASKED_FOR) return [];
    return [{ meta, hold, id: `${meta.batch} ${hold.at}` }];
  });
}

async function tell({ vs }: Context, stackName: string, held: readonly HeldBatch[]): Promise<void> {
  const { t } = vs.l10n;
  const show = t('Show');
  const resume = t('Resume Anyway…');
  const [first] = held;
  if (!first) return;
  const { meta, hold } = first;
  const isOne = held.length === 1;
  const text = isOne
    ? t(
        'The batch of {0} in the pipeline "{1}" is held: {2}',
        visibleText(prefixUri(meta)),
        stackName,
        reasonOf(vs, hold),
      )
    : t('{0} batches of the pipeline "{1}" are held.', formatCount(vs, held.length), stackName);
  const buttons = isOne ? [show, resume] : [show];
  const choice = await vs.window.showWarningMessage(plainText(text), ...buttons);
  if (choice === show) await vs.commands.executeCommand('mediaBatch.batches.focus');
  if (choice === resume) {
    await vs.commands.executeCommand(
      'mediaBatch.resumeBatchAnyway' satisfies CommandId,
      batchNode(meta.batch),
    );
  }
}

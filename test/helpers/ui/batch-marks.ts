import { zeroCounts, type BatchMeta, type BatchRecord } from '../../../src/core/batch/batch.ts';
import type { BatchBrake, Hold } from '../../../src/core/batch/brake.ts';
import type { Status } from '../../../src/core/batch/result-item.ts';
import type { ViewNode } from '../../../src/ui/base/node.ts';
import { enqueueFixture, metaOf, type EnqueueFixture, type Script } from './enqueue-fixture.ts';

/** What one batch of a test has sent, what was counted of that, and what stops it. */
export interface GivenBatch {
  readonly sent: number;
  readonly counts?: Partial<Record<Status, number>>;
  /** false: its enqueue has not finished */
  readonly done?: boolean;
  readonly brake?: Partial<BatchBrake>;
  readonly meta?: Partial<BatchMeta>;
}

export interface MarksFixture extends EnqueueFixture {
  /** the marks that were written: what, its table, batch and value */
  readonly marks: readonly (readonly [string, string, string, unknown])[];
  /** the last message */
  said(): string | undefined;
}

/** Batches of the prefix `1999/`, whose marks are recorded and not applied. */
export function marksFixture(
  script: Script,
  batches: Readonly<Record<string, GivenBatch>>,
  given: Parameters<typeof enqueueFixture>[2] = {},
): MarksFixture {
  const made = enqueueFixture(['1999/a.mp4', '1999/b.mp4'], script, given);
  for (const [id, { brake, meta }] of Object.entries(batches)) {
    made.batches.metas.set(
      id,
      metaOf(id, { prefix: '1999/', ...meta, ...(brake && { brake: { disarmed: [], ...brake } }) }),
    );
  }
  made.batches.read = async (_table, id): Promise<BatchRecord> => {
    const { sent = 0, counts, done = true } = batches[id] ?? {};
    const checkpoint = { shard: 0, lastKey: 'z', listed: sent, sent, skipped: {}, done };
    return {
      meta: made.batches.metas.get(id),
      checkpoints: [checkpoint],
      counts: { ...zeroCounts(), ...counts },
    };
  };
  const marks: [string, string, string, unknown][] = [];
  const record =
    (what: string) =>
    async (table: string, batch: string, value: unknown): Promise<void> =>
      void marks.push([what, table, batch, value]);
  Object.assign(made.batches, {
    cancel: record('cancel'),
    hold: record('hold'),
    endHold: record('endHold'),
  });
  return { ...made, marks, said: () => made.stub.shown.at(-1)?.text };
}

export const CANCELLED = { cancelled: { at: '2026-11-23T15:00:00.000Z', by: 'operator' } };

/** A hold by the consumer, with a reason that came from outside. */
export const HOLD: Hold = {
  reason: '10 files in a row ended so: no connection](command:x) \u202econn_42',
  cause: '0123456789abcdef',
  at: '2026-11-23T15:00:00.000Z',
  by: 'consumer',
};

/** A hold that the user has asked for. */
export const BY_HAND: Hold = { ...HOLD, reason: 'You held this batch.', cause: 'operator', by: 'operator' };

/** @returns a row like those of the Batches view */
export function batchNode(batch: string): ViewNode {
  return { id: `batch ${batch}`, label: 'x', tokens: ['batch'], data: { batch } };
}

import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Status } from '../../src/core/batch/result-item.ts';
import { NO_BRAKE } from '../helpers/memory-brakes.ts';
import { anyHistory, play } from './history.ts';
import type { World } from './world.ts';

const { MEDIA_BATCH_HISTORIES: histories, MEDIA_BATCH_SEED: seed, MEDIA_BATCH_PATH: path } = process.env;
/** A run without a number of its own ends after this time, in ms, with what it has played. */
const TIME_MS = 15_000;

describe('the ledger and its reconciler', function () {
  // A broken promise takes its time to shrink.
  this.timeout(0);

  it('keep every promise in every history, and bring each to its end', async () => {
    await fc.assert(
      fc.asyncProperty(anyHistory, async (history) => {
        await play(history);
      }),
      {
        numRuns: Number(histories ?? 400),
        ...(histories === undefined && { interruptAfterTimeLimit: TIME_MS }),
        ...(seed !== undefined && { seed: Number(seed) }),
        ...(path !== undefined && { path }),
      },
    );
  });

  it('would break a promise where nobody reads that a batch is held or cancelled', async () => {
    const deaf = (world: World) => {
      const order = world.order.bind(world);
      world.order = (batch) => {
        const known = order(batch);
        return known && { ...known, brake: NO_BRAKE };
      };
    };
    const property = fc.asyncProperty(anyHistory, async (history) => {
      await play(history, deaf);
    });
    const { failed, errorInstance } = await fc.check(property, { numRuns: 400, seed: 1, endOnFailure: true });
    assert.ok(failed);
    assert.match(String(errorInstance), /SENT AFTER CANCEL|SENT WHILE HELD/);
  });

  it('would break a promise on a table that holds no conditions', async () => {
    const careless = ({ ledger }: World) => {
      const write = ledger.write.bind(ledger);
      ledger.write = async (change) => write({ ...change, before: await ledger.read(change.next) });
    };
    const property = fc.asyncProperty(anyHistory, async (history) => {
      await play(history, careless);
    });
    const { failed, errorInstance } = await fc.check(property, { numRuns: 400, seed: 1, endOnFailure: true });
    assert.ok(failed);
    assert.match(String(errorInstance), /GOES BACK|PAID TWICE|COUNTS|OPEN FOR EVER|WRONG JOB|REVIVED/);
  });

  describe('has a state that nothing frees', () => {
    const withoutLooksAt = async (status: Status): Promise<string> => {
      const property = fc.asyncProperty(anyHistory, async (history) => {
        await play(history, (world) => {
          world.isListed = (item) => item.status !== status;
        });
      });
      const { errorInstance } = await fc.check(property, { numRuns: 1000, seed: 1, endOnFailure: true });
      return String(errorInstance).split('\n')[0] ?? '';
    };

    it('where the reconciler never looks at who waits', async () => {
      assert.match(await withoutLooksAt('waiting'), /NO EVENT FREES: .*waiting/);
    });

    it('where it never sends the message again that is gone', async () => {
      assert.match(await withoutLooksAt('retrying'), /NO EVENT FREES: .*retrying/);
    });

    it('or one that only a callback frees, which may never come', async () => {
      assert.match(await withoutLooksAt('submitted'), /(OPEN FOR EVER|NO EVENT FREES): .*submitted/);
    });

    it('where it never looks for the job of an invocation that died', async () => {
      assert.match(await withoutLooksAt('submitting'), /NO EVENT FREES: .*submitting unclear/);
    });
  });
});

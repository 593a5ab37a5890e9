import assert from 'node:assert/strict';
import fc from 'fast-check';
import { claimStep } from '../../../../src/core/batch/claim.ts';
import { lookedUp, mayLookAt } from '../../../../src/core/batch/look-up.ts';
import { isEnded, isUnclear, type ResultItem } from '../../../../src/core/batch/result-item.ts';
import {
  accepted,
  buried,
  givenUp,
  RANK,
  released,
  reported,
  retried,
  sentAgain,
} from '../../../../src/core/batch/transitions.ts';
import { DEFAULT_JOB_OPTIONS } from '../../../../src/core/ittybit/job-options.ts';
import { FILE, HOUR, MINUTE, PATIENCE } from '../../../helpers/stored-items.ts';

type Item = ResultItem | undefined;
/** What may happen to a file, as the next state or none. Each says by its name whose it is. */
type Event = { readonly name: string; apply(item: Item, now: number): Item };

const SENDERS = ['', 'conn_2'].map((connectionId) => ({
  ...{ apiUrl: 'https://api', webhookUrl: 'https://hook', connectionId },
  signingKeys: ['k'.repeat(32)] as [string],
}));

function claimBy(claim: string, isRedriven: boolean, sender: (typeof SENDERS)[number]): Event {
  return {
    name: `claim by ${claim}`,
    apply(item, now) {
      const facts = {
        source: { items: item ? [item] : [], owners: new Map<string, string>() },
        adopted: undefined,
        output: undefined,
      };
      const { write } = claimStep(
        {
          ...{
            message: FILE,
            isRedriven,
            job: DEFAULT_JOB_OPTIONS,
            again: false,
            sender,
            claim,
            patience: PATIENCE,
          },
          ...{ leaseUntilMs: now + 21_000, dueMs: now + 2 * MINUTE, newReference: `ref-${now}` },
        },
        facts,
        now,
      );
      return write?.next;
    },
  };
}

const invocation = fc.constantFrom('i1', 'i2');
const events: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .tuple(invocation, fc.boolean(), fc.constantFrom(...SENDERS))
      .map((args) => claimBy(...args)),
  },
  fc.tuple(invocation, fc.boolean(), fc.boolean()).map(([claim, unclear, counts]) => ({
    name: 'released',
    // As the consumer does: what was unclear before the attempt stays so.
    apply: (item: Item, now: number) =>
      released(
        item,
        claim,
        { error: '503', unclear: unclear || (item?.attempts ?? 0) > 1, counts, backMs: 5000 },
        PATIENCE,
        now,
      ),
  })),
  fc.tuple(invocation, fc.boolean()).map(([claim, unclear]) => ({
    name: 'buried',
    apply: (item: Item, now: number) => buried(item, claim, { error: '400', unclear }, PATIENCE, now),
  })),
  fc.constantFrom('job_1', 'job_2').map((jobId) => ({
    name: 'accepted',
    apply: (item: Item, now: number) =>
      accepted(item, { reference: item?.reference ?? '', jobId }, PATIENCE, now),
  })),
  fc
    .tuple(
      fc.constantFrom('submitted', 'processing', 'succeeded', 'failed', 'cancelled', undefined),
      fc.integer({ min: 1, max: 3 }),
    )
    .map(([status, run]) => ({
      name: 'reported',
      apply: (item: Item, now: number) =>
        reported(item, FILE, run, { about: 'job', ...(status && { status }), rawStatus: status ?? '' }, now),
    })),
  fc.constantFrom('no-job' as const, 'cannot-tell' as const).map((said) => ({
    name: `looked up: ${said}`,
    // As the reconciler does: only an unclear file, and not before its time.
    apply: (item: Item, now: number) =>
      item && isUnclear(item) && mayLookAt(item, PATIENCE) <= now
        ? lookedUp(item, said, PATIENCE, now)
        : undefined,
  })),
  fc.boolean().map((payAgain) => ({
    name: payAgain ? 'retried, paying again' : 'retried',
    apply: (item: Item, now: number) => item && retried(item, payAgain, PATIENCE, now),
  })),
  fc.constant({ name: 'given up', apply: (item: Item, now: number) => item && givenUp(item, 'enough', now) }),
  fc.constant({
    name: 'sent again',
    apply: (item: Item, now: number) =>
      item?.status === 'retrying' ? sentAgain(item, PATIENCE, now) : undefined,
  }),
);
const history = fc.array(fc.tuple(events, fc.constantFrom(0, 1000, 30_000, 20 * MINUTE, 25 * HOUR)), {
  maxLength: 50,
});

/** Lets a history happen, and shows each change. */
function holds(check: (before: Item, after: ResultItem, event: Event, now: number) => void): void {
  fc.assert(
    fc.property(history, (steps) => {
      let item: Item;
      let now = Date.parse('2026-11-23T10:00:00Z');
      for (const [event, ms] of steps) {
        now += ms;
        const next = event.apply(item, now);
        if (!next) continue;
        check(item, next, event, now);
        item = next;
      }
    }),
    { numRuns: 500 },
  );
}

describe('a file, in any order of what may happen to it', () => {
  it('never goes back within a run: an end is an end, and Ittybit has what it has accepted', () => {
    holds((before, after, { name }) => {
      if (!before || before.run !== after.run) return;
      if (isEnded(before.status) && before.given_up !== true) assert.equal(after.status, before.status, name);
      assert.ok(RANK[after.status] >= RANK[before.status], `${before.status} to ${after.status}: ${name}`);
    });
  });

  it('changes its run only by a retry that a user pays for', () => {
    holds((before, after, { name }) => {
      if (before && before.run !== after.run) assert.match(name, /^retried/);
      assert.ok(!before || after.run >= before.run);
    });
  });

  it('ends unclear only by its job, a look-up, or a payment, and never by a refusal or a claim', () => {
    holds((before, after, { name }) => {
      if (!before || !isUnclear(before) || isUnclear(after)) return;
      const isByRefusal = before.status === 'submitting' && (name === 'released' || name === 'buried');
      const isKnown = after.job_id !== undefined || isEnded(after.status);
      assert.ok(
        isByRefusal || isKnown || name === 'looked up: no-job' || after.run > before.run,
        `${before.status}: ${name}`,
      );
    });
  });

  it('keeps its reference while it is unclear, so that a job can be found by it', () => {
    holds((before, after, { name }) => {
      if (before && isUnclear(before) && isUnclear(after))
        assert.equal(after.reference, before.reference, name);
    });
  });

  it('is claimed by one at a time, and only the holder gives it back', () => {
    holds((before, after, { name }, now) => {
      if (before?.status === 'submitting' && name.startsWith('claim'))
        assert.ok((before.lease_until_ms ?? 0) <= now);
      if (name === 'released' || name === 'buried') assert.equal(before?.status, 'submitting');
      assert.equal(after.claim !== undefined, after.status === 'submitting', name);
    });
  });

  it('has a reason when it is dead, and a next look while anything of it is open', () => {
    holds((_before, after, { name }) => {
      if (after.status === 'dead') assert.ok(after.error, name);
      const isOpen = !isEnded(after.status) && (after.status !== 'dead' || isUnclear(after));
      assert.equal(after.next_look_at !== undefined, isOpen, `${after.status}: ${name}`);
    });
  });

  it('changes nothing on a repeat, unless it is a claim or a look', () => {
    holds((_before, after, event, now) => {
      if (/^(claim|looked up|sent again)/.test(event.name)) return;
      // A file that was buried unclear may be retried again and again: each time it is dead before.
      assert.equal(event.apply(after, now), undefined, event.name);
    });
  });

  it('keeps a history that is bounded and chronological, and ends with the present', () => {
    holds((before, after) => {
      const { history: entries = [] } = after;
      assert.ok(entries.length > 0 && entries.length <= 20);
      assert.equal(entries.at(-1)?.status, after.status);
      // The entry of a claim becomes that of its acceptance, also where it is the only one.
      const isAccepted = before?.history?.length === 1 && after.status === 'submitted';
      if (!isAccepted) assert.deepEqual(entries[0], before?.history?.[0] ?? entries[0]);
      const times = entries.map(({ at }) => at);
      assert.deepEqual(times, times.toSorted());
      assert.equal(after.rev, (before?.rev ?? 0) + 1);
    });
  });
});

import { sum } from '../../app/batch/batch-progress.ts';
import type { JobBook } from '../ittybit/job-book.ts';
import { PROMISES, type Broken, type Evidence, type Promised } from './audit.ts';
import type { FaultPlan } from './choose-faults.ts';
import type { Tally } from './fault-run.ts';
import type { Recovery } from './recover.ts';

/** A run in numbers: the last line of `--json`. The promises are 0 where they are kept. */
export interface Figures extends Readonly<Record<Promised, number>> {
  readonly seed: number;
  readonly files: number;
  /** files that had a fault, by its name */
  readonly faults: Readonly<Record<string, number>>;
  readonly messages: number;
  readonly jobs: number;
  /** requests to `POST /jobs`, and how they ended for the caller */
  readonly posts: number;
  readonly answers: Readonly<Record<string, number>>;
  /** creates that were answered with the job that their key had made before */
  readonly replays: number;
  /** creates that were answered with the refusal that their key had met before */
  readonly replayedRefusals: number;
  readonly keyMismatches: number;
  /** `GET /jobs` and `GET /jobs/{id}` */
  readonly gets: number;
  /** how the webhooks of all jobs ended, forged ones left out */
  readonly callbacks: Readonly<Record<string, number>>;
  readonly ends: Readonly<Record<string, number>>;
  readonly letters: number;
  readonly redriven: number;
  /** files that were sent once more, because no item told of them */
  readonly missing: number;
  /** files that were sent once more from their items, because their messages were gone with their stack */
  readonly resent: number;
  /** of the whole run, and since the causes were mended */
  readonly seconds: number;
  readonly recoverySeconds: number;
}

interface Parts {
  readonly order: { readonly seed: number; readonly files: number };
  readonly evidence: Evidence;
  readonly broken: readonly Broken[];
  readonly recovery: Recovery;
  readonly tally: Tally;
  readonly plan: FaultPlan<string>;
  readonly sent: number;
  readonly seconds: number;
  readonly book: JobBook;
}

/** Counts what a run has shown. */
export function figuresOf({
  order,
  evidence,
  broken,
  recovery,
  tally,
  plan,
  sent,
  seconds,
  book,
}: Parts): Figures {
  const gets = [book.answers('GET /jobs'), book.answers('GET /jobs/{id}')];
  const promised = PROMISES.map((name) => [name, broken.filter(({ promise }) => promise === name).length]);
  return {
    seed: order.seed,
    files: order.files,
    faults: Object.fromEntries([...plan].map(([name, { size }]) => [name, size])),
    messages: sent,
    jobs: book.jobs.length,
    posts: book.posts,
    answers: Object.fromEntries(book.answers()),
    replays: book.replays,
    replayedRefusals: book.replayedRefusals,
    keyMismatches: book.keyMismatches,
    gets: sum(gets.flatMap((answers) => [...answers.values()])),
    callbacks: numbersOf(
      book.webhooks.filter(({ forged }) => !forged),
      ({ outcome }) => outcome,
    ),
    ends: numbersOf(evidence.items, ({ status }) => status),
    letters: tally.letters.length,
    redriven: recovery.redriven,
    missing: tally.missing,
    resent: tally.resent,
    seconds,
    recoverySeconds: recovery.seconds,
    ...(Object.fromEntries(promised) as Record<Promised, number>),
    forgedAccepted: evidence.forgedAccepted,
  };
}

function numbersOf<One>(list: readonly One[], name: (one: One) => string): Record<string, number> {
  return Object.fromEntries([...Map.groupBy(list, name)].map(([key, those]) => [key, those.length]));
}

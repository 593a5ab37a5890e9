import { readResult } from '../../core/batch/result-codec.ts';
import { s3Uri } from '../../core/files/s3-location.ts';
import { startLocalCloud } from '../cloud/local-cloud.ts';
import { createBucketOwner } from '../cloud/seed-bucket.ts';
import { wildFiles } from '../cloud/wild-files.ts';
import { seededDraws, type Draw } from '../ittybit/draws.ts';
import type { IttybitOptions } from '../ittybit/server.ts';
import { audit, type Broken, type Evidence } from './audit.ts';
import { chooseFaults, shuffled } from './choose-faults.ts';
import { batchProgress } from '../../app/batch/batch-progress.ts';
import { OWN_BATCHES, ORDERS } from './batch-orders.ts';
import { enqueueAll, runTroubles, sentIn, untilQuiet } from './drain.ts';
import type { BatchOrder, FaultRun, Tally } from './fault-run.ts';
import { deployWorld, type FaultWorld } from './fault-world.ts';
import { FILE_FAULTS, type FileFault } from './file-faults.ts';
import { readLetters } from './read-letters.ts';
import { recover } from './recover.ts';
import { figuresOf, type Figures } from './figures.ts';
import type { StackTrouble } from './stack-troubles.ts';

const BUCKET = 'fault-archive';
/** How much of the time that a POST is given to settle the slowest ones take. */
const LATE_SHARE = 0.9;

/** What a run of the fault suite is asked for. */
export interface FaultOrder {
  /** media files */
  readonly files: number;
  readonly seed: number;
  readonly fileFaults: readonly FileFault[];
  readonly stackTroubles: readonly StackTrouble[];
  /** of the files that have a fault, 0 to 1 */
  readonly share: number;
  /** look-ups believe after this time, instead of 900 s, that there is no job */
  readonly settleSeconds: number;
  /** how long after the faults all files may take to end */
  readonly limitMs: number;
  readonly signal: AbortSignal;
  /** shows a line of progress */
  readonly say: (line: string) => void;
}

export interface FaultVerdict {
  readonly figures: Figures;
  readonly broken: readonly Broken[];
}

/**
 * Runs the real stack on the local cloud while the seed makes things go wrong, mends all causes, and counts what came of
 * each file. The same seed gives the same faults to the same files.
 */
export async function runFaults(order: FaultOrder): Promise<FaultVerdict> {
  const { seed, say, signal } = order;
  const draw = seededDraws(seed);
  const standIn = standInFor(draw);
  const { idempotency, listBody, webhooks } = standIn;
  say(`seed ${seed}: ${JSON.stringify({ ...idempotency, listBody, taskEvents: webhooks.taskEvents })}`);
  const cloud = await startLocalCloud({ name: 'faults', signal, standIn, onProgress: say });
  try {
    const world = await deployWorld(cloud, order.settleSeconds, signal);
    try {
      return await runIn(world, order, draw);
    } finally {
      world.dispose();
    }
  } finally {
    await cloud.stop();
  }
}

/** Where Ittybit's reference is silent, the seed decides how it behaves. */
export function standInFor(draw: Draw) {
  const pick = <Value>(what: string, values: readonly [Value, ...Value[]]): Value =>
    values[Math.floor(draw(what) * values.length)] ?? values[0];
  return {
    idempotency: {
      refused: pick('refused creates', ['replay', 'forget']),
      mismatchStatus: pick('another body', [400, 409, 422]),
    },
    listBody: pick('lists', ['array', 'data']),
    webhooks: {
      shape: 'drawn',
      onProcessing: pick('progress', [true, false]),
      taskEvents: pick('task reports', [true, false]),
      maxAttempts: 4,
    },
    rateLimits: {},
    random: draw,
  } as const satisfies Partial<IttybitOptions>;
}

async function runIn(world: FaultWorld, order: FaultOrder, draw: Draw): Promise<FaultVerdict> {
  const { say, signal, fileFaults, stackTroubles, share } = order;
  const start = Date.now();
  const keys = await seed(world, order);
  const inputs = keys.map((key) => s3Uri({ bucket: BUCKET, key }));
  const plan = chooseFaults(inputs, fileFaults, share, draw);
  const { faults, book } = world.cloud.ittybit;
  const lateMs = order.settleSeconds * LATE_SHARE * 1000;
  for (const [name, those] of plan) {
    if (those.size === 0) continue;
    const match = ({ input = '' }: { readonly input: string | undefined }) => those.has(input);
    for (const fault of FILE_FAULTS[name]({ match }, lateMs)) faults.add(fault);
  }
  const tally: Tally = { letters: [], missing: 0, resent: 0 };
  const run: FaultRun = { world, bucket: BUCKET, keys, plan, draw, signal, batches: [], tally, say };
  await enqueueAll(run, ordersFor(stackTroubles));
  const { length } = run.batches;
  say(`2  ${sentIn(run.batches)} messages in ${length} batches; ${stackTroubles.length} troubles for all`);
  await runTroubles(run, inTurn(stackTroubles, draw), keys.length);
  await untilQuiet(run, keys.length, order.limitMs);
  faults.clear();
  const faultsSeconds = Math.round((Date.now() - start) / 1000);
  say(`3  all causes are mended after ${faultsSeconds} s, with ${book.jobs.length} jobs`);
  const recovery = await recover(run, order.limitMs);
  await world.cloud.ittybit.settled(signal);
  const evidence = await gather(run);
  const broken = audit(evidence);
  const seconds = Math.round((Date.now() - start) / 1000);
  const sent = sentIn(run.batches);
  return {
    broken,
    figures: figuresOf({ order, evidence, broken, recovery, tally, plan, sent, seconds, book }),
  };
}

/** A batch that is cancelled while the queue drains has to be in it. */
function ordersFor(troubles: readonly StackTrouble[]): readonly BatchOrder[] {
  return troubles.includes('batch-cancelled') ? [...ORDERS, OWN_BATCHES.cancelledInDrain] : ORDERS;
}

/** Where a trouble stands whose moment matters: before or after all others, which are 0. */
const RANKS: { readonly [Name in StackTrouble]?: number } = {
  // While most files are not claimed yet.
  expiry: -4,
  'batch-cancelled': -2,
  // When most files that shall lose their message have been tried once.
  'messages-lost': 1,
};

/** One of these: when other troubles have changed the settings, after the cancels, or while most files are queued. */
const TAKEOVER_RANKS = [0, -1, -3];

/** @returns the troubles in the order that the draws decide, but for those whose moment matters */
export function inTurn(troubles: readonly StackTrouble[], draw: Draw): StackTrouble[] {
  const moment = Math.floor(draw('moment of the takeover') * TAKEOVER_RANKS.length);
  const ranks = { ...RANKS, takeover: TAKEOVER_RANKS[moment] };
  const rank = (name: StackTrouble) => ranks[name] ?? 0;
  return shuffled(troubles, 'trouble', draw).toSorted((a, b) => rank(a) - rank(b));
}

async function seed({ cloud }: FaultWorld, { files, say, signal }: FaultOrder): Promise<string[]> {
  const owner = createBucketOwner(cloud.root);
  try {
    const wild = wildFiles(files);
    await owner.seed(BUCKET, wild, () => undefined, signal);
    say(`1  s3://${BUCKET} has ${wild.length} objects, ${files} of them media files`);
    return wild.filter(({ kind }) => kind === 'media').map(({ key }) => key);
  } finally {
    owner.dispose();
  }
}

async function gather(run: FaultRun): Promise<Evidence> {
  const { world, bucket, keys, batches, tally, signal } = run;
  const wanted = batches.map(({ batch, prefix, cancelledAt }) => {
    const under = cancelledAt === undefined ? keys.filter((key) => key.startsWith(prefix)) : [];
    return [batch, under.map((key) => s3Uri({ bucket, key }))] as const;
  });
  const progress = batches.map(async ({ batch }) => {
    const record = await world.owner.batches.read(world.pipeline.resultsTable, batch, signal);
    return [batch, batchProgress(record)] as const;
  });
  const cancelledAt = batches.flatMap(({ batch, cancelledAt: at }) =>
    at === undefined ? [] : [[batch, at] as const],
  );
  const letters = await readLetters({ world, signal });
  const { book } = world.cloud.ittybit;
  return {
    wanted: new Map(wanted),
    items: (await world.tableItems()).flatMap((item) => readResult(item) ?? []),
    progress: new Map(await Promise.all(progress)),
    cancelledAt: new Map(cancelledAt),
    letters,
    seenLetters: [...tally.letters, ...letters],
    jobs: book.entries(),
    creates: book.creates,
    forgedAccepted: book.forgedAccepted(),
    again: new Set(batches.filter(({ again }) => again).map(({ batch }) => batch)),
  };
}

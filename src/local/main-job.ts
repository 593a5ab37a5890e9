import { storeApiKey } from '../app/stack/api-key.ts';
import { deletePipeline } from '../app/stack/stack-operations.ts';
import { batchProgress, type BatchProgress } from '../app/batch/batch-progress.ts';
import { listDeadLetters, type DeadLetter } from '../app/batch/dead-letters.ts';
import type { EnqueueProgress } from '../app/batch/enqueue-files.ts';
import { enqueuePrefix } from '../app/batch/enqueue-prefix.ts';
import { poll } from '../app/poll.ts';
import { redriveAll } from '../app/batch/redrive.ts';
import type { FileFilter } from '../core/files/file-filter.ts';
import { DEFAULT_JOB_OPTIONS } from '../core/ittybit/job-options.ts';
import { STATUSES } from '../core/batch/result-item.ts';
import { DEFAULT_STACK_NAME, type StackOutputs, type StackParameters } from '../core/stack/stack-contract.ts';
import { accidents, breakThings } from './cloud/accidents.ts';
import { enqueueInCloud } from './cloud/enqueue-in-cloud.ts';
import { deployLocally } from './cloud/deploy-locally.ts';
import { LOCAL_API_KEY, type LocalCloud } from './cloud/local-cloud.ts';
import { reconcileNow } from './cloud/reconcile-now.ts';
import type { BucketOwner } from './cloud/seed-bucket.ts';
import { SETTLE_SECONDS, shortenLookUps } from './cloud/shorten-look-ups.ts';
import { showDeadLetters, showEnqueued, showEvent } from './show.ts';
import { summarize, type Repeated, type Summary } from './summary.ts';
import type { Terminal } from './tools/terminal.ts';
import { PREFIX, wildFiles, type WildFile } from './cloud/wild-files.ts';

const DEMO_BUCKET = 'film-archive';
/** A failed job is no result, so another batch would try these again, and pay. */
const NOT_FAILED: FileFilter = { glob: '!corrupt/**' };

export interface MainJob {
  readonly cloud: LocalCloud;
  readonly owner: BucketOwner;
  readonly terminal: Terminal;
  /** media files in the bucket */
  readonly files: number;
  /** true: Step Functions enqueues, and this process only watches */
  readonly inCloud?: boolean | undefined;
  readonly signal: AbortSignal;
}

/**
 * Runs the product's main job, from an empty account to the last result, with the accidents of real backlogs.
 * @returns the summary, counted from the stand-in's job book and the bucket
 */
export async function runMainJob(job: MainJob): Promise<Summary> {
  const { cloud, owner, terminal, signal } = job;
  const startedAt = performance.now();
  const files = wildFiles(job.files);
  await seed(job, files);

  terminal.heading('2  Deploy the pipeline');
  const pipeline = await deploy(job);
  terminal.line("   pace set once more through the mapping: the emulator keeps a template's numbers as text");
  await shortenLookUps(cloud.root, pipeline, SETTLE_SECONDS);
  terminal.line(`   a look-up of a job may say "no" after ${SETTLE_SECONDS} s and not after 15 minutes`);
  await storeApiKey(pipeline, LOCAL_API_KEY, cloud.services.secrets, signal);
  terminal.line('   API key stored in Secrets Manager');

  terminal.heading(`3  Enqueue s3://${DEMO_BUCKET}/${PREFIX}${job.inCloud ? ' in the cloud' : ''}`);
  const fixCauses = breakThings(cloud);
  const enqueued = await (job.inCloud ? enqueueByStepFunctions(job, pipeline) : enqueue(job, pipeline));

  terminal.heading('4  Drain the queue');
  terminal.line(`   on the way: ${accidents(files)}`);
  const drained = await drain(job, pipeline, enqueued);
  const unheard = drained.counts.submitted;

  terminal.heading('5  Dead letters');
  const letters = await deadLetters(job, pipeline, drained.counts.dead);
  showDeadLetters(terminal, letters);

  terminal.heading('6  Fix the cause, redrive, and ask Ittybit about what nobody reported');
  fixCauses();
  const redriven = letters.length > 0 ? await redrive(job, pipeline, letters.length) : 0;
  await reconcile(job, pipeline, enqueued);

  const again = await enqueueAgain(job, pipeline);
  const takenOver = await takeOver(job, pipeline);

  return summarize({
    book: cloud.ittybit.book,
    media: files.filter((file) => file.kind === 'media').map((file) => file.key),
    keys: await owner.keys(DEMO_BUCKET),
    bucket: DEMO_BUCKET,
    enqueued,
    progress: await progressOf(job, pipeline, enqueued.batch),
    unheard,
    again,
    takenOver,
    deadLettered: letters.length,
    redriven,
    seconds: Math.round((performance.now() - startedAt) / 100) / 10,
  });
}

function seed({ owner, terminal, files, signal }: MainJob, objects: readonly WildFile[]): Promise<void> {
  terminal.heading(
    `1  Seed s3://${DEMO_BUCKET} with ${objects.length} objects, ${files} of them media files`,
  );
  return terminal.bar('seeding', objects.length, (update) =>
    owner.seed(
      DEMO_BUCKET,
      objects,
      (done) => {
        update(done, '');
      },
      signal,
    ),
  );
}

function deploy(
  { cloud, terminal, signal }: MainJob,
  parameters: StackParameters = {},
): Promise<StackOutputs> {
  return deployLocally(cloud.services, cloud.ittybit.url, {
    signal,
    parameters: { ReconcileAfterMinutes: '1', ...parameters },
    onEvent: (event) => {
      // A stack that takes a table over is deployed as the first one was.
      if (parameters.ExistingResultsTable && !/FAILED$/.test(event.status)) return;
      showEvent(terminal, event);
    },
  });
}

async function enqueue(
  { cloud, terminal, files, signal }: MainJob,
  pipeline: StackOutputs,
  filter?: FileFilter,
): Promise<EnqueueProgress> {
  const request = { bucket: DEMO_BUCKET, prefix: PREFIX, job: DEFAULT_JOB_OPTIONS, filter };
  const done = await terminal.bar('enqueueing', files, (update) =>
    enqueuePrefix(request, pipeline, cloud.services, {
      signal,
      onProgress: ({ sent, listed }) => {
        update(sent, `${listed} listed`);
      },
    }),
  );
  showEnqueued(terminal, done);
  return done;
}

/** The same enqueue by a stack of its own, which would go on without this process. */
async function enqueueByStepFunctions(
  { cloud, terminal, files, signal }: MainJob,
  pipeline: StackOutputs,
): Promise<EnqueueProgress> {
  const request = { bucket: DEMO_BUCKET, prefix: PREFIX, job: DEFAULT_JOB_OPTIONS };
  const { meta, progress } = await terminal.bar('enqueueing', files, (update) =>
    enqueueInCloud(request, pipeline, cloud.services, {
      signal,
      onEvent: (event) => {
        showEvent(terminal, event);
      },
      onProgress: ({ progress: { sent, listed }, state }) => {
        update(sent, `${listed} of ${state?.map?.items.total ?? 0} listed so far`);
      },
    }),
  );
  const { listed, sent, skipped } = progress;
  const done = { batch: meta.batch, listed, sent, skipped };
  showEnqueued(terminal, done);
  return done;
}

async function progressOf(
  { cloud, signal }: MainJob,
  { resultsTable }: StackOutputs,
  batch: string,
): Promise<BatchProgress> {
  return batchProgress(await cloud.services.batches.read(resultsTable, batch, signal));
}

/** The same prefix again: its files are done, so nothing is to be paid. */
async function enqueueAgain(job: MainJob, pipeline: StackOutputs): Promise<Repeated> {
  const { book } = job.cloud.ittybit;
  const paid = book.jobs.length;
  job.terminal.heading(`7  Enqueue s3://${DEMO_BUCKET}/${PREFIX} once more, by mistake`);
  const enqueued = await enqueue(job, pipeline, NOT_FAILED);
  const { covered } = (await drain(job, pipeline, enqueued)).counts;
  job.terminal.line(`   ${covered} files covered by the first batch, ${book.jobs.length - paid} new jobs`);
  return { sent: enqueued.sent, covered };
}

/** Deletes the stack and makes it anew over its table: the new one knows all that is done. */
async function takeOver(job: MainJob, { resultsTable }: StackOutputs): Promise<Repeated> {
  const { cloud, terminal, signal } = job;
  const { book } = cloud.ittybit;
  terminal.heading('8  Delete the stack, deploy it anew over its results, and enqueue again');
  await deletePipeline(DEFAULT_STACK_NAME, cloud.services.stacks, { everyMs: 200, signal });
  terminal.line(`   deleted; the table ${resultsTable} stays`);
  const pipeline = await deploy(job, { ExistingResultsTable: resultsTable });
  await storeApiKey(pipeline, LOCAL_API_KEY, cloud.services.secrets, signal);
  const before = book.posts;
  const enqueued = await enqueue(job, pipeline, NOT_FAILED);
  const { covered } = (await drain(job, pipeline, enqueued)).counts;
  terminal.line(`   ${covered} of ${enqueued.sent} files covered by the deleted stack's results`);
  terminal.line(
    `   POST /jobs before ${before}, after ${book.posts}: ${book.posts - before} submitted again`,
  );
  return { sent: enqueued.sent, covered };
}

/** Follows a batch until only what Ittybit has not reported is open: its jobs have ended by then. */
function drain(job: MainJob, pipeline: StackOutputs, enqueued: EnqueueProgress): Promise<BatchProgress> {
  return follow('draining', job, pipeline, enqueued, async ({ counts, queued, enqueued: isSent }) => {
    if (!isSent || queued + counts.retrying + counts.waiting > 0) return false;
    await job.cloud.ittybit.settled(job.signal);
    return true;
  });
}

/** Runs the reconciler until every file of a batch has ended, dead letters that were redriven too. */
function reconcile(job: MainJob, pipeline: StackOutputs, enqueued: EnqueueProgress): Promise<BatchProgress> {
  const { cloud, signal } = job;
  return follow('settling', job, pipeline, enqueued, async ({ counts, settled }) => {
    if (settled && counts.dead === 0) return true;
    await reconcileNow(cloud.root, pipeline, { signal });
    return false;
  });
}

function follow(
  title: string,
  job: MainJob,
  pipeline: StackOutputs,
  { batch, sent }: EnqueueProgress,
  isOver: (progress: BatchProgress) => Promise<boolean>,
): Promise<BatchProgress> {
  return job.terminal.bar(title, sent, (update) => {
    const look = async (): Promise<BatchProgress> => {
      const progress = await progressOf(job, pipeline, batch);
      const { counts, queued } = progress;
      const states = STATUSES.filter((status) => counts[status] > 0).map(
        (status) => `${counts[status]} ${status}`,
      );
      const done = counts.succeeded + counts.failed + counts.cancelled + counts.covered;
      update(done, [`${queued} queued`, ...states].join(', '));
      return progress;
    };
    const step = async () => ((await isOver(await look())) ? look() : undefined);
    return poll(step, 250, job.signal);
  });
}

/** @param dead so many letters are in the queue; one that somebody else reads is hidden for a moment */
function deadLetters(
  { cloud, files, signal }: MainJob,
  pipeline: StackOutputs,
  dead: number,
): Promise<readonly DeadLetter[]> {
  const list = async (): Promise<readonly DeadLetter[] | undefined> => {
    const { letters } = await listDeadLetters(pipeline, cloud.services.queues, { limit: files, signal });
    return letters.length >= dead ? letters : undefined;
  };
  return poll(list, 250, signal);
}

async function redrive(
  { cloud, terminal, signal }: MainJob,
  pipeline: StackOutputs,
  letters: number,
): Promise<number> {
  const { moved, by } = await terminal.bar('redriving', letters, (update) =>
    redriveAll(pipeline, cloud.services.queues, {
      perSecond: 100,
      signal,
      onProgress: (done) => {
        update(done, '');
      },
    }),
  );
  const how =
    by === 'move-task'
      ? 'by an SQS message move task'
      : 'one by one, as this service has no message move tasks';
  terminal.line(`   ${moved} dead letters moved back to the work queue ${how}`);
  return moved;
}

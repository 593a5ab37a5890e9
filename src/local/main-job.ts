import { storeApiKey } from '../app/api-key.ts';
import { batchProgress, type BatchProgress } from '../app/batch-progress.ts';
import { listDeadLetters, type DeadLetter } from '../app/dead-letters.ts';
import { enqueuePrefix, type EnqueueProgress } from '../app/enqueue-prefix.ts';
import { poll } from '../app/poll.ts';
import { redriveAll } from '../app/redrive.ts';
import { DEFAULT_JOB_OPTIONS } from '../core/job-options.ts';
import { STATUSES } from '../core/result-item.ts';
import type { StackOutputs } from '../core/stack-contract.ts';
import { deployLocally } from './deploy-locally.ts';
import { LOCAL_API_KEY, type LocalCloud } from './local-cloud.ts';
import type { BucketOwner } from './seed-bucket.ts';
import { summarize, type Summary } from './summary.ts';
import { printable, type Terminal } from './terminal.ts';
import { PLACES, wildFiles } from './wild-files.ts';

export const DEMO_BUCKET = 'film-archive';
const PREFIX = 'footage/';

export interface MainJob {
  readonly cloud: LocalCloud;
  readonly owner: BucketOwner;
  readonly terminal: Terminal;
  /** media files in the bucket */
  readonly files: number;
  readonly signal: AbortSignal;
}

/**
 * The product's main job from an empty account to the last result, with the accidents of real backlogs on the way.
 * @returns the summary, counted from the stand-in's ledger and the bucket
 */
export async function runMainJob(job: MainJob): Promise<Summary> {
  const { cloud, owner, terminal, signal } = job;
  const startedAt = performance.now();
  const files = wildFiles(job.files);
  terminal.heading(
    `1  Seed s3://${DEMO_BUCKET} with ${files.length} objects, ${job.files} of them media files`,
  );
  await terminal.bar('seeding', files.length, (update) =>
    owner.seed(DEMO_BUCKET, files, (done) => {
      update(done, '');
    }),
  );

  terminal.heading('2  Deploy the pipeline');
  const pipeline = await deploy(job);
  await storeApiKey(pipeline, LOCAL_API_KEY, cloud.services.secrets, signal);
  terminal.line('   API key stored in Secrets Manager');

  const mend = breakThings(cloud);
  terminal.heading(`3  Enqueue s3://${DEMO_BUCKET}/${PREFIX}`);
  const enqueued = await enqueue(job, pipeline);

  terminal.heading('4  Drain the queue');
  await drain(job, pipeline, enqueued.batch);

  terminal.heading('5  Dead letters');
  const { letters } = await listDeadLetters(pipeline, cloud.services.queues, { limit: job.files, signal });
  showDeadLetters(terminal, letters);

  let redriven = 0;
  if (letters.length > 0) {
    terminal.heading('6  Mend the cause, redrive, drain again');
    mend();
    redriven = await redrive(job, pipeline);
    await drain(job, pipeline, enqueued.batch, true);
  }
  await cloud.ittybit.settled(signal);
  const progress = await drain(job, pipeline, enqueued.batch);
  return summarize({
    ledger: cloud.ittybit.ledger,
    media: files.filter((file) => file.kind === 'media').map((file) => file.key),
    keys: await owner.keys(DEMO_BUCKET),
    bucket: DEMO_BUCKET,
    enqueued,
    progress,
    deadLettered: letters.length,
    redriven,
    seconds: Math.round((performance.now() - startedAt) / 100) / 10,
  });
}

function deploy({ cloud, terminal, signal }: MainJob): Promise<StackOutputs> {
  return deployLocally(cloud.services, cloud.ittybit.url, {
    signal,
    onEvent: ({ status, logicalId, type, reason }) => {
      terminal.line(
        `   ${status.padEnd(20)} ${logicalId.padEnd(26)} ${type}${reason ? `  ${printable(reason)}` : ''}`,
      );
    },
  });
}

/** What goes wrong in real backlogs. @returns how to mend what needs a person */
function breakThings({ ittybit: { faults } }: LocalCloud): () => void {
  const locked = faults.add({
    match: PLACES.locked,
    effect: {
      type: 'status',
      status: 400,
      kind: 'invalid_input',
      message: 'cannot read input: access denied',
    },
  });
  const outage = faults.add({
    match: PLACES.outage,
    effect: { type: 'status', status: 503, kind: 'internal_error', message: 'try again later' },
  });
  faults.add({ match: PLACES.flaky, effect: { type: 'response_lost' }, times: 1 });
  faults.add({ match: PLACES.flaky, effect: { type: 'webhook_out_of_order' } });
  faults.add({ match: 'reel #7', effect: { type: 'webhook_duplicated' } });
  const error = { kind: 'unsupported_codec', message: 'no decoder for this stream' };
  faults.add({ match: PLACES.corrupt, effect: { type: 'job_fails', error } });
  return () => {
    locked.remove();
    outage.remove();
  };
}

async function enqueue(
  { cloud, terminal, files, signal }: MainJob,
  pipeline: StackOutputs,
): Promise<EnqueueProgress> {
  const request = { bucket: DEMO_BUCKET, prefix: PREFIX, job: DEFAULT_JOB_OPTIONS };
  const done = await terminal.bar('enqueueing', files, (update) =>
    enqueuePrefix(request, pipeline, cloud.services, {
      signal,
      onProgress: ({ sent, listed }) => {
        update(sent, `${listed} listed`);
      },
    }),
  );
  const skipped = Object.entries(done.skipped).map(([reason, count]) => `${count} ${reason}`);
  terminal.line(`   batch ${done.batch}: ${done.sent} files sent, skipped: ${skipped.join(', ') || 'none'}`);
  return done;
}

/**
 * Follows a batch until nothing moves by itself any more.
 * @param redriven true: dead letters are on their way back, so `dead` is no end either
 */
function drain(
  { cloud, terminal, signal }: MainJob,
  pipeline: StackOutputs,
  batch: string,
  redriven = false,
): Promise<BatchProgress> {
  return terminal.bar('draining', 0, (update) =>
    poll(
      async () => {
        const progress = batchProgress(
          await cloud.services.batches.read(pipeline.resultsTable, batch, signal),
        );
        const { counts, sent, queued, settled } = progress;
        const done = counts.succeeded + counts.failed + counts.cancelled + (redriven ? 0 : counts.dead);
        const states = STATUSES.filter((status) => counts[status] > 0).map(
          (status) => `${counts[status]} ${status}`,
        );
        update(done, [`${queued} queued`, ...states].join(', '), sent);
        return settled && !(redriven && counts.dead > 0) ? progress : undefined;
      },
      250,
      signal,
    ),
  );
}

function showDeadLetters(terminal: Terminal, letters: readonly DeadLetter[]): void {
  if (letters.length === 0) {
    terminal.line('   none');
    return;
  }
  const groups = Map.groupBy(letters, (letter) => `${letter.failureClass}: ${letter.reason}`);
  const rows = [...groups].map(([reason, files]) => [
    printable(reason),
    files.length,
    printable(files[0]?.file?.key ?? files[0]?.body ?? '', 40),
  ]);
  terminal.table(['Reason', 'Files', 'Such as'], rows);
}

async function redrive({ cloud, terminal, signal }: MainJob, pipeline: StackOutputs): Promise<number> {
  const { moved, by } = await terminal.bar('redriving', 0, (update) =>
    redriveAll(pipeline, cloud.services.queues, {
      perSecond: 100,
      signal,
      onProgress: (done, about) => {
        update(done, '', about);
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

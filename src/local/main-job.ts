import { storeApiKey } from '../app/stack/api-key.ts';
import { batchProgress, type BatchProgress } from '../app/batch/batch-progress.ts';
import { groupDeadLetters } from '../app/batch/dead-letter-groups.ts';
import { listDeadLetters, type DeadLetter } from '../app/batch/dead-letters.ts';
import type { EnqueueProgress } from '../app/batch/enqueue-files.ts';
import { enqueuePrefix } from '../app/batch/enqueue-prefix.ts';
import { poll } from '../app/poll.ts';
import { redriveAll } from '../app/batch/redrive.ts';
import { DEFAULT_JOB_OPTIONS } from '../core/ittybit/job-options.ts';
import { STATUSES } from '../core/batch/result-item.ts';
import type { StackOutputs } from '../core/stack/stack-contract.ts';
import { deployLocally } from './cloud/deploy-locally.ts';
import { LOCAL_API_KEY, type LocalCloud } from './cloud/local-cloud.ts';
import type { BucketOwner } from './cloud/seed-bucket.ts';
import { summarize, type Summary } from './summary.ts';
import { visibleText } from '../core/visible-text.ts';
import type { Terminal } from './tools/terminal.ts';
import { PLACES, PREFIX, wildFiles, type WildFile } from './cloud/wild-files.ts';

const DEMO_BUCKET = 'film-archive';

export interface MainJob {
  readonly cloud: LocalCloud;
  readonly owner: BucketOwner;
  readonly terminal: Terminal;
  /** media files in the bucket */
  readonly files: number;
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
  terminal.heading(
    `1  Seed s3://${DEMO_BUCKET} with ${files.length} objects, ${job.files} of them media files`,
  );
  await terminal.bar('seeding', files.length, (update) =>
    owner.seed(
      DEMO_BUCKET,
      files,
      (done) => {
        update(done, '');
      },
      signal,
    ),
  );

  terminal.heading('2  Deploy the pipeline');
  const pipeline = await deploy(job);
  terminal.line("   pace set once more through the mapping: the emulator keeps a template's numbers as text");
  await storeApiKey(pipeline, LOCAL_API_KEY, cloud.services.secrets, signal);
  terminal.line('   API key stored in Secrets Manager');

  terminal.heading(`3  Enqueue s3://${DEMO_BUCKET}/${PREFIX}`);
  const fixCauses = breakThings(cloud);
  const enqueued = await enqueue(job, pipeline);

  terminal.heading('4  Drain the queue');
  terminal.line(`   on the way: ${accidents(files)}`);
  await drain(job, pipeline, enqueued);

  terminal.heading('5  Dead letters');
  const { letters } = await listDeadLetters(pipeline, cloud.services.queues, { limit: job.files, signal });
  showDeadLetters(terminal, letters);

  let redriven = 0;
  if (letters.length > 0) {
    terminal.heading('6  Fix the cause, redrive, drain again');
    fixCauses();
    redriven = await redrive(job, pipeline, letters.length);
    await drain(job, pipeline, enqueued, true);
  }
  await cloud.ittybit.settled(signal);
  const progress = batchProgress(
    await cloud.services.batches.read(pipeline.resultsTable, enqueued.batch, signal),
  );
  return summarize({
    book: cloud.ittybit.book,
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
    onEvent: ({ status, logicalId, type, reason = '' }) => {
      if (status.endsWith('_IN_PROGRESS')) return;
      const line = `   ${status.padEnd(16)} ${logicalId.padEnd(23)} ${type} ${reason}`;
      terminal.line(visibleText(line, terminal.width));
    },
  });
}

/** Makes things go wrong as in real backlogs. @returns a function that fixes the causes that a person would have to fix */
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

/** @returns what `breakThings` does to these files, in words */
function accidents(files: readonly WildFile[]): string {
  const at = (place: string) => files.filter(({ key }) => key.startsWith(place)).length;
  return [
    `${at(PLACES.locked)} files that Ittybit cannot read`,
    `${at(PLACES.outage)} that meet an outage`,
    `${at(PLACES.corrupt)} corrupt`,
    'a lost answer, webhooks doubled and in the wrong order',
  ].join(', ');
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
 * Follows a batch until none of its files can move by itself.
 * @param redriven true: the dead letters go through the queue again, so a dead file has not ended
 */
function drain(
  { cloud, terminal, signal }: MainJob,
  pipeline: StackOutputs,
  { batch, sent }: EnqueueProgress,
  redriven = false,
): Promise<BatchProgress> {
  return terminal.bar('draining', sent, (update) =>
    poll(
      async () => {
        const progress = batchProgress(
          await cloud.services.batches.read(pipeline.resultsTable, batch, signal),
        );
        const { counts, queued, settled } = progress;
        const done = counts.succeeded + counts.failed + counts.cancelled + (redriven ? 0 : counts.dead);
        const states = STATUSES.filter((status) => counts[status] > 0).map(
          (status) => `${counts[status]} ${status}`,
        );
        update(done, [`${queued} queued`, ...states].join(', '));
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
  // Borders and the column of numbers take 16 characters of a line.
  const reasonWidth = Math.floor((terminal.width - 16) * 0.65);
  const rows = groupDeadLetters(letters).map(({ failureClass, reason, letters: [first, ...more] }) => [
    visibleText(`${failureClass}: ${reason}`, reasonWidth),
    1 + more.length,
    visibleText(first?.file?.key ?? first?.body ?? '', terminal.width - 16 - reasonWidth),
  ]);
  terminal.table(['Reason', 'Files', 'Such as'], rows);
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

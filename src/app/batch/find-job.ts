import type { BatchStore } from '../../core/batch/batch-store.ts';
import { isOfJob, placeOfJob } from '../../core/batch/job-answer.ts';
import type { ResultItem } from '../../core/batch/result-item.ts';
import { MediaBatchError } from '../../core/errors.ts';
import { s3Uri } from '../../core/files/s3-location.ts';
import type { ReconcilerService } from '../../core/stack/reconciler-service.ts';
import type { StackOutputs } from '../../core/stack/stack-contract.ts';
import { visibleText } from '../../core/visible-text.ts';

/**
 * Finds the file of a job: the stack asks Ittybit, as the editor has no key, and the table has the file.
 * @param jobId as Ittybit shows it
 * @returns the file in the batch that the job is of
 * @throws MediaBatchError `not-found` where Ittybit does not know the job or no batch of this stack has its file,
 * `unsupported` for a stack that cannot ask, `reconcile-failed`; AwsError
 */
export async function findJob(
  jobId: string,
  { reconcilerFunction, resultsTable }: StackOutputs,
  services: {
    readonly batches: Pick<BatchStore, 'resultsOf'>;
    readonly reconciler: Pick<ReconcilerService, 'askJob'>;
  },
  signal?: AbortSignal,
): Promise<ResultItem> {
  const name = visibleText(jobId, 100);
  const answer =
    reconcilerFunction === undefined
      ? undefined
      : await services.reconciler.askJob(reconcilerFunction, jobId, signal);
  if (!answer) {
    throw new MediaBatchError(
      'unsupported',
      'The functions of this stack cannot ask Ittybit for a job: run "Media Batch: Deploy Pipeline" to update it.',
    );
  }
  if (answer.says === 'unknown') {
    throw notFound(`Ittybit knows no job ${name} under the API key of this stack: check the id and the key.`);
  }
  if (answer.says === 'nothing') {
    throw new MediaBatchError(
      'reconcile-failed',
      `Ittybit did not say what job ${name} is: ${visibleText(answer.reason)}`,
    );
  }
  const place = placeOfJob(answer.job);
  if (!place) throw notFound(`Job ${name} has no input in S3, so it is not of a batch.`);
  const items = await services.batches.resultsOf(resultsTable, place.file, signal);
  const [item] = items
    .filter((each) => isOfJob(each, jobId, place))
    .sort((a, b) => Number(b.job_id === jobId) - Number(a.job_id === jobId));
  if (item) return item;
  throw notFound(
    `Job ${name} is of ${visibleText(s3Uri(place.file))}, which no batch of this stack has with that job.`,
  );
}

function notFound(sentence: string): MediaBatchError {
  return new MediaBatchError('not-found', sentence);
}

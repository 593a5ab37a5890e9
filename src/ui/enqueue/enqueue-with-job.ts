import { InvalidInputError } from '../../core/errors.ts';
import { fieldsOf, isText } from '../../core/foreign-json.ts';
import type { S3Prefix } from '../../core/files/s3-location.ts';
import { visibleText } from '../../core/visible-text.ts';
import { pickText } from '../base/pick-text.ts';
import type { BatchesContext } from '../batches/batches-context.ts';
import { enqueueFrom } from './enqueue-prefix.ts';
import { isJobDocument, openJobDocuments, readJobDocument, type JobDocument } from './job-document.ts';

/**
 * "Enqueue with This Job…": begins an enqueue with the job of a document.
 * @param given the document's address, as the editor's title and the document itself give it; absent: the document that
 * is shown, or else the one that is open
 * @param at the place of the files, where it is known; the editor's title gives something else
 * @throws InvalidInputError for a document that cannot be used, with the reason; otherwise as `enqueuePrefixCommand`
 */
export async function enqueueWithJobCommand(
  ui: BatchesContext,
  given?: unknown,
  at?: unknown,
): Promise<void> {
  const { vs } = ui;
  const { t } = vs.l10n;
  const place = readPlace(at);
  await enqueueFrom(ui, t('Enqueue with a Job Document'), async () => {
    const { name, job, problem = '' } = await findDocument(ui, given);
    if (!job) throw new InvalidInputError('job', visibleText(`${name}: ${problem}`, 1_000));
    const jobLabel = t('Open document: {0}', pickText(name));
    return { form: { job, jobLabel, ...(place && { place }) } };
  });
}

async function findDocument({ vs }: Pick<BatchesContext, 'vs'>, given: unknown): Promise<JobDocument> {
  if (given instanceof vs.Uri) return readJobDocument(await vs.workspace.openTextDocument(given));
  const shown = vs.window.activeTextEditor?.document;
  const document = shown && isJobDocument(shown.uri) ? readJobDocument(shown) : openJobDocuments(vs)[0];
  if (document) return document;
  throw new InvalidInputError(
    'job',
    vs.l10n.t(
      'No job document is open: "Enqueue Prefix…" makes one, and its name ends in .media-batch-job.json.',
    ),
  );
}

function readPlace(value: unknown): S3Prefix | undefined {
  const { bucket, prefix } = fieldsOf(value) ?? {};
  return isText(bucket) && isText(prefix) ? { bucket, prefix } : undefined;
}

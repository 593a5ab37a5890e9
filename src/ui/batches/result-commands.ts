import { InvalidInputError } from '../../core/errors.ts';
import type { S3Location } from '../../core/files/s3-location.ts';
import { plainText } from '../base/register-command.ts';
import type { ResultDocuments } from './result-document.ts';
import type { BatchesContext } from './batches-context.ts';
import type { FileData } from './batch-rows.ts';
import type { ViewNode } from '../base/node.ts';

/** "Open Result": the file's result as a read-only document. */
export async function openResultCommand(
  ui: BatchesContext,
  documents: ResultDocuments,
  node?: ViewNode,
): Promise<void> {
  await documents.openResult(fileOf(ui, node).item);
}

/**
 * "Open Output": an address of the web in the browser, after the editor's own question; an S3 address is copied, as it
 * opens nowhere by itself.
 * @throws InvalidInputError for any other address: it came with a webhook and could be anything
 */
export async function openOutputCommand(ui: BatchesContext, node?: ViewNode): Promise<void> {
  const { vs } = ui;
  const { t } = vs.l10n;
  const address = fileOf(ui, node).item.output_url ?? '';
  if (/^s3:\/\//i.test(address)) {
    await vs.env.clipboard.writeText(address);
    await vs.window.showInformationMessage(
      plainText(t('The output is in your bucket; its address is copied: {0}', address)),
    );
    return;
  }
  if (!URL.canParse(address) || !/^https?:$/.test(new URL(address).protocol)) {
    throw new InvalidInputError(
      'output_url',
      t('The output has no address that can be opened in a browser.'),
    );
  }
  await vs.env.openExternal(vs.Uri.parse(address, true));
}

/** "Copy Job ID": Ittybit's id of the file's job. */
export async function copyJobIdCommand(ui: BatchesContext, node?: ViewNode): Promise<void> {
  const { t } = ui.vs.l10n;
  const { job_id } = fileOf(ui, node).item;
  if (!job_id)
    throw new InvalidInputError('job', t('Ittybit has not answered with a job for this file yet.'));
  await ui.vs.env.clipboard.writeText(job_id);
}

/** "Reveal Source in Buckets": shows where the file of a result or a dead letter lies. */
export async function revealSourceCommand(
  ui: BatchesContext,
  reveal: (location: S3Location) => Promise<void>,
  node?: ViewNode,
): Promise<void> {
  const { bucket, key } = fileOf(ui, node).item;
  await reveal({ bucket, key });
}

/** These commands are not in the palette: only another extension calls them without a row. */
function fileOf(ui: BatchesContext, node: ViewNode | undefined): FileData {
  const data = node?.data as Partial<FileData> | undefined;
  if (!data?.item)
    throw new InvalidInputError('file', ui.vs.l10n.t('Choose a file in the Batches view for this.'));
  return { item: data.item, value: data.value ?? '' };
}

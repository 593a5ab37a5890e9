import type * as vscode from 'vscode';
import { InvalidInputError } from '../../core/errors.ts';
import type { BatchFile } from '../../core/files/batch-file.ts';
import type { S3Location } from '../../core/files/s3-location.ts';
import { visibleText } from '../../core/visible-text.ts';
import { plainText } from '../base/register-command.ts';
import type { ResultDocuments } from './result-document.ts';
import type { FileData } from './file-row.ts';
import type { ViewNode } from '../base/node.ts';

interface Vs {
  readonly vs: typeof vscode;
}

/** "Open Result": shows a file's result as a read-only document; of an object in the Buckets view, its newest one. */
export async function openResultCommand(
  { vs }: Vs,
  documents: Pick<ResultDocuments, 'openResult'>,
  node?: ViewNode,
): Promise<void> {
  const data = node?.data as { readonly result?: BatchFile | undefined } | undefined;
  await documents.openResult(data?.result ?? fileOf(vs, node).item);
}

/**
 * "Open Output": opens a web address in the browser, after the editor's own question. It copies an S3 address, which no
 * browser can open.
 * @throws InvalidInputError for any other address: it came with a webhook and could be anything
 */
export async function openOutputCommand({ vs }: Vs, node?: ViewNode): Promise<void> {
  const { t } = vs.l10n;
  const address = fileOf(vs, node).item.output_url ?? '';
  if (/^s3:\/\//i.test(address)) {
    await vs.env.clipboard.writeText(address);
    await vs.window.showInformationMessage(
      plainText(t('The output is in your bucket; its address is copied: {0}', visibleText(address))),
    );
    return;
  }
  if (!URL.canParse(address) || !/^https?:$/.test(new URL(address).protocol)) {
    throw new InvalidInputError(
      'output_url',
      t('The address of the output is not one that a browser can open.'),
    );
  }
  await vs.env.openExternal(vs.Uri.parse(address, true));
}

/** "Copy Job ID": copies the id that Ittybit gave to the file's job. */
export async function copyJobIdCommand({ vs }: Vs, node?: ViewNode): Promise<void> {
  const { t } = vs.l10n;
  const { job_id } = fileOf(vs, node).item;
  if (!job_id) throw new InvalidInputError('job', t('Ittybit has not created a job for this file yet.'));
  await vs.env.clipboard.writeText(job_id);
}

/** "Reveal Source in Buckets": shows the source file of a result or a dead letter. */
export async function revealSourceCommand(
  { vs }: Vs,
  reveal: (location: S3Location) => Promise<void>,
  node?: ViewNode,
): Promise<void> {
  const { bucket, key } = fileOf(vs, node).item;
  await reveal({ bucket, key });
}

/**
 * The palette does not have the commands of a file, so only another extension can call them without a row.
 * @throws InvalidInputError without a row
 */
export function fileOf(vs: typeof vscode, node: ViewNode | undefined): FileData {
  const data = node?.data as Partial<FileData> | undefined;
  if (!data?.item) throw new InvalidInputError('file', vs.l10n.t('Choose a file in the Batches view first.'));
  return { item: data.item, value: data.value ?? '' };
}

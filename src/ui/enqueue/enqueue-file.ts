import type * as vscode from 'vscode';
import { MAX_BATCH_NAME } from '../../core/batch/batch.ts';
import { InvalidInputError } from '../../core/errors.ts';
import type { S3Location } from '../../core/files/s3-location.ts';
import { visibleText } from '../../core/visible-text.ts';
import type { ViewNode } from '../base/node.ts';
import type { BatchesContext } from '../batches/batches-context.ts';
import { enqueueFrom } from './enqueue-prefix.ts';

/**
 * "Enqueue File…": opens the review with this one object, which gives the batch its name. Where it is done already, the
 * review asks before it is paid again.
 * @param node an object of the Buckets view
 * @throws as `enqueuePrefixCommand`; InvalidInputError without an object
 */
export async function enqueueFileCommand(ui: BatchesContext, node?: ViewNode): Promise<void> {
  const { vs } = ui;
  await enqueueFrom(ui, vs.l10n.t('Enqueue File'), () => {
    const { bucket, key } = objectOf(vs, node);
    const name = visibleText(key.slice(key.lastIndexOf('/') + 1), MAX_BATCH_NAME);
    return { isWhole: true, form: { place: { bucket, prefix: '' }, keys: [key], name } };
  });
}

function objectOf(vs: typeof vscode, node: ViewNode | undefined): S3Location {
  const { bucket, key } = (node?.data ?? {}) as Partial<Record<keyof S3Location, unknown>>;
  if (typeof bucket === 'string' && typeof key === 'string') return { bucket, key };
  throw new InvalidInputError('object', vs.l10n.t('Choose a file in the Buckets view first.'));
}

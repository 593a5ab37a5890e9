import { isAbort, MediaBatchError, messageOf } from '../../core/errors.ts';
import { parseS3Prefix, prefixUri, type S3Prefix } from '../../core/files/s3-location.ts';
import { visibleText } from '../../core/visible-text.ts';
import { askText } from '../base/ask.ts';
import { addPin } from './pins.ts';
import { plainText } from '../base/register-command.ts';
import type { ScopeContext } from '../watch/scope-context.ts';
import { placeOf } from './bucket-rows.ts';
import type { ViewNode } from '../base/node.ts';

/** An input box holds as much of an address; no bucket and key are longer. */
export const MAX_ADDRESS = 4_096;

/**
 * "Pin Bucket or Prefix…": keeps a place at the top of the Buckets view, also one that nobody lists. It is pinned whatever
 * AWS says of it, and what AWS says is shown.
 * @param node the row whose address is offered: the editor hands the focused one to the view's own button as well, so it
 * is never pinned unasked
 * @throws AbortError on Escape
 */
export async function pinLocationCommand(ui: ScopeContext, node?: ViewNode): Promise<void> {
  const { vs, log } = ui;
  const { t } = vs.l10n;
  const place = await askPlace(ui, placeOf(node));
  const name = visibleText(prefixUri(place));
  if (!(await addPin(vs, place))) {
    await vs.window.showInformationMessage(plainText(t('{0} is pinned already.', name)));
    return;
  }
  const problem = await vs.window.withProgress({ location: { viewId: 'mediaBatch.buckets' } }, () =>
    checkAccess(ui, place),
  );
  if (!problem) return;
  log.warn(`${name}: ${messageOf(problem)}`);
  await vs.window.showWarningMessage(
    plainText(t('{0} is pinned, but cannot be listed now. {1}', name, visibleText(problem.message, 600))),
  );
}

async function askPlace({ vs }: ScopeContext, offered: S3Prefix | undefined): Promise<S3Prefix> {
  const { t } = vs.l10n;
  const shown = offered ? visibleText(prefixUri(offered), MAX_ADDRESS) : '';
  // What is shown of a row may be no address any more: the row's own place is taken then.
  const isOffered = (text: string): boolean => offered !== undefined && text === shown.trim();
  const text = await askText(vs, {
    title: t('Pin Bucket or Prefix'),
    prompt: t('S3 address. It needs no right to list all buckets.'),
    value: shown,
    placeHolder: 's3://film-archive/1999/',
    validateInput: (value) => (isOffered(value.trim()) ? undefined : placeProblem(value.trim())),
  });
  return offered && isOffered(text) ? offered : parseS3Prefix(text);
}

/** @returns why the text is no S3 address, undefined where it is one */
export function placeProblem(text: string): string | undefined {
  try {
    parseS3Prefix(text);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

/** One request: lists a single entry. */
async function checkAccess(
  { connection }: ScopeContext,
  { bucket, prefix }: S3Prefix,
): Promise<MediaBatchError | undefined> {
  try {
    await connection.use(({ services }) => services.buckets.level({ bucket, prefix, max: 1 }), { ask: true });
    return undefined;
  } catch (error) {
    // Escape at the question for the region: the pin stays.
    if (isAbort(error)) return undefined;
    if (error instanceof MediaBatchError) return error;
    throw error;
  }
}

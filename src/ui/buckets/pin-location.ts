import type * as vscode from 'vscode';
import { isAbort, MediaBatchError, messageOf } from '../../core/errors.ts';
import { parseS3Prefix, prefixUri, type S3Prefix } from '../../core/files/s3-location.ts';
import { visibleText } from '../../core/visible-text.ts';
import { askText } from '../base/ask.ts';
import { addPin } from './pins.ts';
import { plainText } from '../base/register-command.ts';
import type { ScopeContext } from '../watch/scope-context.ts';
import { placeOf } from './bucket-rows.ts';
import type { ViewNode } from '../base/node.ts';

/** Longest address that an input box shows, in UTF-16 units; no bucket and key are longer. */
export const MAX_ADDRESS = 4_096;

/**
 * "Pin Bucket or Prefix…": keeps a place at the top of the Buckets view, also a place that no listing shows. The place is
 * pinned even when AWS refuses to list it; the user then sees AWS's answer.
 * @param node the row to suggest; VS Code passes the focused row to the title-bar button too, so this one always asks
 * @throws AbortError on Escape
 */
export async function pinLocationCommand(ui: Context, node?: ViewNode): Promise<void> {
  await pin(ui, await askPlace(ui.vs, placeOf(node)));
}

/** "Pin": as "Pin Bucket or Prefix…" for the row whose menu it is on, without a question. */
export async function pinRowCommand(ui: Context, node?: ViewNode): Promise<void> {
  const place = placeOf(node);
  await (place ? pin(ui, place) : pinLocationCommand(ui));
}

type Context = Pick<ScopeContext, 'vs' | 'log' | 'connection'>;

async function pin(ui: Context, place: S3Prefix): Promise<void> {
  const { vs, log } = ui;
  const { t } = vs.l10n;
  const name = visibleText(prefixUri(place));
  if (!(await addPin(vs, place))) {
    await vs.window.showInformationMessage(plainText(t('{0} is already pinned.', name)));
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

async function askPlace(vs: typeof vscode, offered: S3Prefix | undefined): Promise<S3Prefix> {
  const { t } = vs.l10n;
  const shown = offered ? visibleText(prefixUri(offered), MAX_ADDRESS) : '';
  // The shown text of a row may not be a valid address: if the user keeps it, we take the row's own place.
  const isOffered = (text: string): boolean => offered !== undefined && text === shown.trim();
  const text = await askText(vs, {
    title: t('Pin Bucket or Prefix'),
    prompt: t('S3 address. You need no right to list all buckets.'),
    value: shown,
    placeHolder: 's3://film-archive/1999/',
    validate: (value) => (isOffered(value) ? undefined : placeProblem(value)),
  });
  return offered && isOffered(text) ? offered : parseS3Prefix(text);
}

/** @returns why the text is not an S3 address; undefined when it is one */
export function placeProblem(text: string): string | undefined {
  try {
    parseS3Prefix(text);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

/** Lists a single entry. @returns why that failed; undefined when it worked */
async function checkAccess(
  { connection }: Pick<ScopeContext, 'connection'>,
  { bucket, prefix }: S3Prefix,
): Promise<MediaBatchError | undefined> {
  try {
    await connection.use(({ services }) => services.buckets.level({ bucket, prefix, max: 1 }), { ask: true });
    return undefined;
  } catch (error) {
    // Escape when asked for the region: the pin stays.
    if (isAbort(error)) return undefined;
    if (error instanceof MediaBatchError) return error;
    throw error;
  }
}

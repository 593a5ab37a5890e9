import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setImmediate } from 'node:timers/promises';
import type * as vscode from 'vscode';

/**
 * Writes text to a file that the user chose. A file on the disk of the extension host, a remote one included, is streamed
 * beside its place and appears there when it is whole. The editor's file systems take a file only in one piece.
 * @throws AbortError, after which the file is as it was; the errors of the file system
 */
export async function writeFileIn(
  vs: typeof vscode,
  uri: vscode.Uri,
  chunks: Iterable<string>,
  signal: AbortSignal,
): Promise<void> {
  if (uri.scheme !== 'file') {
    let text = '';
    for (const chunk of chunks) {
      text += chunk;
      await setImmediate();
      signal.throwIfAborted();
    }
    await vs.workspace.fs.writeFile(uri, new TextEncoder().encode(text));
    return;
  }
  const part = `${uri.fsPath}.part`;
  try {
    await pipeline(Readable.from(chunks), createWriteStream(part), { signal });
    await rename(part, uri.fsPath);
  } catch (error) {
    await rm(part, { force: true });
    // A cancel may bring other errors with it.
    signal.throwIfAborted();
    throw error;
  }
}

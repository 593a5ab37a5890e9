import { homedir } from 'node:os';
import type * as vscode from 'vscode';
import { InvalidInputError, messageOf } from '../../core/errors.ts';
import { parseJobOptions, type JobOptions } from '../../core/ittybit/job-options.ts';

/** Files with this ending get the job schema: see `jsonValidation` in package.json. */
export const JOB_DOCUMENT_SUFFIX = '.media-batch-job.json';

/** An open job document: its job, or why it cannot be used. */
export interface JobDocument {
  readonly name: string;
  readonly uri: vscode.Uri;
  readonly job: JobOptions | undefined;
  readonly problem: string | undefined;
}

/** @returns the job documents that are open now, including text that is not saved yet */
export function openJobDocuments(vs: typeof vscode): JobDocument[] {
  return vs.workspace.textDocuments
    .filter(({ uri, isClosed }) => isJobDocument(uri) && !isClosed)
    .map(readJobDocument);
}

/** @returns true for a document whose name says that it is a job */
export function isJobDocument({ path }: vscode.Uri): boolean {
  return path.endsWith(JOB_DOCUMENT_SUFFIX);
}

/** @returns the job that a document has in it, or why it cannot be used */
export function readJobDocument(document: Pick<vscode.TextDocument, 'uri' | 'getText'>): JobDocument {
  const { uri } = document;
  const name = uri.path.slice(uri.path.lastIndexOf('/') + 1);
  try {
    return { name, uri, job: parseJobDocument(document.getText()), problem: undefined };
  } catch (error) {
    return { name, uri, job: undefined, problem: messageOf(error) };
  }
}

/**
 * Reads a job document. A `$schema` field is for the editor, so it is left out.
 * @throws InvalidInputError for text that is not JSON; or it names the field that is not valid
 */
export function parseJobDocument(text: string): JobOptions {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new InvalidInputError('job', `The document is not valid JSON: ${messageOf(error)}`, {
      cause: error,
    });
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    value = Object.fromEntries(Object.entries(value).filter(([name]) => name !== '$schema'));
  }
  return parseJobOptions(value);
}

/**
 * Opens an unsaved job document for the user to edit, with completion. A document of that name that is open or saved is
 * shown as it is. We write no file: the user may save it, into the workspace's first folder or the home directory.
 * @param job what a new document contains
 * @returns its address
 */
export async function openJobDocument(vs: typeof vscode, job: JobOptions): Promise<vscode.Uri> {
  const folder = vs.workspace.workspaceFolders?.[0]?.uri ?? vs.Uri.file(homedir());
  const file = vs.Uri.joinPath(folder, `${job.kind}${JOB_DOCUMENT_SUFFIX}`);
  const document = await openUnsaved(vs, file);
  if (document.getText() === '' && document.uri.scheme === 'untitled') {
    const edit = new vs.WorkspaceEdit();
    edit.insert(document.uri, new vs.Position(0, 0), `${JSON.stringify(job, undefined, 2)}\n`);
    await vs.workspace.applyEdit(edit);
  }
  await vs.window.showTextDocument(document);
  return document.uri;
}

/** An untitled document is opened by its path alone: the editor adds the remote machine. */
async function openUnsaved(vs: typeof vscode, file: vscode.Uri): Promise<vscode.TextDocument> {
  try {
    return await vs.workspace.openTextDocument(vs.Uri.from({ scheme: 'untitled', path: file.path }));
  } catch {
    // The editor refuses an untitled document when a file of that name exists: then we open that file.
    return vs.workspace.openTextDocument(file);
  }
}

import { homedir } from 'node:os';
import type * as vscode from 'vscode';
import { InvalidInputError, messageOf } from '../../core/errors.ts';
import { parseJobOptions, type JobOptions } from '../../core/ittybit/job-options.ts';

/** Names that end so have the job schema: package.json, `jsonValidation`. */
const JOB_DOCUMENT_SUFFIX = '.media-batch-job.json';

/** An open document that is meant as a job: what it asks for, or why it cannot be used. */
export interface JobDocument {
  readonly name: string;
  readonly uri: vscode.Uri;
  readonly job: JobOptions | undefined;
  readonly problem: string | undefined;
}

/** @returns the job documents that are open now, with what is typed and not saved yet */
export function openJobDocuments(vs: typeof vscode): JobDocument[] {
  return vs.workspace.textDocuments
    .filter(({ uri, isClosed }) => uri.path.endsWith(JOB_DOCUMENT_SUFFIX) && !isClosed)
    .map((document) => {
      const { uri } = document;
      const name = uri.path.slice(uri.path.lastIndexOf('/') + 1);
      try {
        return { name, uri, job: parseJobDocument(document.getText()), problem: undefined };
      } catch (error) {
        return { name, uri, job: undefined, problem: messageOf(error) };
      }
    });
}

/**
 * Reads a job document. A `$schema` at its top is the editor's business.
 * @throws InvalidInputError for text that is no JSON, or naming the field that cannot be meant
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
 * Opens an unsaved job document to be edited, with completion; one of that name that is open, or was saved, is shown as it
 * is. No file is made: saving it is the user's choice, and puts it into the first folder, or home.
 * @param job what it holds at first
 */
export async function openJobDocument(vs: typeof vscode, job: JobOptions): Promise<void> {
  const folder = vs.workspace.workspaceFolders?.[0]?.uri ?? vs.Uri.file(homedir());
  const file = vs.Uri.joinPath(folder, `${job.kind}${JOB_DOCUMENT_SUFFIX}`);
  const document = await openUnsaved(vs, file);
  if (document.getText() === '' && document.uri.scheme === 'untitled') {
    const edit = new vs.WorkspaceEdit();
    edit.insert(document.uri, new vs.Position(0, 0), `${JSON.stringify(job, undefined, 2)}\n`);
    await vs.workspace.applyEdit(edit);
  }
  await vs.window.showTextDocument(document);
}

/** An untitled document keeps the path alone: the editor adds the remote machine that it belongs to. */
async function openUnsaved(vs: typeof vscode, file: vscode.Uri): Promise<vscode.TextDocument> {
  try {
    return await vs.workspace.openTextDocument(vs.Uri.from({ scheme: 'untitled', path: file.path }));
  } catch {
    // The editor refuses an untitled document where a file of that name is: that one is meant then.
    return vs.workspace.openTextDocument(file);
  }
}

import { createReadStream } from 'node:fs';
import type * as vscode from 'vscode';
import { readKeyFile, type KeyFile, type KeyList } from '../../app/batch/key-file.ts';
import type { BatchMeta } from '../../core/batch/batch.ts';
import { InvalidInputError } from '../../core/errors.ts';
import type { S3Prefix } from '../../core/files/s3-location.ts';
import { visibleText } from '../../core/visible-text.ts';
import { cancelled } from '../base/ask.ts';
import { formatCount } from '../base/format.ts';
import { pickText } from '../base/pick-text.ts';
import { withCancel } from '../base/with-cancel.ts';
import { BACK, pickOne, type StepFrame } from '../base/wizard.ts';
import { askPlace } from './enqueue-place.ts';
import type { EnqueueFlow } from './enqueue-flow.ts';
import type { KeyListAnswer } from './enqueue-form.ts';

/** @returns a file with keys. On the disk of the extension host, a remote one included, it is streamed */
export function keyFileOf(vs: typeof vscode, uri: vscode.Uri): KeyFile {
  const name = uri.path.slice(uri.path.lastIndexOf('/') + 1);
  return {
    name,
    read: (signal) =>
      uri.scheme === 'file'
        ? (createReadStream(uri.fsPath, { signal }) as AsyncIterable<Uint8Array>)
        : wholeFile(vs, uri),
  };
}

/** The editor's own file systems give a file in one piece. */
async function* wholeFile(vs: typeof vscode, uri: vscode.Uri): AsyncGenerator<Uint8Array> {
  yield await vs.workspace.fs.readFile(uri);
}

/**
 * Asks for the file with keys.
 * @throws AbortError on Escape
 */
export async function askKeyFile(vs: typeof vscode): Promise<vscode.Uri> {
  const { t } = vs.l10n;
  const [uri] =
    (await vs.window.showOpenDialog({
      title: t('File with Keys'),
      openLabel: t('Take These Keys'),
      filters: { [t('Lists of Keys')]: ['jsonl', 'ndjson', 'csv', 'tsv', 'txt'], [t('All Files')]: ['*'] },
    })) ?? [];
  if (!uri) throw cancelled();
  return uri;
}

/** A file with keys, as an answer of the form. */
export interface ChosenList {
  readonly place: S3Prefix;
  readonly keyList: KeyListAnswer;
}

/**
 * Reads a file with keys, and finds out which bucket they are of: asks where it names several, or none.
 * @returns undefined after Back
 * @throws InvalidInputError for a file without keys; the errors of the file system; AbortError on Escape and Cancel
 */
export async function readKeyList(
  flow: Pick<EnqueueFlow, 'ui' | 'session' | 'memory'>,
  frame: StepFrame,
  uri: vscode.Uri,
): Promise<ChosenList | undefined> {
  const { vs } = flow.ui;
  const file = keyFileOf(vs, uri);
  const first = await read(vs, file, undefined);
  if (first.bare === 0 && first.buckets.size === 0) {
    const name = visibleText(file.name, 100);
    throw new InvalidInputError('file', vs.l10n.t('{0} has no line that names a key.', name));
  }
  const bucket = await bucketOf(flow, frame, first);
  if (bucket === undefined) return undefined;
  return { place: { bucket, prefix: '' }, keyList: await keyListOf(vs, uri, bucket) };
}

/**
 * Reads the keys of one bucket out of a file, with progress.
 * @throws the errors of the file system; AbortError on Cancel
 */
export async function keyListOf(vs: typeof vscode, uri: vscode.Uri, bucket: string): Promise<KeyListAnswer> {
  const file = keyFileOf(vs, uri);
  const { sha256, entries } = await read(vs, file, bucket);
  const keys = entries.filter(({ flaw }) => flaw === undefined).length;
  return { uri: uri.toString(), name: file.name, sha256, keys };
}

function read(vs: typeof vscode, file: KeyFile, bucket: string | undefined): Promise<KeyList> {
  return withCancel(vs, vs.l10n.t('Reading {0}', visibleText(file.name, 100)), (_, { signal }) =>
    readKeyFile(file, bucket, signal),
  );
}

async function bucketOf(
  flow: Pick<EnqueueFlow, 'ui' | 'session' | 'memory'>,
  frame: StepFrame,
  { buckets, bare }: KeyList,
): Promise<string | undefined> {
  const { vs } = flow.ui;
  const [only] = buckets.keys();
  if (buckets.size === 1 && bare === 0) return only;
  if (buckets.size === 0) {
    const place = await askPlace(flow, frame, undefined);
    return place === BACK || place === 'file' ? undefined : place.bucket;
  }
  const item = await pickOne(vs, frame, {
    placeHolder: vs.l10n.t(
      'Keys of which bucket? A batch has the files of one; keys without a bucket count as its own',
    ),
    items: [...buckets]
      .toSorted(([, a], [, b]) => b - a)
      .map(([bucket, count]) => ({
        label: pickText(bucket),
        description: vs.l10n.t('{0} keys', formatCount(vs, count)),
        bucket,
      })),
  });
  return item === BACK ? undefined : item.bucket;
}

/**
 * Asks for the file whose keys a batch had.
 * @param name what it was called then
 * @throws AbortError on Escape
 */
export async function askKeyFileFor(vs: typeof vscode, name: string): Promise<vscode.Uri> {
  const { t } = vs.l10n;
  const choose = t('Choose File…');
  const text = t(
    'The files of this batch are those in {0}: choose that file, unchanged.',
    visibleText(name, 200),
  );
  if ((await vs.window.showInformationMessage(text, { modal: true }, choose)) !== choose) throw cancelled();
  return askKeyFile(vs);
}

/**
 * @returns the file of a batch that was enqueued from one, to go on with it; undefined for a batch with another source
 * @throws AbortError on Escape
 */
export async function keyFileFor(
  vs: typeof vscode,
  { source }: Pick<BatchMeta, 'source'>,
): Promise<KeyFile | undefined> {
  return source && 'file' in source ? keyFileOf(vs, await askKeyFileFor(vs, source.file)) : undefined;
}

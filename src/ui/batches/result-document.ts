import type * as vscode from 'vscode';
import type { DeadLetter } from '../../app/batch/dead-letters.ts';
import { lookUpPipeline } from '../../app/stack/pipeline.ts';
import type { BatchFile } from '../../core/files/batch-file.ts';
import { InvalidInputError, isAbort, messageOf } from '../../core/errors.ts';
import { Lifetime, type Disposable } from '../../core/lifetime.ts';
import { leftOutOf } from '../../core/batch/left-out.ts';
import type { ResultItem, Status } from '../../core/batch/result-item.ts';
import { s3Uri } from '../../core/files/s3-location.ts';
import { visibleText } from '../../core/visible-text.ts';
import type { BatchesContext } from './batches-context.ts';
import { DeadDocuments } from './dead-documents.ts';

const SCHEME = 'media-batch';
/** A document that says one of these is not read again by itself. */
const OVER: readonly Status[] = ['succeeded', 'covered', 'cancelled'];

type Context = Pick<BatchesContext, 'vs' | 'log' | 'connection' | 'scopes'>;

/**
 * Read-only JSON documents: a file's result with its history, and dead letters as they were listed. A result is read when
 * its document opens, also after a reload of the window. One of a dead file follows the file.
 */
export class ResultDocuments implements Disposable {
  readonly #ui: Context;
  readonly #lifetime = new Lifetime();
  /** of the present scope: another stack knows other files */
  #dead = new DeadDocuments();
  readonly #changed: vscode.EventEmitter<vscode.Uri>;
  readonly #letters = new Map<string, DeadLetter>();

  constructor(ui: Context) {
    this.#ui = ui;
    this.#changed = this.#lifetime.use(new ui.vs.EventEmitter<vscode.Uri>());
    this.#lifetime.use(
      ui.vs.workspace.registerTextDocumentContentProvider(SCHEME, {
        onDidChange: this.#changed.event,
        provideTextDocumentContent: (uri) => this.#content(uri),
      }),
    );
    this.#lifetime.use(
      ui.scopes.follow(({ watch }) => {
        this.#dead = new DeadDocuments();
        return watch.onChange(({ reading }) => {
          // The editor asks again only for documents that are open.
          for (const uri of reading?.batches ? this.#dead.take(reading.batches) : []) this.#changed.fire(uri);
        });
      }),
    );
  }

  /**
   * Shows a file's result. A document that is already open is read again.
   * @param keep true: beside others, instead of in the place of the last one
   */
  async openResult(address: BatchFile, keep = false): Promise<void> {
    await this.#show(this.#uri(address.key, { kind: 'result', ...pick(address) }), keep);
  }

  /** Shows a dead letter as it was listed. */
  async openLetter(letter: DeadLetter): Promise<void> {
    this.#letters.set(letter.id, letter);
    await this.#show(this.#uri(letter.file?.key ?? letter.id, { kind: 'letter', id: letter.id }));
  }

  dispose(): void {
    this.#lifetime.dispose();
  }

  /** The path is the tab's title. The query identifies the document, because a key may contain any character. */
  #uri(key: string, what: Readonly<Record<string, string>>): vscode.Uri {
    const name = visibleText(key.slice(key.lastIndexOf('/') + 1) || key, 80).replace(/[\\/?#]/g, '_');
    const query = Buffer.from(JSON.stringify(what)).toString('base64url');
    return this.#ui.vs.Uri.from({ scheme: SCHEME, path: `/${name}.json`, query });
  }

  async #show(uri: vscode.Uri, keep = false): Promise<void> {
    const { vs } = this.#ui;
    this.#changed.fire(uri);
    const document = await vs.workspace.openTextDocument(uri);
    await vs.window.showTextDocument(document, { preview: !keep });
  }

  async #content(uri: vscode.Uri): Promise<string> {
    try {
      return `${JSON.stringify(await this.#read(uri), undefined, 2)}\n`;
    } catch (error) {
      if (!isAbort(error)) this.#ui.log.error(messageOf(error));
      return `${JSON.stringify({ error: messageOf(error) }, undefined, 2)}\n`;
    }
  }

  async #read(uri: vscode.Uri): Promise<unknown> {
    const { t } = this.#ui.vs.l10n;
    const what = decode(uri.query);
    if (what['kind'] === 'letter') {
      const letter = this.#letters.get(String(what['id']));
      return letter
        ? this.#letterNow(uri, letter)
        : { error: t('Open this dead letter again from the Failures view.') };
    }
    const { batch, bucket, key } = what;
    if (typeof batch !== 'string' || typeof bucket !== 'string' || typeof key !== 'string') {
      throw new InvalidInputError(
        'uri',
        t('This address does not belong to a result: open the result from the Batches view.'),
      );
    }
    const item = await this.#item({ batch, bucket, key });
    return item
      ? this.#followed(uri, item)
      : { error: t('This file has no result in batch {0} yet.', batch) };
  }

  #item(file: BatchFile): Promise<ResultItem | undefined> {
    return this.#ui.connection.use(
      async ({ services, stackName }) => {
        // We look the stack up each time: its table can be read even after the stack was deleted.
        const { resultsTable } = await lookUpPipeline(stackName, services.stacks);
        return services.batches.result(resultsTable, pick(file));
      },
      { ask: false },
    );
  }

  /** A letter as it was listed, until the table knows its file. */
  async #letterNow(uri: vscode.Uri, letter: DeadLetter): Promise<Record<string, unknown>> {
    const { file } = letter;
    if (!file) return letterContent(letter);
    // The first time it is as new as the list.
    const item = this.#dead.has(uri) ? await this.#item(file) : undefined;
    if (item) return this.#followed(uri, item);
    this.#follow(uri, file.batch);
    return letterContent(letter);
  }

  /** @returns an item's content; that of a dead one is read again when its batch moves, and says when it is not dead any more */
  #followed(uri: vscode.Uri, item: ResultItem): Record<string, unknown> {
    const { t } = this.#ui.vs.l10n;
    const { status, batch } = item;
    const wasDead = this.#dead.has(uri);
    if (OVER.includes(status)) this.#dead.forget(uri);
    else if (wasDead || status === 'dead') this.#follow(uri, batch);
    const isBack = wasDead && status !== 'dead';
    return { ...(isBack && { note: t('No longer a dead letter.') }), ...resultContent(item) };
  }

  #follow(uri: vscode.Uri, batch: string): void {
    this.#dead.follow(uri, batch, this.#ui.scopes.present.watch.last?.batches);
  }
}

function pick({ batch, bucket, key }: BatchFile): BatchFile {
  return { batch, bucket, key };
}

function decode(query: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(Buffer.from(query, 'base64url').toString());
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch (error) {
    throw new InvalidInputError(
      'uri',
      'This address does not belong to a result: open the document from its view.',
      {
        cause: error,
      },
    );
  }
}

/** The important fields come first. The fields of the claim, and those that only the rules read, are left out. */
function resultContent(item: ResultItem): Record<string, unknown> {
  const { bucket, key, batch, status, error, output_url, job_id, kind, duration_ms, attempts, ...rest } =
    item;
  const { cannot_tell, unclear, covered_by, given_up, run, history, ...others } = rest;
  const { claim, lease_until_ms, rev, sent, work, looks, due_at, left_out, ...times } = others;
  // Both are news only of a dead file: every file is unclear while it is submitted.
  const doubt = status === 'dead' && { cannot_tell, unclear };
  return {
    file: s3Uri(item),
    status,
    left_out: leftOutOf(item),
    ...doubt,
    // When its message comes back from the queue.
    next_try: status === 'retrying' ? due_at : undefined,
    covered_by,
    given_up,
    error,
    output_url,
    job_id,
    kind,
    duration_ms,
    batch,
    bucket,
    key,
    attempts,
    run,
    ...times,
    history,
  };
}

function letterContent(letter: DeadLetter): Record<string, unknown> {
  const { file, failureClass, reason, attempts, receiveCount, failedAt, expiresAt, id, body } = letter;
  return {
    ...(file && { file: s3Uri(file) }),
    reason,
    failure_class: failureClass,
    attempts,
    receive_count: receiveCount,
    failed_at: failedAt,
    expires_at: expiresAt.toISOString(),
    message_id: id,
    // The text from the queue: an unreadable message has nothing else.
    message: file ?? body,
  };
}

import { createHash } from 'node:crypto';
import { basename, dirname } from 'node:path';
import type * as vscode from 'vscode';
import { messageOf } from '../../core/errors.ts';
import { Lifetime, type Disposable } from '../../core/lifetime.ts';
import type { AwsFiles } from '../../core/stack/aws-target.ts';
import type { ConnectionContext } from './connection-context.ts';

/** What changed: the contents of config and credentials, or the cached tokens of a login. */
export type AwsFileChange = 'profiles' | 'tokens';

export type WatchAwsFiles = (listener: (change: AwsFileChange) => void) => Disposable;

/** How long we wait for more events, in ms: a login writes several files in a row. */
const SETTLE_MS = 300;

/**
 * Watches the AWS config files with the editor's watcher. It accepts folders outside the workspace and waits for folders that
 * do not exist yet (VS Code API, createFileSystemWatcher).
 * @param listener called once the events have stopped; for `profiles` only when the contents have changed
 */
export function watchAwsFiles(
  { vs, cloud, log }: Pick<ConnectionContext, 'vs' | 'cloud' | 'log'>,
  listener: (change: AwsFileChange) => void,
): Disposable {
  const lifetime = new Lifetime();
  const begin = async (): Promise<void> => {
    const files = await cloud.files();
    watchFiles(vs, files, listener, lifetime);
  };
  begin().catch((error: unknown) => {
    log.warn(`AWS config files are not watched: ${messageOf(error)}`);
  });
  return lifetime;
}

function watchFiles(
  vs: typeof vscode,
  { config, credentials, tokens }: AwsFiles,
  listener: (change: AwsFileChange) => void,
  lifetime: Lifetime,
): void {
  const watch = (folder: string, pattern: string, changed: () => void): void => {
    const settled = lifetime.use(new Settled(changed));
    const watcher = lifetime.use(
      vs.workspace.createFileSystemWatcher(new vs.RelativePattern(vs.Uri.file(folder), pattern)),
    );
    for (const event of [watcher.onDidCreate, watcher.onDidChange, watcher.onDidDelete])
      lifetime.use(event(settled.again));
  };
  const content = new Content(vs, [config, credentials]);
  const compare = (): void => {
    void content.differs().then((differs) => {
      if (differs) listener('profiles');
    });
  };
  compare();
  for (const path of [config, credentials]) watch(dirname(path), basename(path), compare);
  for (const folder of tokens) {
    watch(folder, '*.json', () => {
      listener('tokens');
    });
  }
}

/** Runs a function once no event has come for a moment. */
class Settled implements Disposable {
  readonly #run: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(run: () => void) {
    this.#run = run;
  }

  readonly again = (): void => {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#run, SETTLE_MS);
  };

  dispose(): void {
    clearTimeout(this.#timer);
  }
}

/** Compares the contents of files by a hash, so that no credentials are kept in memory. */
class Content {
  readonly #vs: typeof vscode;
  readonly #paths: readonly string[];
  #hash: Promise<string> | undefined;

  constructor(vs: typeof vscode, paths: readonly string[]) {
    this.#vs = vs;
    this.#paths = paths;
  }

  /** @returns false the first time, and when the contents are the same as the last time */
  async differs(): Promise<boolean> {
    const before = this.#hash;
    this.#hash = this.#read();
    return before !== undefined && (await before) !== (await this.#hash);
  }

  async #read(): Promise<string> {
    const hash = createHash('sha256');
    for (const path of this.#paths) {
      const bytes = await this.#bytes(path);
      hash.update(`${String(bytes.length)}\n`).update(bytes);
    }
    return hash.digest('hex');
  }

  async #bytes(path: string): Promise<Uint8Array> {
    try {
      return await this.#vs.workspace.fs.readFile(this.#vs.Uri.file(path));
    } catch {
      // A file that is not there says as much as an empty one.
      return new Uint8Array();
    }
  }
}

import pMap from 'p-map';
import type { BucketStore, S3Object } from '../../core/files/bucket-store.ts';
import type { S3Prefix } from '../../core/files/s3-location.ts';
import { StreamFolder } from '../../core/files/stream-folder.ts';
import { reasonByName, type NoMaster } from '../../core/files/stream-names.ts';

/** Folders that are read at once. */
const READS = 16;
/** At most so many pages of a folder are read: 20,000 files say enough about it, and the enqueue need not wait long. */
const PAGES = 20;
/** What marks the folder of a project in TypeScript, whose sources may lie deeper. */
const PROJECT = ['tsconfig', 'package.json'];

/** What the folders of a page's files say about them. */
export type InFolder = (object: S3Object) => NoMaster | undefined;

/**
 * Reads what lies beside a file, where its own name does not say whether it is a master. Only folders of such files are
 * read, each once while the listing is in it. A resumed enqueue reads them again and decides the same.
 */
export class FolderReader {
  readonly #place: S3Prefix;
  readonly #buckets: Pick<BucketStore, 'pages' | 'level'>;
  readonly #folders = new Map<string, Promise<StreamFolder>>();
  readonly #projects = new Map<string, Promise<boolean>>();

  constructor(place: S3Prefix, buckets: Pick<BucketStore, 'pages' | 'level'>) {
    this.#place = place;
    this.#buckets = buckets;
  }

  /**
   * @param objects files of one page of the listing, in its order, that may be no masters
   * @throws AwsError
   */
  async judge(objects: readonly S3Object[], signal?: AbortSignal): Promise<InFolder> {
    const [first] = objects;
    if (!first) return () => undefined;
    // The listing does not come back to a folder that it has left.
    for (const known of [this.#folders, this.#projects]) {
      for (const folder of known.keys()) if (!first.key.startsWith(folder)) known.delete(folder);
    }
    const unclear = objects.filter((object) => reasonByName(object) === undefined);
    const names = [...new Set(unclear.map(({ key }) => folderOf(key)))];
    const sources = new Set(
      unclear.filter(({ key }) => /\.[mc]?ts$/i.test(key)).map(({ key }) => folderOf(key)),
    );
    const judges = await pMap(names, (name) => this.#judgeOf(name, sources.has(name), signal), {
      concurrency: READS,
      ...(signal && { signal }),
    });
    const folders = new Map(names.map((name, i) => [name, judges[i]]));
    return (object) => folders.get(folderOf(object.key))?.(object) ?? reasonByName(object);
  }

  /** @param isDeep whether the folders above are asked too: they matter for files that end with `ts` alone */
  async #judgeOf(name: string, isDeep: boolean, signal: AbortSignal | undefined): Promise<InFolder> {
    const above = name.slice(0, name.lastIndexOf('/', name.length - 2) + 1);
    const hasAbove = isDeep && name !== '' && above.startsWith(folderOf(this.#place.prefix));
    const [folder, parent, inProject] = await Promise.all([
      this.#folder(name, signal),
      hasAbove ? this.#folder(above, signal) : undefined,
      isDeep && this.#isInProject(name, signal),
    ]);
    return (object) => folder.reason(object, { inProject, belowPlaylist: parent?.hasPlaylist === true });
  }

  #folder(name: string, signal: AbortSignal | undefined): Promise<StreamFolder> {
    return once(this.#folders, name, async () => {
      const { bucket, prefix } = this.#place;
      const folder = new StreamFolder();
      // A policy may allow the chosen prefix only.
      const query = { bucket, prefix: prefix.startsWith(name) ? prefix : name, level: true };
      let pages = 0;
      for await (const page of this.#buckets.pages(query, signal)) {
        for (const object of page) folder.add(object);
        pages += 1;
        if (pages === PAGES) break;
      }
      return folder;
    });
  }

  /** @returns whether a folder above, as far as the chosen prefix goes, is that of a project in TypeScript */
  async #isInProject(name: string, signal: AbortSignal | undefined): Promise<boolean> {
    const parts = name.split('/').slice(0, -1);
    const above = parts.map((_, i) =>
      parts
        .slice(0, i)
        .map((part) => `${part}/`)
        .join(''),
    );
    const found = await Promise.all(above.map((folder) => this.#project(folder, signal)));
    return found.includes(true);
  }

  #project(folder: string, signal: AbortSignal | undefined): Promise<boolean> {
    return once(this.#projects, folder, async () => {
      const { bucket, prefix } = this.#place;
      const marks = PROJECT.map((mark) => folder + mark).filter((mark) => mark.startsWith(prefix));
      const levels = await Promise.all(
        marks.map((mark) => this.#buckets.level({ bucket, prefix: mark, max: 1 }, signal)),
      );
      return levels.some(({ objects }) => objects.length > 0);
    });
  }
}

/** @returns what is known under a name; the first caller reads it */
function once<Value>(
  known: Map<string, Promise<Value>>,
  name: string,
  read: () => Promise<Value>,
): Promise<Value> {
  const value = known.get(name) ?? read();
  known.set(name, value);
  return value;
}

function folderOf(key: string): string {
  return key.slice(0, key.lastIndexOf('/') + 1);
}

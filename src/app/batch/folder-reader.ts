import pMap from 'p-map';
import type { BucketStore, S3Object } from '../../core/files/bucket-store.ts';
import type { S3Prefix } from '../../core/files/s3-location.ts';
import { PROJECT_FILES, StreamFolder } from '../../core/files/stream-folder.ts';
import { reasonByName, type NoMaster } from '../../core/files/stream-names.ts';

/** Folders that are read at once. */
const READS = 16;
/** At most so many pages of a folder are read: 20,000 files say enough about it, and the enqueue need not wait long. */
const PAGES = 20;

/** What the folders of a page's files say about them. */
export type InFolder = (object: S3Object) => NoMaster | undefined;

/**
 * Finds what lies beside a file, where its own name does not say whether it is a master. A folder that is whole in the
 * page needs no request; one at the page's edges is read once while the listing is in it, with those around it. A resumed
 * enqueue decides the same.
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
   * @param page one page of the listing, in its order
   * @param isAsked which of its files may be no masters; the others are not looked into
   * @throws AwsError
   */
  async judge(
    page: readonly S3Object[],
    isAsked: (object: S3Object) => boolean,
    signal?: AbortSignal,
  ): Promise<InFolder> {
    const unclear = page.filter((object) => isAsked(object) && reasonByName(object) === undefined);
    if (unclear.length === 0) return reasonByName;
    const whole = new PageFolders(page);
    // The listing does not come back to a folder that it has left.
    for (const known of [this.#folders, this.#projects]) {
      for (const folder of known.keys()) if (!whole.first.startsWith(folder)) known.delete(folder);
    }
    const deep = new Set(
      unclear.filter(({ key }) => /\.[mc]?ts$/i.test(key)).map(({ key }) => folderOf(key)),
    );
    const names = [...new Set(unclear.map(({ key }) => folderOf(key)))];
    const judges = await pMap(names, (name) => this.#judgeOf(name, deep.has(name), whole, signal), {
      concurrency: READS,
      ...(signal && { signal }),
    });
    const folders = new Map(names.map((name, i) => [name, judges[i]]));
    return (object) => folders.get(folderOf(object.key))?.(object) ?? reasonByName(object);
  }

  /** @param isDeep whether the folders above are asked too: they matter for files that end with `ts` alone */
  async #judgeOf(
    name: string,
    isDeep: boolean,
    page: PageFolders,
    signal: AbortSignal | undefined,
  ): Promise<InFolder> {
    const above = foldersAbove(name);
    const parent = above.at(-1);
    const isInside = parent?.startsWith(folderOf(this.#place.prefix)) === true;
    const [folder, around, projects] = await Promise.all([
      this.#folder(name, page, signal),
      isDeep && isInside ? this.#folder(parent, page, signal) : undefined,
      Promise.all((isDeep ? above : []).map((each) => this.#isProject(each, page, signal))),
    ]);
    const rules = { inProject: projects.includes(true), belowPlaylist: around?.hasPlaylist === true };
    return (object) => folder.reason(object, rules);
  }

  async #folder(name: string, page: PageFolders, signal: AbortSignal | undefined): Promise<StreamFolder> {
    const whole = page.whole(name);
    if (whole) return whole;
    return once(this.#folders, name, async () => {
      const { bucket, prefix } = this.#place;
      const folder = new StreamFolder();
      // A policy may allow the chosen prefix only.
      const query = { bucket, prefix: prefix.startsWith(name) ? prefix : name, level: true };
      let pages = 0;
      for await (const objects of this.#buckets.pages(query, signal)) {
        for (const object of objects) folder.add(object);
        pages += 1;
        if (pages === PAGES) break;
      }
      return folder;
    });
  }

  /** @returns whether a folder is that of a project, as far as the chosen prefix goes */
  async #isProject(name: string, page: PageFolders, signal: AbortSignal | undefined): Promise<boolean> {
    const whole = page.whole(name);
    if (whole) return whole.isProject;
    return once(this.#projects, name, async () => {
      const { bucket, prefix } = this.#place;
      const starts = PROJECT_FILES.map((start) => name + start).filter((start) => start.startsWith(prefix));
      const levels = await Promise.all(
        starts.map((start) => this.#buckets.level({ bucket, prefix: start, max: 1 }, signal)),
      );
      return levels.some(({ objects }) => objects.length > 0);
    });
  }
}

/** The folders of one page. All keys of a folder come one after the other, so one inside the page is there as a whole. */
class PageFolders {
  readonly first: string;
  readonly #last: string;
  readonly #folders = new Map<string, StreamFolder>();

  constructor(page: readonly S3Object[]) {
    const named = page.filter(({ key }) => key !== '');
    this.first = named[0]?.key ?? '';
    this.#last = named.at(-1)?.key ?? '';
    for (const object of named) {
      const name = folderOf(object.key);
      const folder = this.#folders.get(name) ?? new StreamFolder();
      folder.add(object);
      this.#folders.set(name, folder);
    }
  }

  /** @returns what the page shows of a folder; undefined where other pages may have more of it */
  whole(name: string): StreamFolder | undefined {
    if (this.first.startsWith(name) || this.#last.startsWith(name)) return undefined;
    return this.#folders.get(name) ?? new StreamFolder();
  }
}

/** @returns the folders around a folder, outermost first: of `a/b/` the bucket's root and `a/` */
function foldersAbove(name: string): string[] {
  const ends = Array.from(name.matchAll(/\//g), ({ index }) => index + 1);
  return name === '' ? [] : [0, ...ends.slice(0, -1)].map((end) => name.slice(0, end));
}

/** @returns what is known under a name; the first caller reads it */
function once<Value>(
  known: Map<string, Promise<Value>>,
  name: string,
  read: () => Promise<Value>,
): Promise<Value> {
  const value = known.get(name) ?? read();
  known.set(name, value);
  // Whoever asks again after a failure reads again.
  value.catch(() => known.delete(name));
  return value;
}

function folderOf(key: string): string {
  return key.slice(0, key.lastIndexOf('/') + 1);
}

import type { Bucket, BucketStore, Level, S3Object } from '../../../src/core/files/bucket-store.ts';
import type { Page } from '../../../src/core/page.ts';
import { awsError, s3Object } from '../fakes.ts';

interface LevelQuery {
  readonly bucket: string;
  readonly prefix: string;
  readonly max: number;
  readonly next?: string | undefined;
}

/** The buckets of an account in memory. It records every request; keys are listed in S3's order, by UTF-8 bytes. */
export class MemoryBuckets implements BucketStore {
  /** every request: `ListBuckets`, or the query of a level */
  readonly asked: (string | LevelQuery)[] = [];
  /** runs before each answer; may throw or wait */
  before: (request: string | LevelQuery) => Promise<void> | void = () => undefined;
  listing: Bucket[];
  bucketsAPage = 1000;
  readonly #objects: ReadonlyMap<string, readonly S3Object[]>;

  /** @param content keys, or whole objects, by bucket */
  constructor(content: Readonly<Record<string, readonly (string | S3Object)[]>> = {}) {
    this.listing = Object.keys(content).map((name) => ({ name, region: 'eu-west-1' }));
    this.#objects = new Map(
      Object.entries(content).map(([bucket, entries]) => [
        bucket,
        entries
          .map((entry) => (typeof entry === 'string' ? s3Object(entry) : entry))
          .sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key))),
      ]),
    );
  }

  get levels(): LevelQuery[] {
    return this.asked.filter((request) => typeof request !== 'string');
  }

  async buckets(next?: string, signal?: AbortSignal): Promise<Page<Bucket>> {
    await this.#ask('ListBuckets', signal);
    const from = Number(next ?? 0);
    const to = from + this.bucketsAPage;
    return {
      items: this.listing.slice(from, to),
      next: to < this.listing.length ? String(to) : undefined,
    };
  }

  async level(query: LevelQuery, signal?: AbortSignal): Promise<Level> {
    await this.#ask(query, signal);
    const { bucket, prefix, max, next } = query;
    const entries = new Map<string, S3Object | undefined>();
    for (const object of this.#objectsOf(bucket)) {
      if (!object.key.startsWith(prefix)) continue;
      const slash = object.key.indexOf('/', prefix.length);
      if (slash < 0) entries.set(object.key, object);
      else entries.set(object.key.slice(0, slash + 1), undefined);
    }
    const from = Number(next ?? 0);
    const page = [...entries].slice(from, from + max);
    return {
      prefixes: page.filter(([, object]) => !object).map(([key]) => key),
      objects: page.flatMap(([, object]) => object ?? []),
      next: from + max < entries.size ? String(from + max) : undefined,
    };
  }

  async region(): Promise<string> {
    return 'eu-west-1';
  }

  async *pages(
    {
      bucket,
      prefix,
      startAfter = '',
      level,
    }: { bucket: string; prefix: string; startAfter?: string | undefined; level?: boolean | undefined },
    signal?: AbortSignal,
  ): AsyncGenerator<readonly S3Object[]> {
    if (level === true) {
      yield (await this.level({ bucket, prefix, max: Infinity }, signal)).objects;
      return;
    }
    const found = this.#objectsOf(bucket).filter(({ key }) => key.startsWith(prefix) && key > startAfter);
    for (let from = 0; from < found.length; from += 1000) {
      await this.#ask(`list ${bucket}/${prefix} ${from}`, signal);
      yield found.slice(from, from + 1000);
    }
  }

  async #ask(request: string | LevelQuery, signal: AbortSignal | undefined): Promise<void> {
    this.asked.push(request);
    await this.before(request);
    signal?.throwIfAborted();
  }

  #objectsOf(bucket: string): readonly S3Object[] {
    const objects = this.#objects.get(bucket);
    if (!objects) throw awsError('no-such-bucket', 's3:ListObjectsV2');
    return objects;
  }
}

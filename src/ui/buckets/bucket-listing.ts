import type { Disposable } from '../../core/lifetime.ts';
import type { Bucket, Level, S3Object } from '../../core/files/bucket-store.ts';
import { otherForms } from '../../core/files/letter-forms.ts';
import type { Page } from '../../core/page.ts';
import type { S3Prefix } from '../../core/files/s3-location.ts';
import type { SharedConnection } from '../connection/connection.ts';
import { levelId, PAGE_SIZE, type LevelPlace } from './bucket-rows.ts';
import { Pages } from '../base/pages.ts';

/** A prefix (a string, ends with `/`) or an object of a level. */
export type Entry = string | S3Object;

/** Stands for the list of buckets; no level has this id. */
const BUCKETS = '';

/**
 * What has been listed of the buckets of one connection. It stays when the user chooses another stack, and is thrown away
 * with the connection.
 */
export class BucketListing implements Disposable {
  readonly #connection: Pick<SharedConnection, 'use'>;
  readonly #buckets = new Pages<Bucket>();
  readonly #levels = new Pages<Entry>();
  #visits: readonly S3Prefix[];

  constructor(connection: Pick<SharedConnection, 'use'>, visits: readonly S3Prefix[] = []) {
    this.#connection = connection;
    this.#visits = visits;
  }

  /** places that were revealed, but are neither pinned nor listed; newest first, for this window only */
  get visits(): readonly S3Prefix[] {
    return this.#visits;
  }

  visit(place: S3Prefix): void {
    this.#visits = [place, ...this.#visits];
  }

  /** @returns the buckets listed so far */
  buckets(): Promise<Page<Bucket>> {
    return this.#buckets.get(BUCKETS, async (next, signal) => {
      const page = await this.#connection.use(({ services }) => services.buckets.buckets(next, signal), {
        ask: false,
        signal,
      });
      signal.throwIfAborted();
      return page;
    });
  }

  /**
   * @param filter whole key prefix to ask S3 for instead of the level's own; its letters are also looked for in the other
   * Unicode form
   * @returns what has been listed of the level so far
   */
  level(place: LevelPlace, filter: string | undefined): Promise<Page<Entry>> {
    let prefix = filter ?? place.prefix;
    const typed = prefix.slice(place.prefix.length);
    return this.#levels.get(levelId(place), async (next, signal) => {
      let level = await this.#request({ ...place, prefix }, next, signal);
      for (const form of next === undefined ? otherForms(typed) : []) {
        if (level.prefixes.length + level.objects.length > 0) break;
        prefix = place.prefix + form;
        level = await this.#request({ ...place, prefix }, next, signal);
      }
      // AWS's console makes an empty object for a folder; it stands for the level itself, so it gets no row.
      const objects = level.objects.filter(({ key, size }) => key !== place.prefix || size > 0);
      return { items: [...level.prefixes, ...objects], next: level.next };
    });
  }

  async #request(
    { bucket, prefix }: S3Prefix,
    next: string | undefined,
    signal: AbortSignal,
  ): Promise<Level> {
    const query = { bucket, prefix, max: PAGE_SIZE, next };
    const options = { ask: false, signal } as const;
    const level = await this.#connection.use(
      ({ services }) => services.buckets.level(query, signal),
      options,
    );
    signal.throwIfAborted();
    return level;
  }

  /**
   * Lists one more page.
   * @param level undefined for the list of buckets
   * @throws AwsError; what has been listed so far stays
   */
  more(level: string | undefined): Promise<void> {
    return level === undefined ? this.#buckets.more(BUCKETS) : this.#levels.more(level);
  }

  /** Forgets a level and the levels below it. */
  forget(level: string): void {
    this.#levels.forget(level);
  }

  dispose(): void {
    this.#buckets.dispose();
    this.#levels.dispose();
  }
}

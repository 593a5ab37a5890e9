import type { S3Prefix } from './s3-location.ts';
import type { Page } from '../page.ts';

/**
 * Why an entry of a list of keys names no file to take: its line cannot be read, it is of another bucket, it is there
 * twice, or the bucket does not have it.
 */
export type ListFlaw = 'bad-line' | 'other-bucket' | 'repeated' | 'missing';

/** An object as S3 lists it, or an entry of a list of keys. */
export interface S3Object {
  /** raw; empty where the stored key is no UTF-8, so that nobody can name the object */
  readonly key: string;
  /** bytes */
  readonly size: number;
  readonly etag: string;
  readonly lastModified: Date | undefined;
  /** as S3 names it; undefined means STANDARD */
  readonly storageClass: string | undefined;
  /** true while a copy of an archived object is being made; it cannot be read yet */
  readonly restoring: boolean;
  /** when the restored copy of an archived object ends; undefined without a copy that can be read */
  readonly restoredUntil: Date | undefined;
  /** set on the entry of a list that names no file to take; such an entry has only its text as `key` */
  readonly flaw?: ListFlaw | undefined;
}

export interface Bucket {
  readonly name: string;
  /** undefined where the list does not name it */
  readonly region: string | undefined;
}

/** One level of a bucket's keys, cut at `/`: what a folder holds in a file browser. */
export interface Level {
  /** whole keys, each ending with `/` */
  readonly prefixes: readonly string[];
  readonly objects: readonly S3Object[];
  readonly next: string | undefined;
}

/** Reads buckets. As in every port to AWS, methods take the caller's AbortSignal last and raise AwsError. */
export interface BucketStore {
  /** A page of the account's buckets in all regions (ListBuckets), at most 1,000, by name. */
  buckets(next?: string, signal?: AbortSignal): Promise<Page<Bucket>>;
  /**
   * A page of one level of keys under a prefix, from S3's own listing: at most `max` (1,000) prefixes and objects
   * together. The prefix need not end with `/`: `1999/re` gives the keys of that level that start with it.
   */
  level(query: S3Prefix & { max: number; next?: string | undefined }, signal?: AbortSignal): Promise<Level>;
  /** @returns the bucket's region; raises `no-such-bucket` or `missing-permission` */
  region(bucket: string, signal?: AbortSignal): Promise<string>;
  /**
   * Walks a prefix in key order, a page (at most 1,000 objects) at a time. `startAfter` begins after a key; `level` leaves
   * out what lies in folders below. Raises an AwsError where the listing does not go on, or jumps back.
   */
  pages(
    query: S3Prefix & { startAfter?: string | undefined; level?: boolean | undefined },
    signal?: AbortSignal,
  ): AsyncIterable<readonly S3Object[]>;
}

/** Tells whose a bucket is. */
export interface BucketOwners {
  /** @param account 12 digits @returns whether the bucket belongs to this account, as far as the caller may know */
  isOwn(bucket: string, account: string, signal?: AbortSignal): Promise<boolean>;
}

import { HeadBucketCommand, ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import type { Bucket, BucketOwners, BucketStore, Level, S3Object } from '../core/files/bucket-store.ts';
import type { Page } from '../core/page.ts';
import type { S3Prefix } from '../core/files/s3-location.ts';
import { abortable, type AwsClients, type ServiceCaller } from './connection.ts';
import type { SdkFailure } from './errors/sdk-failure.ts';
import { listObjects, type ListedPage, type Listing } from './list-objects.ts';
import { readEarly } from './listing-answer.ts';
import { isAfter, ListingWatch } from './listing-watch.ts';

/** A page that was asked for. */
interface Asked {
  readonly token: string | undefined;
  readonly page: Promise<ListedPage>;
  /** the token of the page after it, once that has been read; it may never resolve */
  readonly early: Promise<string>;
}

/** Buckets a page; with a limit S3 also names each bucket's region (S3 API, ListBuckets). */
const BUCKETS_A_PAGE = 1000;

/** Reads buckets in any region; it needs only the right s3:ListBucket. */
export class S3BucketStore implements BucketStore, BucketOwners {
  readonly #s3: ServiceCaller<S3Client>;
  readonly #home: string;
  /** a bucket's region never changes while it exists */
  readonly #regions = new Map<string, string>();

  constructor(clients: AwsClients) {
    this.#home = clients.connection.region;
    this.#s3 = clients.service(
      's3',
      // A custom endpoint has no DNS name for each bucket.
      (config) => new S3Client({ ...config, forcePathStyle: config.endpoint !== undefined }),
    );
  }

  /** S3 names the region even in an answer of 301, 400 or 403 (HeadBucket, "x-amz-bucket-region"). */
  async region(bucket: string, signal?: AbortSignal): Promise<string> {
    return this.#locate(bucket, regionHeader, signal);
  }

  /** S3 answers 403 where another account owns the bucket (HeadBucket, "x-amz-expected-bucket-owner"). */
  async isOwn(bucket: string, account: string, signal?: AbortSignal): Promise<boolean> {
    const command = new HeadBucketCommand({ Bucket: bucket, ExpectedBucketOwner: account });
    const region = await this.#listingRegion(bucket, signal);
    return this.#s3.call('HeadBucket', async (s3) => Boolean(await s3.send(command, abortable(signal))), {
      region,
      recover: ({ status }) => (status === 403 ? false : undefined),
    });
  }

  async buckets(next?: string, signal?: AbortSignal): Promise<Page<Bucket>> {
    const command = new ListBucketsCommand({ MaxBuckets: BUCKETS_A_PAGE, ContinuationToken: next });
    const output = await this.#s3.call('ListBuckets', (s3) => s3.send(command, abortable(signal)));
    const items = (output.Buckets ?? []).flatMap(({ Name: name, BucketRegion: region }) => {
      if (name === undefined) return [];
      if (region !== undefined) this.#regions.set(name, region);
      return [{ name, region }];
    });
    return { items, next: output.ContinuationToken };
  }

  /** Left out are the object that stands for the folder itself (`1999/`, listed under `1999/`), and what is no UTF-8. */
  async level(
    query: S3Prefix & { max: number; next?: string | undefined },
    signal?: AbortSignal,
  ): Promise<Level> {
    const region = await this.#listingRegion(query.bucket, signal);
    const listing = { ...query, delimiter: '/' };
    const { objects, prefixes, next } = await this.#list(region, listing, query.next, signal);
    new ListingWatch(query.next).check([], next);
    const isFolder = ({ key }: S3Object): boolean => key === query.prefix && key.endsWith('/');
    return { prefixes, objects: objects.filter((object) => object.key !== '' && !isFolder(object)), next };
  }

  /** The listing runs in the bucket's own region. Keys are exact, with all their characters. */
  async *pages(
    { level, ...place }: Listing & { level?: boolean | undefined },
    signal?: AbortSignal,
  ): AsyncIterable<readonly S3Object[]> {
    const region = await this.#listingRegion(place.bucket, signal);
    const query: Listing = level === true ? { ...place, delimiter: '/' } : place;
    const { startAfter } = query;
    const watch = new ListingWatch();
    const control = new AbortController();
    const both = signal ? AbortSignal.any([signal, control.signal]) : control.signal;
    const ask = (token: string | undefined): Asked => {
      const early = Promise.withResolvers<string>();
      return { token, page: this.#list(region, query, token, both, early.resolve), early: early.promise };
    };
    try {
      for (let asked = ask(undefined); ;) {
        const { ahead, page } = await askAhead(asked, ask);
        watch.check(page.objects, page.next);
        // Some stores ignore StartAfter.
        yield startAfter === undefined
          ? page.objects
          : page.objects.filter(({ key }) => key === '' || isAfter(key, startAfter));
        if (page.next === undefined) return;
        asked = ahead?.token === page.next ? ahead : ask(page.next);
      }
    } finally {
      control.abort();
    }
  }

  /** A policy may allow one prefix only: then HeadBucket is denied although the listing is not. */
  #listingRegion(bucket: string, signal: AbortSignal | undefined): Promise<string> {
    return this.#locate(
      bucket,
      (failure) => regionHeader(failure) ?? (failure.status === 403 ? this.#home : undefined),
      signal,
    );
  }

  async #locate(
    bucket: string,
    recover: (failure: SdkFailure) => string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<string> {
    const known = this.#regions.get(bucket);
    if (known !== undefined) return known;
    const region = await this.#s3.call(
      'HeadBucket',
      async (s3) =>
        (await s3.send(new HeadBucketCommand({ Bucket: bucket }), abortable(signal))).BucketRegion,
      { subject: `bucket "${bucket}"`, recover },
    );
    this.#regions.set(bucket, region ?? this.#home);
    return region ?? this.#home;
  }

  async #list(
    region: string,
    listing: Listing,
    token: string | undefined,
    signal: AbortSignal | undefined,
    onToken?: (token: string) => void,
  ): Promise<ListedPage> {
    const how = { ...abortable(signal), ...(onToken && { onToken }), readEarly };
    return this.#s3.call('ListObjectsV2', (s3) => listObjects(s3, listing, token, how), {
      region,
      subject: `bucket "${listing.bucket}"`,
    });
  }
}

/** Waits for a page, and meanwhile asks for the one after it once its token is known. */
async function askAhead(
  { page, early }: Asked,
  ask: (token: string) => Asked,
): Promise<{ page: ListedPage; ahead: Asked | undefined }> {
  let ahead: Asked | undefined;
  let isOver = false;
  void early.then((token) => {
    if (isOver) return;
    ahead = ask(token);
    // Raised again where it is waited for.
    ahead.page.catch(() => undefined);
  });
  try {
    return { page: await page, ahead };
  } finally {
    isOver = true;
  }
}

function regionHeader(failure: SdkFailure): string | undefined {
  return failure.status === 404 ? undefined : failure.headers['x-amz-bucket-region'];
}

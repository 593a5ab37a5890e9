import { refuse } from './aws-refusals.ts';
import type { ProxyAnswer, ProxyCall } from '../vscode/recording-proxy.ts';

/** Where all the objects are. */
export const ENDLESS_PREFIX = 'reels/';
const XML = { 'content-type': 'application/xml' };

/**
 * A bucket with more objects than an emulator takes in a test's time, all under `reels/`, as S3 lists it. Only calls that
 * are signed for its region are answered.
 * @returns the answer to a call about the bucket, undefined for any other
 */
export function endlessBucket(
  { bucket, region, objects }: { bucket: string; region: string; objects: number },
  call: ProxyCall,
): ProxyAnswer | undefined {
  const { method, url } = call;
  if (url.pathname.replace(/\/$/, '') !== `/${bucket}`) return undefined;
  const where = { 'x-amz-bucket-region': region };
  if (method === 'HEAD') return { status: call.region === region ? 200 : 301, headers: where, body: '' };
  if (url.searchParams.get('list-type') !== '2') return undefined;
  if (call.region !== region) return refuse(call, 301, 'PermanentRedirect', 'Use another endpoint.', where);
  return { status: 200, headers: XML, body: listing(bucket, objects, url.searchParams) };
}

/** The key of an object; keys sort as they count. */
function endlessKey(index: number): string {
  return `${ENDLESS_PREFIX}${String(Math.floor(index / 1000)).padStart(4, '0')}-${String(index % 1000).padStart(3, '0')}.mp4`;
}

function indexAfter(key: string): number {
  const [, thousands, rest] = /(\d+)-(\d+)\.mp4$/.exec(key) ?? [];
  return thousands === undefined ? 0 : Number(thousands) * 1000 + Number(rest) + 1;
}

function listing(bucket: string, objects: number, query: URLSearchParams): string {
  const prefix = query.get('prefix') ?? '';
  if (query.get('delimiter') === '/' && ENDLESS_PREFIX.startsWith(prefix) && prefix !== ENDLESS_PREFIX) {
    const common = `<CommonPrefixes><Prefix>${ENDLESS_PREFIX}</Prefix></CommonPrefixes>`;
    return result(bucket, `<IsTruncated>false</IsTruncated>${common}`);
  }
  // Answers only requests for the prefix itself or for a prefix above it.
  const all = ENDLESS_PREFIX.startsWith(prefix) ? objects : 0;
  const from = Number(query.get('continuation-token') ?? indexAfter(query.get('start-after') ?? ''));
  const to = Math.min(all, from + Number(query.get('max-keys') ?? 1000));
  const contents = Array.from({ length: Math.max(0, to - from) }, (_, offset) => {
    const key = endlessKey(from + offset);
    return `<Contents><Key>${key}</Key><Size>1048576</Size><ETag>"${key}"</ETag></Contents>`;
  });
  const next = to < all ? `<NextContinuationToken>${to}</NextContinuationToken>` : '';
  return result(bucket, `<IsTruncated>${next !== ''}</IsTruncated>${next}${contents.join('')}`);
}

function result(bucket: string, inside: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>${bucket}</Name><EncodingType>url</EncodingType>${inside}</ListBucketResult>`;
}

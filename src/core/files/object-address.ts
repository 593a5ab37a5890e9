import { InvalidInputError } from '../errors.ts';
import {
  checkBucket,
  checkListable,
  MAX_KEY_BYTES,
  parseS3Prefix,
  type S3Location,
  type S3Prefix,
} from './s3-location.ts';

/** What a user gave to find one object: its place, or only its key where no bucket is named. */
export interface ObjectAddress {
  readonly bucket: string | undefined;
  /** raw, as S3 has it */
  readonly key: string;
}

/** Longer than any address: a key of 1,024 bytes takes 3,072 characters, and a signed URL's token a few thousand. */
const MAX_TEXT = 16_384;
/** Longest host name: RFC 1035, 2.3.4. */
const MAX_HOST = 255;
/** Host, path and query are cut by hand, as the URL class would resolve `..` and turn `\` around, which are parts of keys. */
const WEB_ADDRESS = /^https?:\/\/([^/?#]*)([^?#]*)(?:\?([^#]*))?/i;
const ARN = /^arn:aws[a-z-]*:s3:::/i;
/** AWS's console of any region and partition, with the name of a session before it where several are open. */
const CONSOLE = /(^|\.)console\.(aws\.amazon\.com|amazonaws\.cn|amazonaws-us-gov\.com)$/;
/** The page of an object: `/s3/object/<bucket>?region=…&prefix=<key>`. */
const OBJECT_PAGE = /^\/s3\/object\/([^/]+)\/?$/;
/** That page, or the one of a bucket or a folder: `/s3/buckets/<bucket>?region=…&prefix=<prefix>`. */
const PLACE_PAGE = /^\/s3\/(?:object|buckets)\/([^/]+)\/?$/;
/** `bucket.s3.region.amazonaws.com` or, path style, without the bucket; older hosts have `s3-region`. */
const S3_HOST = /^(?:(.+)\.)?s3[.-](?:[a-z0-9-]+\.)*amazonaws\.com(?:\.cn)?$/;

/**
 * Reads what a user gave to find an object: `s3://bucket/key`, the object's ARN, its URL (virtual-hosted or path style),
 * the URL of its page in the AWS console, or a bare key. Blanks around it do not count.
 * @param text anything
 * @returns the object; without a bucket where the text is a bare key
 * @throws InvalidInputError for an address that names no object of S3
 */
export function parseObjectAddress(text: string): ObjectAddress {
  if (text.length > MAX_TEXT) throw refused('This text is longer than any address of an object.');
  const given = text.trim();
  const web = WEB_ADDRESS.exec(given);
  if (web) {
    const [, host = '', path = '', query = ''] = web;
    return checked(ofWebAddress(host.toLowerCase(), path, query, OBJECT_PAGE));
  }
  const scheme = /^s3:\/\//i.exec(given) ?? ARN.exec(given);
  if (scheme) return checked(splitPath(given.slice(scheme[0].length)));
  return checked({ bucket: undefined, key: given });
}

/**
 * Reads what a user gave to name a bucket or prefix: `s3://bucket/prefix`, `bucket/prefix`, an ARN, a URL of S3, or the
 * URL of a page of the AWS console about a bucket, a folder or an object.
 * @param text anything; blanks around it do not count
 * @throws InvalidInputError for a text that names no bucket which can be listed in order
 */
export function parsePlaceAddress(text: string): S3Prefix {
  if (text.length > MAX_TEXT) throw refused('This text is longer than any address of an object.');
  const given = text.trim();
  const web = WEB_ADDRESS.exec(given);
  const arn = ARN.exec(given);
  if (!web && !arn) return parseS3Prefix(given);
  const [, host = '', path = '', query = ''] = web ?? [];
  const { bucket, key: prefix } = arn
    ? splitPath(given.slice(arn[0].length))
    : ofWebAddress(host.toLowerCase(), path, query, PLACE_PAGE);
  checkListable(bucket);
  if (!prefix.isWellFormed()) throw refused('This key is not valid Unicode, which S3 requires.');
  return { bucket, prefix };
}

function ofWebAddress(host: string, path: string, query: string, page: RegExp): S3Location {
  if (host.length > MAX_HOST) throw refused('The host of this address is longer than any.');
  const name = host.replace(/:\d*$/, '');
  if (CONSOLE.test(name)) return ofConsole(path, query, page);
  const s3 = S3_HOST.exec(name);
  if (!s3) {
    throw refused(
      'This is no address of S3 or of its console: give the key, or an address such as s3://bucket/key.',
    );
  }
  const [, bucket] = s3;
  const rest = path.slice(1);
  return bucket === undefined ? splitPath(rest, decoded) : { bucket, key: decoded(rest) };
}

/** @param page which pages name what is wanted */
function ofConsole(path: string, query: string, page: RegExp): S3Location {
  const bucket = page.exec(path)?.[1];
  const prefix = query.split('&').find((part) => part.startsWith('prefix='));
  if (bucket !== undefined && prefix !== undefined)
    return { bucket: decoded(bucket), key: decoded(prefix.slice('prefix='.length)) };
  if (bucket !== undefined && page === PLACE_PAGE) return { bucket: decoded(bucket), key: '' };
  throw refused(
    page === OBJECT_PAGE
      ? 'This page of the AWS console is not about one object: open the object there, and copy that address.'
      : 'This page of the AWS console is not about a bucket or a folder: open it there, and copy that address.',
  );
}

function splitPath(path: string, read: (text: string) => string = (text) => text): S3Location {
  const slash = path.indexOf('/');
  if (slash < 0) return { bucket: read(path), key: '' };
  return { bucket: read(path.slice(0, slash)), key: read(path.slice(slash + 1)) };
}

/** S3 and its console write a blank as `+`, and a plus as `%2B`. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch (error) {
    throw refused('This address is not encoded as URLs are: give it as s3://bucket/key.', error);
  }
}

function checked<Address extends ObjectAddress>(address: Address): Address {
  if (address.bucket !== undefined) checkBucket(address.bucket);
  checkKey(address.key);
  return address;
}

/**
 * @param key raw
 * @returns the same key
 * @throws InvalidInputError for a key that no object of S3 can have
 */
export function checkKey(key: string): string {
  if (key === '') throw refused('This names no object: give its key, too.');
  if (!key.isWellFormed()) throw refused('This key is not valid Unicode, which S3 requires.');
  if (Buffer.byteLength(key) > MAX_KEY_BYTES)
    throw refused('This key is longer than the 1,024 bytes S3 allows.');
  return key;
}

function refused(sentence: string, cause?: unknown): InvalidInputError {
  return new InvalidInputError('address', sentence, { cause });
}

import type { _Object } from '@aws-sdk/client-s3';

const [OPEN, CLOSE] = ['<Contents>', '</Contents>'];
/** Keys that are written so have no entity. */
const ENCODED = '<EncodingType>url</EncodingType>';
/** What only the SDK's parser reads: comments, CDATA, and elements with attributes. */
const UNUSUAL = /<!|<Contents[\s/]/;
/** An element with a text, or with such elements. */
const ELEMENT = /\s*<(\w+)>(?:([^<]*)|((?:\s*<(\w+)>[^<]*<\/\4>)+)\s*)<\/\1>/y;
const RESTORE =
  /^\s*<IsRestoreInProgress>(true|false)<\/IsRestoreInProgress>(?:\s*<RestoreExpiryDate>([^<&]+)<\/RestoreExpiryDate>)?$/;

/**
 * Cuts the objects out of a page of a listing, as S3 writes it. The SDK's parser reads any XML, a character at a time.
 * @param page the body of an answer of ListObjectsV2
 * @returns the objects, with what `S3Object` needs of them, and the page without them for the SDK's parser; undefined
 * where anything is written in another way
 */
export function cutContents(
  page: string,
): { readonly contents: readonly _Object[]; readonly rest: string } | undefined {
  if (!page.includes(ENCODED) || UNUSUAL.test(page)) return undefined;
  const contents: _Object[] = [];
  let rest = '';
  let from = 0;
  for (let start: number; (start = page.indexOf(OPEN, from)) >= 0;) {
    const end = page.indexOf(CLOSE, start);
    const object = end < 0 ? undefined : readObject(page.slice(start + OPEN.length, end));
    if (!object) return undefined;
    contents.push(object);
    rest += page.slice(from, start);
    from = end + CLOSE.length;
  }
  return { contents, rest: rest + page.slice(from) };
}

function readObject(inner: string): _Object | undefined {
  const texts = new Map<string, string>();
  ELEMENT.lastIndex = 0;
  let end = 0;
  for (let found; (found = ELEMENT.exec(inner)); end = ELEMENT.lastIndex) {
    const [, name = '', text, nested] = found;
    // Only this one may come more than once.
    if (texts.has(name) && name !== 'ChecksumAlgorithm') return undefined;
    texts.set(name, text ?? nested ?? '');
  }
  return inner.slice(end).trim() === '' ? toObject(texts) : undefined;
}

function toObject(texts: ReadonlyMap<string, string>): _Object | undefined {
  const Key = texts.get('Key') ?? '';
  const ETag = (texts.get('ETag') ?? '').replaceAll('&quot;', '"').replaceAll('&#34;', '"');
  const StorageClass = texts.get('StorageClass') as _Object['StorageClass'];
  const size = texts.get('Size') ?? '';
  const date = dateOf(texts.get('LastModified'));
  const restore = restoreOf(texts.get('RestoreStatus'));
  const isPlain = Key !== '' && ![Key, ETag, StorageClass ?? ''].some((text) => text.includes('&'));
  if (!isPlain || !/^\d+$/.test(size) || date === 'unreadable' || restore === 'unreadable') return undefined;
  return { Key, ETag, StorageClass, Size: Number(size), LastModified: date, RestoreStatus: restore };
}

function dateOf(text: string | undefined): Date | undefined | 'unreadable' {
  if (text === undefined) return undefined;
  // An ISO date, as other texts mean what the machine's time zone makes of them.
  const date = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(text) ? new Date(text) : undefined;
  return date && !Number.isNaN(date.getTime()) ? date : 'unreadable';
}

function restoreOf(text: string | undefined): _Object['RestoreStatus'] | 'unreadable' {
  if (text === undefined) return undefined;
  const [whole, isRunning, end] = RESTORE.exec(text) ?? [];
  const date = dateOf(end);
  if (whole === undefined || date === 'unreadable') return 'unreadable';
  return { IsRestoreInProgress: isRunning === 'true', RestoreExpiryDate: date };
}

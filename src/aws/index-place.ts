import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { TABLE_KEYS } from '../core/batch/table-keys.ts';
import { InvalidInputError } from '../core/errors.ts';
import { fieldsOf, isText, parseJson, type Fields } from '../core/foreign-json.ts';

/** An item, or the key attributes of one, as DynamoDB writes them. */
export type Key = Record<string, AttributeValue>;

/**
 * The key attributes of a place in the index (DynamoDB API, Query, LastEvaluatedKey): the table's and the index's own.
 */
const PLACE = [TABLE_KEYS.pk, TABLE_KEYS.sk, TABLE_KEYS.indexPk, TABLE_KEYS.indexSk];

/** Without `wrapNumbers`, a number outside JavaScript's range would raise an error. */
export function plain(item: Key): Fields {
  return unmarshall(item, { wrapNumbers: Number });
}

/** @returns a place in the index as a text */
export function encodeStart(key: Key): string {
  return Buffer.from(JSON.stringify(plain(key))).toString('base64url');
}

/**
 * @throws InvalidInputError for a text that is not a place in this list, because DynamoDB would only call it invalid
 */
export function decodeStart(next: string, indexPk: string): Key {
  const key = fieldsOf(parseJson(Buffer.from(next, 'base64url').toString()));
  const isPlace =
    key !== undefined &&
    Object.keys(key).length === PLACE.length &&
    PLACE.every((name) => isText(key[name]) && key[name] !== '') &&
    key[TABLE_KEYS.indexPk] === indexPk;
  if (isPlace) return marshall(key);
  throw new InvalidInputError(
    'next',
    'The place to continue from cannot be read: list from the start again.',
  );
}

import { marshall } from '@aws-sdk/util-dynamodb';
import type { BatchMeta } from '../../src/core/batch/batch.ts';
import { metaItem } from '../../src/core/batch/batch-codec.ts';
import { resultItem } from '../../src/core/batch/result-codec.ts';
import type { ResultItem } from '../../src/core/batch/result-item.ts';
import { BATCHES_INDEX_PK, batchPk, resultIndexPk } from '../../src/core/batch/table-keys.ts';
import { workOf } from '../../src/core/batch/work.ts';
import type { JobOptions } from '../../src/core/ittybit/job-options.ts';
import type { World } from './responder.ts';
import { indexIn, keyOf } from './shapes.ts';

/** The job of every batch of the bench. */
export const JOB: JobOptions = { kind: 'video', options: { width: 1920 } };
export const BUCKET = 'media';

const EARLIER = 'earlier';
const DATE = '2026-01-02T03:04:05.000Z';
/** About what fits into the 1 MB that a query reads (DynamoDB API, Query). */
const ITEMS_A_PAGE = 1000;

let index: object[] = [];

/** Makes the results of the batch that has done some of the keys. */
export function earlierBatch(world: World): void {
  index = Array.from({ length: world.done }, (_, i) => marshall(resultItem(doneFile(world, i))));
}

/**
 * Answers for the results table, which has the earlier batch alone.
 * @param name the operation, as DynamoDB names it
 */
export function tableAnswer(name: string, input: Record<string, unknown>, world: World): object {
  if (name === 'BatchGetItem') return batchGet(input, world);
  if (name !== 'Query') return {};
  const values = input['ExpressionAttributeValues'] as { ':pk': { S: string } };
  const pk = values[':pk'].S;
  if (input['IndexName'] !== undefined) return indexPage(pk, input);
  if (pk === batchPk(EARLIER)) {
    return { Items: [marshall({ pk, sk: 'counts#0', succeeded: world.done })] };
  }
  const at = pk.startsWith('s3://') ? indexIn(pk) : world.done;
  return { Items: at < world.done ? [index[at], marshall(ownerOf(world, at))] : [] };
}

function indexPage(pk: string, input: Record<string, unknown>): object {
  if (pk === BATCHES_INDEX_PK) return { Items: index.length > 0 ? [marshall(metaItem(META))] : [] };
  if (pk !== resultIndexPk({ batch: EARLIER, status: 'succeeded' })) return { Items: [] };
  const from = input['ExclusiveStartKey'] as { pk: { S: string } } | undefined;
  const isForward = input['ScanIndexForward'] === true;
  const at = (place: number): number => (isForward ? place : index.length - 1 - place);
  const start = from ? at(indexIn(from.pk.S)) + 1 : 0;
  const end = Math.min(index.length, start + Math.min(ITEMS_A_PAGE, Number(input['Limit'] ?? ITEMS_A_PAGE)));
  const found = Array.from({ length: end - start }, (_, i) => index[at(start + i)] as Record<string, object>);
  const { pk: last, sk, gsi1pk, gsi1sk } = found.at(-1) ?? {};
  const wanted = Object.values((input['ExpressionAttributeNames'] ?? {}) as Record<string, string>);
  const Items = found.map((item) =>
    wanted.length > 0 ? Object.fromEntries(wanted.map((name) => [name, item[name]])) : item,
  );
  return { Items, ...(end < index.length && { LastEvaluatedKey: { pk: last, sk, gsi1pk, gsi1sk } }) };
}

function batchGet(input: Record<string, unknown>, world: World): object {
  const [[table, { Keys }] = ['', { Keys: [] }]] = Object.entries(
    input['RequestItems'] as Record<string, { Keys: { pk: { S: string }; sk: { S: string } }[] }>,
  );
  const found = Keys.filter(({ pk, sk }) => sk.S === batchPk(EARLIER) && indexIn(pk.S) < world.done);
  return { Responses: { [table]: found.map(({ pk }) => index[indexIn(pk.S)]) } };
}

const META: BatchMeta = {
  ...{ batch: EARLIER, bucket: BUCKET, prefix: 'uploads/', job: JOB, extensions: ['mp4'], created_at: DATE },
};

function doneFile({ shape }: World, at: number): ResultItem {
  const file = { bucket: BUCKET, key: keyOf(shape, at), etag: String(at).padStart(32, '0') };
  return {
    ...file,
    ...{ batch: EARLIER, status: 'succeeded', kind: 'video', attempts: 1, run: 1, size: 1_000_000 + at },
    work: workOf(file, { job: JOB, connectionId: '' }),
    ...{ job_id: `job_${at}`, output_url: `https://cdn.example.com/${at}/output.mp4`, duration_ms: 1000 },
    ...{ created_at: DATE, updated_at: DATE, completed_at: DATE, rev: 3 },
  };
}

function ownerOf(world: World, at: number): object {
  const { bucket, key, work } = doneFile(world, at);
  return { pk: `s3://${bucket}/${key}`, sk: work, owner: EARLIER };
}

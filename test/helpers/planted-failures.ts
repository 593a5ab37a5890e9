import { failureOfItem, type Failure } from '../../src/app/batch/failures.ts';
import { stored } from './stored-items.ts';

/** Names that break what splits, encodes or matches them. */
const HOSTILE: readonly ((n: number) => string)[] = [
  (n) => `in/1999/reel ${n}.mov`,
  (n) => `in/é ü/Straße (${n}) [final].MKV`,
  (n) => `in/it's "${n}".mp4`,
  (n) => `in/$&$1/${n}.mp4`,
  (n) => `HTTP 503/${n}.mp4`,
  (n) => `in/a\u202Eb\n${n}.mov`,
  (n) => `${'deep/'.repeat(30)}${n}.mxf`,
  (n) => `in/%20/${n}+${n}.mp4`,
  (n) => `no extension ${n}/video`,
  (n) => `in/video.${n}`,
];

/** Twelve causes, each in words that repeat something of the file. */
const CAUSES: readonly ((key: string, random: () => string) => string)[] = [
  (key) => `cannot read s3://media/${key} (HTTP 422)`,
  (key) => `cannot read ${encodeURI(key)} (HTTP 403)`,
  (_, random) => `internal error, request ${random()} (HTTP 503)`,
  (_, random) => `no answer from Ittybit: the socket of ${random()} closed after ${random().length * 7} ms`,
  (key) => `moov atom not found in "${key}"`,
  (_, random) => `GET https://media.s3.amazonaws.com/${random()}?X-Amz-Signature=${random()} timed out`,
  (_, random) => `codec of stream ${random().length} is not supported`,
  (_, random) => `job_${random()}: the task ran out of memory at frame ${random().length ** 4}`,
  (key) => `no write access to s3://results/${key.replace(/\.[^./]*$/, '')}_720p.webm`,
  () => 'insufficient credit (HTTP 402)',
  (_, random) => `worker ${random()} was lost at 2026-11-23T10:${10 + random().length}:00Z`,
  () => 'the file has no video stream',
];

/** A linear congruential generator (Numerical Recipes): the same files at each run. */
function generator(seed: number): () => number {
  let state = seed;
  return () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
}

/** @returns failures of twelve causes, and the number of the cause of each */
export function plantedFailures(count: number): { readonly failure: Failure; readonly cause: number }[] {
  const next = generator(7);
  const random = (): string =>
    Array.from({ length: 6 + Math.floor(next() * 6) }, () => Math.floor(next() * 36).toString(36)).join('');
  return Array.from({ length: count }, (_, index) => {
    const key = HOSTILE[Math.floor(next() * HOSTILE.length)]!(index);
    const cause = Math.floor(next() * CAUSES.length);
    const error = CAUSES[cause]!(key, random);
    const status = next() < 0.5 ? 'failed' : 'dead';
    return { failure: failureOfItem(stored(status, { key, error })), cause };
  });
}

import { ApiError } from './api-error.ts';
import type { ListFaultEffect } from './fault.ts';
import type { Faults } from './faults.ts';
import { jobStatuses, type Job } from './job.ts';
import { jobObject } from './job-object.ts';
import { jobKinds } from './option-rules.ts';

const defaultLimit = 20;
const maxLimit = 100;

/** The body of a list: a bare array, or an object with the array as `data`. Ittybit's pages show both. */
export type ListBody = 'array' | 'data';

interface ListingParts {
  /** What the link to the next page starts with, e.g. `http://127.0.0.1:4000`. */
  readonly baseUrl: string;
  readonly faults: Faults;
  readonly listBody: ListBody;
  /** The time in Unix ms. */
  readonly now: () => number;
}

/**
 * Answers `GET /jobs`: a page of jobs, newest first unless `order=asc`, with `Limit`, `Has-More`
 * and, when there is a next page, `Link`. `Has-More` is about the direction of the paging.
 * @param jobs all jobs, oldest first
 * @throws ApiError 400 `request_invalid`
 */
export function listJobs(
  jobs: readonly Job[],
  query: URLSearchParams,
  { baseUrl, faults, listBody, now }: ListingParts,
): { readonly body: string; readonly headers: Readonly<Record<string, string>> } {
  const limit = readLimit(query);
  const kind = readWord(query, 'kind', jobKinds);
  const status = readWord(query, 'status', jobStatuses);
  const input = query.get('input');
  const ordered = readWord(query, 'order', ['asc', 'desc']) === 'asc' ? jobs : jobs.toReversed();
  const from = query.has('after') ? indexOf(ordered, query, 'after') + 1 : 0;
  const to = query.has('before') ? indexOf(ordered, query, 'before') : ordered.length;
  const found = ordered
    .slice(from, to)
    .filter((job) => kind === undefined || job.request.kind === kind)
    .filter((job) => status === undefined || job.status === status)
    .filter((job) => input === null || job.request.input === input)
    .map((job) => ({ job, effects: faults.forList(job.subject) }))
    .filter(({ job, effects }) => !effects.some((effect) => isHiding(effect, now() - job.createdAt)));
  const isBackwards = query.has('before') && !query.has('after');
  const page = isBackwards ? found.slice(-limit) : found.slice(0, limit);
  const hasMore = found.length > page.length;
  const headers: Record<string, string> = { Limit: String(limit), 'Has-More': String(hasMore) };
  const last = page.at(-1);
  if (hasMore && !isBackwards && last !== undefined) {
    const next = new URLSearchParams(query);
    next.set('after', last.job.id);
    headers['Link'] = `<${baseUrl}/jobs?${next.toString()}>; rel="next"`;
  }
  const listed = page.map(listedJob);
  return { body: JSON.stringify(listBody === 'data' ? { data: listed } : listed), headers };
}

function isHiding(effect: ListFaultEffect, ageMs: number): boolean {
  return effect.type === 'unlisted' && ageMs < effect.ms;
}

function listedJob({ job, effects }: { job: Job; effects: readonly ListFaultEffect[] }): object {
  const { metadata, ...rest } = jobObject(job);
  return effects.some(({ type }) => type === 'metadata_unlisted') ? rest : { ...rest, metadata };
}

function readLimit(query: URLSearchParams): number {
  const text = query.get('limit') ?? String(defaultLimit);
  const limit = /^\d+$/.test(text) ? Number(text) : NaN;
  if (limit >= 1 && limit <= maxLimit) return limit;
  throw invalid(`limit must be a whole number from 1 to ${maxLimit}.`);
}

function readWord<Word extends string>(
  query: URLSearchParams,
  name: string,
  words: readonly Word[],
): Word | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const word = words.find((known) => known === text);
  if (word === undefined) throw invalid(`${name} must be one of ${words.join(', ')}.`);
  return word;
}

function indexOf(ordered: readonly Job[], query: URLSearchParams, name: string): number {
  const index = ordered.findIndex((job) => job.id === query.get(name));
  if (index < 0) throw invalid(`${name} must be the id of a job.`);
  return index;
}

function invalid(message: string): ApiError {
  return new ApiError(400, 'request_invalid', message);
}

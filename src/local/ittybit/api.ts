import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerOrRefusal, faultAnswer, type Answer } from './answer.ts';
import { ApiError } from './api-error.ts';
import type { ApiKeys } from './api-keys.ts';
import type { FaultAnswer, FaultSubject, RequestFaultEffect } from './fault.ts';
import type { Faults } from './faults.ts';
import type { IdempotencyMemory } from './idempotency.ts';
import { listJobs, type ListBody } from './job-list.ts';
import { jobObject } from './job-object.ts';
import type { Jobs } from './jobs.ts';
import type { Answered, JobBookWriter, Route } from './job-book.ts';
import type { OutstandingWork } from './outstanding-work.ts';
import type { RateLimit } from './rate-limit.ts';
import { readRequest } from './request-reading.ts';
import { validateIdempotencyKey, validateJobRequest } from './request-validation.ts';

/** The parts that serve the API's requests. */
export interface ApiParts {
  readonly keys: ApiKeys;
  readonly rateLimit: RateLimit;
  readonly faults: Faults;
  readonly jobs: Jobs;
  readonly idempotency: IdempotencyMemory;
  readonly book: JobBookWriter;
  readonly work: OutstandingWork;
  readonly listBody: ListBody;
  /** The time in Unix ms. */
  readonly now: () => number;
  /** Added to every answer, in ms. */
  readonly latencyMs: number;
}

/**
 * Serves one request, from its first byte to its answer, or without an answer when a fault says so. Rejects when a
 * fault's predicate throws.
 */
export async function serve(
  parts: ApiParts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { book } = parts;
  const end = book.requestBegan();
  const url = URL.parse(`http://127.0.0.1${request.url ?? '/'}`) ?? new URL('http://127.0.0.1/');
  const route = routeOf(request.method, url.pathname);
  let isRecorded = false;
  const record = (answered: Answered) => {
    if (!isRecorded) book.recordAnswer(route, answered);
    isRecorded = true;
  };
  response.once('close', () => {
    record('caller_left');
    end();
  });
  const subject = await readRequest(request, url.pathname);
  if (subject === undefined) return;
  if (route === 'POST /jobs') book.recordPost(subject, parts.now());
  const endWork = parts.work.begin();
  const answer = await answerTo(parts, request, url, subject);
  endWork();
  if (answer === 'hung') {
    record(answer);
  } else if (answer === 'response_lost') {
    record(answer);
    request.socket.destroy();
  } else if (!response.destroyed) {
    record(answer.status);
    // Before the answer is sent: the caller may send its next request at once.
    end();
    response.writeHead(answer.status, { 'Content-Type': 'application/json', ...answer.headers });
    response.end(answer.body);
  }
}

async function answerTo(
  parts: ApiParts,
  request: IncomingMessage,
  url: URL,
  subject: FaultSubject,
): Promise<Answer | 'hung' | 'response_lost'> {
  const { keys, rateLimit, book, faults, latencyMs } = parts;
  const refusal = answerOrRefusal(() => {
    keys.authorize(request.headers.authorization);
    rateLimit.admit(book.requestsInProgress);
    if (isCreate(subject)) rateLimit.admitCreate();
    return undefined;
  });
  if (refusal !== undefined) return refusal;
  if (latencyMs > 0) await pause(parts, latencyMs);
  let trouble: Exclude<RequestFaultEffect, { type: 'latency' }> | undefined;
  for (const effect of faults.forRequest(subject)) {
    if (effect.type === 'latency') await pause(parts, effect.ms);
    else trouble = effect;
  }
  if (trouble?.type === 'hang') return 'hung';
  if (trouble?.type === 'status') return faultAnswer(trouble);
  const refused = trouble?.type === 'refused' ? trouble : undefined;
  const take = () => answerOrRefusal(() => respond(parts, request, url, subject, refused));
  if (trouble?.type === 'response_lost') {
    if (trouble.afterMs === undefined) take();
    else parts.work.after(trouble.afterMs, take);
    return 'response_lost';
  }
  const answer = take();
  return trouble?.type === 'answer_replaced' ? faultAnswer(trouble) : answer;
}

function respond(
  parts: ApiParts,
  request: IncomingMessage,
  url: URL,
  subject: FaultSubject,
  refused: FaultAnswer | undefined,
): Answer {
  switch (routeOf(subject.method, url.pathname)) {
    case 'POST /jobs':
      return createJob(parts, subject, refused);
    case 'GET /jobs': {
      const baseUrl = `http://${request.headers.host ?? ''}`;
      return { status: 200, ...listJobs(parts.book.jobs, url.searchParams, { baseUrl, ...parts }) };
    }
    case 'GET /jobs/{id}': {
      const job = parts.jobs.find(url.pathname.slice('/jobs/'.length));
      if (job === undefined) throw new ApiError(404, 'job_not_found', 'No job has this id.');
      return { status: 200, body: JSON.stringify(jobObject(job)) };
    }
    case 'other':
      throw /^\/jobs(\/|$)/.test(url.pathname)
        ? new ApiError(405, 'method_not_allowed', 'This path does not take this method.')
        : new ApiError(404, 'not_found', 'There is nothing at this path.');
  }
}

/** @param refused what a fault refuses the create with, once its key turned out to be a new one */
function createJob(
  { jobs, idempotency }: ApiParts,
  subject: FaultSubject,
  refused: FaultAnswer | undefined,
): Answer {
  const { idempotencyKey, body } = subject;
  validateIdempotencyKey(idempotencyKey);
  return idempotency.answer(idempotencyKey, body, () => {
    if (refused !== undefined) return faultAnswer(refused);
    if (body === undefined)
      throw new ApiError(400, 'request_invalid', 'The body must be JSON of at most 1 MiB.');
    const job = jobs.create(validateJobRequest(body), subject);
    return { status: 201, body: JSON.stringify(jobObject(job)) };
  });
}

function isCreate({ method, path }: FaultSubject): boolean {
  return routeOf(method, path) === 'POST /jobs';
}

function routeOf(method: string | undefined, path: string): Route {
  if (path === '/jobs' && method === 'POST') return 'POST /jobs';
  if (path === '/jobs' && method === 'GET') return 'GET /jobs';
  return method === 'GET' && path.startsWith('/jobs/') ? 'GET /jobs/{id}' : 'other';
}

function pause({ work }: ApiParts, ms: number): Promise<void> {
  return new Promise((resolve) => {
    work.after(ms, resolve);
  });
}

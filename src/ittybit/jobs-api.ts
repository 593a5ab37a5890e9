import { fieldsOf, parseJson, type Fields } from '../core/foreign-json.ts';
import { textId, type PostOutcome } from '../core/ittybit/dispatch-rules.ts';
import { messageOf } from '../core/errors.ts';
import type { JobsApi, JobSearch } from '../core/ittybit/jobs-api.ts';
import { parseJobReport } from '../core/ittybit/webhook-payload.ts';

/** The longest page that `GET /jobs` gives (Ittybit API reference, "List jobs"). */
const LIST_LIMIT = 100;
/** More pages of one input are not looked through, the empty one at their end included: then nobody can tell. */
const MAX_PAGES = 6;

/**
 * Calls Ittybit's API with `fetch`.
 * @param baseUrl the stack's IttybitApiUrl, with or without a slash at its end
 */
export function createJobsApi(baseUrl: string): JobsApi {
  const url = `${baseUrl.replace(/\/+$/, '')}/jobs`;

  const call: Call = async (rest, apiKey, timeoutMs, { headers, ...init } = {}) => {
    try {
      const response = await fetch(`${url}${rest}`, {
        ...init,
        headers: { ...headers, Authorization: `Bearer ${apiKey}`, Accept: 'application/json' },
        // Following a redirect would turn the POST into a GET or send the key to another host.
        redirect: 'manual',
        signal: AbortSignal.timeout(timeoutMs),
      });
      const retryAfter = response.headers.get('retry-after') ?? undefined;
      return { status: response.status, retryAfter, body: await response.text() };
    } catch (error) {
      const cause = error instanceof Error && error.cause ? ` (${messageOf(error.cause)})` : '';
      return { networkError: `${messageOf(error)}${cause}` };
    }
  };

  return {
    post(apiKey, reference, body, timeoutMs) {
      return call('', apiKey, timeoutMs, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'Idempotency-Key': reference },
        body: JSON.stringify(body),
      });
    },

    find: (apiKey, reference, input, timeoutMs) => findJob(call, apiKey, reference, input, timeoutMs),

    async get(apiKey, jobId, timeoutMs) {
      const answer = await call(`/${encodeURIComponent(jobId)}`, apiKey, timeoutMs);
      const job = isOk(answer) ? fieldsOf(parseJson(answer.body)) : undefined;
      return job ? { found: parseJobReport(job), job } : { failure: answer };
    },

    witness: (apiKey, timeoutMs) => call('?limit=1', apiKey, timeoutMs),
  };
}

/** Sends a request to the address of the jobs and what follows it. */
type Call = (
  rest: string,
  apiKey: string,
  timeoutMs: number,
  init?: { method?: string; headers?: Record<string, string>; body?: string },
) => Promise<PostOutcome>;

async function findJob(
  call: Call,
  apiKey: string,
  reference: string,
  input: string,
  timeoutMs: number,
): Promise<JobSearch> {
  const deadline = Date.now() + timeoutMs;
  let after = '';
  let hasStranger = false;
  for (let page = 0; page < MAX_PAGES; page++) {
    const query = `limit=${LIST_LIMIT}&input=${encodeURIComponent(input)}${after}`;
    const answer = await call(`?${query}`, apiKey, Math.max(1, deadline - Date.now()));
    if (!isOk(answer)) return { failure: answer };
    const jobs = listOf(parseJson(answer.body));
    if (!jobs) return { failure: { networkError: 'the job list is not readable' } };
    const ours = jobs.find((job) => fieldsOf(job['metadata'])?.['reference'] === reference);
    if (ours && textId(ours['id']) !== undefined) return { found: parseJobReport(ours) };
    hasStranger ||= ours !== undefined || jobs.some(isStranger);
    // Only an empty page is the end: a server may give less than was asked for, and a job behind it would be paid again.
    if (jobs.length === 0) {
      return hasStranger ? { unknown: 'a job of this input might be ours' } : { found: undefined };
    }
    const last = textId(jobs.at(-1)?.['id']);
    if (last === undefined) break;
    after = `&after=${encodeURIComponent(last)}`;
  }
  return { unknown: 'the input has too many jobs to look through' };
}

function isOk(answer: PostOutcome): answer is Extract<PostOutcome, { status: number }> {
  return 'status' in answer && answer.status >= 200 && answer.status < 300;
}

/** The list is a bare array (Ittybit API reference, "Pagination") or, as in older pages, wrapped in `data`. */
function listOf(body: unknown): readonly Fields[] | undefined {
  const list: unknown = Array.isArray(body) ? body : fieldsOf(body)?.['data'];
  return Array.isArray(list) ? list.map((job) => fieldsOf(job) ?? {}) : undefined;
}

/** A job without metadata might be ours, and a wrong guess would be paid for. */
function isStranger(job: Fields): boolean {
  return Object.keys(fieldsOf(job['metadata']) ?? {}).length === 0;
}

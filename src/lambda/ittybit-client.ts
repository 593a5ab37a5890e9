import { textId, type PostOutcome } from '../core/ittybit/dispatch-rules.ts';
import { messageOf } from '../core/errors.ts';
import type { JobsApi } from '../core/ittybit/jobs-api.ts';

/** The longest page that `GET /jobs` gives (Ittybit API reference, "List jobs"). */
const LIST_LIMIT = 100;

/**
 * Calls Ittybit's API with `fetch`.
 * @param baseUrl the stack's IttybitApiUrl, with or without a slash at its end
 */
export function createJobsApi(baseUrl: string): JobsApi {
  const url = `${baseUrl.replace(/\/+$/, '')}/jobs`;

  async function call(
    target: string,
    apiKey: string,
    timeoutMs: number,
    { headers, ...init }: { method?: string; headers?: Record<string, string>; body?: string } = {},
  ): Promise<PostOutcome> {
    try {
      const response = await fetch(target, {
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
  }

  return {
    post(apiKey, reference, body, timeoutMs) {
      return call(url, apiKey, timeoutMs, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'Idempotency-Key': reference },
        body: JSON.stringify(body),
      });
    },
    async find(apiKey, reference, input, timeoutMs) {
      const answer = await call(
        `${url}?limit=${LIST_LIMIT}&input=${encodeURIComponent(input)}`,
        apiKey,
        timeoutMs,
      );
      // Every 2xx is read as a list. Returned as a failure, it would look like an accepted POST.
      if ('networkError' in answer || answer.status < 200 || answer.status >= 300) return { failure: answer };
      try {
        return { jobId: jobWith(reference, JSON.parse(answer.body)) };
      } catch (error) {
        return { failure: { networkError: `the job list is not readable: ${messageOf(error)}` } };
      }
    },
  };
}

/**
 * The list is a bare array (Ittybit API reference, "Pagination") or, as in older pages, wrapped in `data`.
 * @throws Error when a job without metadata, or one after this page, might be ours, or when ours has no id: a wrong guess
 * would be paid for
 */
function jobWith(reference: string, list: unknown): string | undefined {
  const jobs = (Array.isArray(list) ? list : (list as { data: unknown[] }).data) as {
    id?: unknown;
    metadata?: { reference?: string } | null;
  }[];
  const ours = jobs.find((job) => job.metadata?.reference === reference);
  if (!ours && (jobs.length >= LIST_LIMIT || jobs.some((job) => !job.metadata))) {
    throw new Error('it does not tell whether one of its jobs is ours');
  }
  const id = ours && textId(ours.id);
  if (ours && id === undefined) throw new Error('our job in it has no id');
  return id;
}

import { retryAfterMs, type PostOutcome } from '../../core/ittybit/dispatch-rules.ts';
import type { JobsApi } from '../../core/ittybit/jobs-api.ts';
import type { Turn } from './shared-pace.ts';
import { NO_SLOT_FREE } from './slots.ts';

/** As a refusal, it ends the requests of a run. */
const NO_SLOT = { failure: { status: 429, retryAfter: undefined, body: NO_SLOT_FREE } };
/** After a 429 without a time, in ms. */
const REFUSED_MS = 5_000;

type Asked = Pick<JobsApi, 'get' | 'find' | 'witness'>;

/**
 * Ittybit as the reconciler asks it: each request has a slot of its own, and a refusal lowers the rate of all. A look-up
 * counts as one request, as a second page is rare.
 */
export function pacedJobs(api: Asked, turn: Turn, now: () => number): Asked {
  async function paced<Answer extends object>(
    request: () => Promise<Answer | { readonly failure: PostOutcome }>,
  ): Promise<Answer | { readonly failure: PostOutcome }> {
    if (!(await turn.take())) return NO_SLOT;
    const answer = await request();
    if ('failure' in answer && 'status' in answer.failure && answer.failure.status === 429) {
      await turn.refused(retryAfterMs(answer.failure.retryAfter, now()) ?? REFUSED_MS);
    }
    return answer;
  }

  return {
    get: (...asked) => paced(() => api.get(...asked)),
    find: (...asked) => paced(() => api.find(...asked)),
    async witness(...asked) {
      const { failure } = await paced(async () => ({ failure: await api.witness(...asked) }));
      return failure;
    },
  };
}

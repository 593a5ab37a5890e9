import { answerText, isHeard, type PostOutcome } from './dispatch-rules.ts';

/** What Ittybit's answer to one request says about the API key that was sent with it. */
export type KeyVerdict =
  | { readonly key: 'accepted' }
  | { readonly key: 'refused'; readonly reason: string }
  /** the answer, or the lack of one, says nothing about the key */
  | { readonly key: 'unknown'; readonly reason: string };

/**
 * Only a list of jobs shows that a key is good, and only a 401 that it is not (Ittybit API reference, "Authentication"): a
 * firewall and a wrong address give every other answer.
 * @param answer to `GET /jobs?limit=1`
 */
export function keyVerdict(answer: PostOutcome): KeyVerdict {
  if (isHeard(answer)) return { key: 'accepted' };
  const reason = answerText(answer);
  const isRefused = 'status' in answer && answer.status === 401;
  return { key: isRefused ? 'refused' : 'unknown', reason };
}

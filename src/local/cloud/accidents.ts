import type { LocalCloud } from './local-cloud.ts';
import { PLACES, type WildFile } from './wild-files.ts';

/** Makes things go wrong as in real backlogs. @returns a function that fixes the causes that a person would have to fix */
export function breakThings({ ittybit: { faults } }: LocalCloud): () => void {
  const locked = faults.add({
    match: PLACES.locked,
    effect: {
      type: 'status',
      status: 400,
      kind: 'invalid_input',
      message: 'cannot read input: access denied',
    },
  });
  const outage = faults.add({
    match: PLACES.outage,
    effect: { type: 'status', status: 503, kind: 'internal_error', message: 'try again later' },
  });
  faults.add({ match: PLACES.flaky, effect: { type: 'response_lost' }, times: 1 });
  faults.add({ match: PLACES.flaky, effect: { type: 'webhook_out_of_order' } });
  faults.add({ match: PLACES.silent, effect: { type: 'webhook_lost' } });
  faults.add({ match: 'reel #7', effect: { type: 'webhook_duplicated' } });
  const error = { kind: 'unsupported_codec', message: 'no decoder for this stream' };
  faults.add({ match: PLACES.corrupt, effect: { type: 'job_fails', error } });
  return () => {
    locked.remove();
    outage.remove();
  };
}

/** @returns what `breakThings` does to these files, in words */
export function accidents(files: readonly WildFile[]): string {
  const at = (place: string) => files.filter(({ key }) => key.startsWith(place)).length;
  return [
    `${at(PLACES.locked)} files that Ittybit cannot read`,
    `${at(PLACES.outage)} that meet an outage`,
    `${at(PLACES.corrupt)} corrupt`,
    `${at(PLACES.silent)} whose callback is lost`,
    'a lost answer, webhooks doubled and in the wrong order',
  ].join(', ');
}

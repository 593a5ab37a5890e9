import type { RunState } from '../../core/batch/cloud-runs.ts';
import { prefixUri, type S3Prefix } from '../../core/files/s3-location.ts';
import { visibleText } from '../../core/visible-text.ts';

/** Longest quote of AWS's words, in UTF-16 units: as much as a notification shows. */
const MAX_QUOTE = 300;

/** @returns what to do about a run that met more objects than one run takes, in one sentence */
export function tooMany(place: S3Prefix): string {
  return `There are more than 50 million objects under ${prefixUri(place)}, so AWS did not end their enqueue, and some may be missing: cancel the batch and enqueue it again "In Parts", which pays for nothing twice.`;
}

/**
 * @param failure the names and words of the first part that failed, or of the run itself
 * @returns why a run in the cloud has stopped and what to do, in one sentence
 */
export function runFailure(
  { error = '', cause = '' }: Pick<RunState, 'error' | 'cause'>,
  place: S3Prefix,
): string {
  const words = `${error} ${cause}`;
  const [, action, resource] =
    /not authorized to perform:? ([\w-]+:\w+)(?: on(?: resource:?)? ([^\s"']+))?/.exec(words) ?? [];
  if (action !== undefined) {
    const on = resource === undefined ? '' : ` on ${visibleText(resource, 120)}`;
    return `AWS denies the cloud enqueue ${action}${on}: allow it (a policy of the bucket or the queue, a permissions boundary, or a policy of the organisation may deny it), then resume.`;
  }
  if (/NoSuchBucket|bucket does not exist/i.test(words))
    return `The bucket of ${prefixUri(place)} is gone: cancel the batch.`;
  if (/QueueDoesNotExist|NonExistentQueue/.test(words))
    return 'The work queue that the cloud enqueue knows is gone: resume, which updates the cloud enqueue first.';
  if (/ResourceNotFoundException/.test(words))
    return 'The results table or the function of the cloud enqueue is gone: remove the cloud enqueue, then resume the batch from its row, which makes it anew.';
  if (/DataLimitExceeded/.test(words))
    return `The keys under ${prefixUri(place)} are too long for AWS to hand over a thousand at a time: cancel the batch and enqueue from the editor.`;
  const quote = visibleText(words.trim(), MAX_QUOTE).replace(/\.$/, '');
  return `The cloud enqueue of ${prefixUri(place)} has stopped (${quote}): resume it, which repeats only what failed.`;
}

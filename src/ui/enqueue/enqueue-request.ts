import { isAbort, messageOf } from '../../core/errors.ts';
import type { EnqueueRequest } from '../../app/batch/enqueue-prefix.ts';
import { callerName } from '../../core/stack/identity.ts';
import type { BatchesContext } from '../batches/batches-context.ts';
import type { Session } from '../connection/session.ts';
import { sourceAnswer, type CompleteForm } from './enqueue-form.ts';
import { filterOf } from './enqueue-files.ts';
import { keyFileOf } from './key-list.ts';

/** @returns the request for a form's answers, without a file of keys */
export function requestOf(form: CompleteForm): EnqueueRequest {
  const { place, job, extensions, again, name } = form;
  return {
    ...place,
    job,
    extensions,
    filter: filterOf(form),
    again,
    ...(name !== '' && { name }),
    source: sourceAnswer(form),
  };
}

/** @returns the request with the file that its keys come from, where there is one */
export function requestWithFile({ vs }: Pick<BatchesContext, 'vs'>, form: CompleteForm): EnqueueRequest {
  const request = requestOf(form);
  return form.keyList
    ? { ...request, keyFile: keyFileOf(vs, vs.Uri.parse(form.keyList.uri, true)) }
    : request;
}

/**
 * @returns who enqueues, as AWS names them without their account, such as `user/anna`; undefined where AWS does not say
 * it, which is no reason not to enqueue
 * @throws AbortError
 */
export async function operatorOf(
  { log }: Pick<BatchesContext, 'log'>,
  { services }: Session,
): Promise<string | undefined> {
  try {
    const { arn } = await services.identity.caller();
    return callerName(arn) || undefined;
  } catch (error) {
    if (isAbort(error)) throw error;
    log.debug(`who enqueues: ${messageOf(error)}`);
    return undefined;
  }
}

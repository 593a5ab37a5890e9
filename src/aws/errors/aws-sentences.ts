import type { AwsErrorCode } from '../../core/errors.ts';
import { visibleText } from '../../core/visible-text.ts';
import { readDenial } from './denial.ts';
import type { CallContext, SdkFailure } from './sdk-failure.ts';

export interface SentenceContext extends CallContext {
  readonly subject: string | undefined;
  /** the denied IAM action, for `missing-permission` */
  readonly action: string | undefined;
}

/** Longest quote, in UTF-16 units: AWS's own words can be pages long, and a notification shows about this much. */
const MAX_QUOTE = 400;
export const WRONG_CODE = /\bMultiFactorAuthentication failed\b/;
/** JavaScript's own errors; no AWS service has these codes. */
const NOT_AWS = /^((Type|Range|Reference|Syntax|URI|Eval|Assertion|Aggregate|Unknown)?Error)$/;

/**
 * One sentence that says what happened and what to do.
 * @param code what the failure is
 * @param failure AWS's words, quoted only where we have no sentence of our own
 */
export function sentence(code: AwsErrorCode, failure: SdkFailure, context: SentenceContext): string {
  const { region } = context;
  const profile = context.profile === undefined ? undefined : visibleText(context.profile);
  switch (code) {
    case 'expired-login':
      return expiredLogin(failure, profile);
    case 'no-credentials':
      return noCredentials(failure, profile);
    case 'missing-permission':
      return missingPermission(failure, context);
    case 'no-such-bucket':
      return `There is no ${context.subject ?? 'such bucket'}: check its name.`;
    case 'wrong-region':
      return wrongRegion(failure, context);
    case 'not-found':
      return `${context.subject ? `There is no ${context.subject}` : `${serviceName(context)} has no such resource`} in ${region}: deploy the pipeline, or check the stack name, the region and the profile.`;
    case 'unsupported':
      return `${serviceName(context)} does not support ${context.operation} at ${where(context)}: use the AWS service itself for this.`;
    case 'throttled':
      return `${serviceName(context)} asks us to slow down (${failure.name}): wait a minute and try again.`;
    case 'conflict':
      return `${context.subject ? capitalised(context.subject) : serviceName(context)} is busy or was changed elsewhere (${failure.name}): wait a moment and try again.`;
    case 'unreachable':
      return unreachable(failure, context);
    case 'untrusted-certificate':
      return untrusted(failure, context);
    case 'aws':
      return refused(failure, context);
  }
}

function unreachable(failure: SdkFailure, context: SentenceContext): string {
  // A credential provider's error has no network code, only Node's message that contains it.
  const [quoted] = /\bE[A-Z_]{5,}\b/.exec(failure.message) ?? [];
  const who = /ProviderError$/.test(failure.name)
    ? 'the AWS service that gives the credentials'
    : where(context);
  return `${capitalised(who)} does not answer (${failure.networkCodes[0] ?? quoted ?? failure.name}): check the network, the proxy and the endpoint.`;
}

function expiredLogin(failure: SdkFailure, profile: string | undefined): string {
  const whose = profile ? `AWS profile "${profile}"` : 'the environment or the default AWS profile';
  if (WRONG_CODE.test(failure.message))
    return `AWS does not accept that multi-factor code for ${whose}: log in again with a new one.`;
  return profile
    ? `The session of AWS profile "${profile}" is missing or has expired: log in again (with SSO: "aws sso login --profile ${profile}"), or renew its keys, and try again.`
    : 'The AWS session is missing or has expired: log in again (with SSO: "aws sso login"), or renew its keys, and try again.';
}

function noCredentials(failure: SdkFailure, profile: string | undefined): string {
  const whose = profile ? `AWS profile "${profile}"` : 'the environment or the default AWS profile';
  return /ProviderError$/.test(failure.name)
    ? `${capitalised(whose)} gives no credentials (${words(failure)}): choose another profile, or set this one up with "aws configure".`
    : `AWS does not accept the credentials of ${whose} (${failure.name}): choose another profile, or renew its keys.`;
}

function missingPermission(failure: SdkFailure, context: SentenceContext): string {
  const named = /on resource:?\s+([^\s"']+)/.exec(failure.message)?.[1];
  const target = named ?? context.subject;
  const on = target ? ` on ${target}` : '';
  const { because, advice } = readDenial(failure.message);
  return `AWS denies ${context.action ?? 'this'}${on}${because ? ` ${because}` : ''}: ${advice}.`;
}

function untrusted(failure: SdkFailure, context: SentenceContext): string {
  const why = failure.networkCodes[0] ?? words(failure);
  return `The certificate of ${where(context)} is not trusted here (${why}): if a proxy of your company answers, set ca_bundle of the AWS profile, or AWS_CA_BUNDLE, to its root certificate.`;
}

/** Says "AWS refused" only where AWS itself has answered. */
function refused(failure: SdkFailure, context: SentenceContext): string {
  const call = `${context.service}:${context.operation}`;
  if (!NOT_AWS.test(failure.name)) return `AWS refused ${call}: ${quoted(failure)}`;
  return failure.answered
    ? `${capitalised(where(context))} does not answer ${call} as AWS does: check the endpoint and the proxy.`
    : `${call} could not be called (${words(failure)}): the log has the details ("Media Batch: Show Log").`;
}

function wrongRegion(failure: SdkFailure, context: SentenceContext): string {
  const right = failure.headers['x-amz-bucket-region'] ?? /expecting '([\w-]+)'/.exec(failure.message)?.[1];
  return `${capitalised(context.subject ?? 'the bucket')} is not in ${context.region}: use ${right ?? 'the region it was made in'}.`;
}

function where(context: SentenceContext): string {
  return context.endpoint ?? `the ${context.service} service in ${context.region}`;
}

function serviceName({ service }: SentenceContext): string {
  return `AWS ${service}`;
}

function quoted(failure: SdkFailure): string {
  const line = words(failure);
  return line === '' || line === failure.name ? `${failure.name}.` : `${line} (${failure.name})`;
}

function words(failure: SdkFailure): string {
  return failure.message.replace(/\s+/g, ' ').trim().slice(0, MAX_QUOTE);
}

function capitalised(words: string): string {
  return /^https?:/.test(words) ? words : words.charAt(0).toUpperCase() + words.slice(1);
}

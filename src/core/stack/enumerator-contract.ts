import { createHash } from 'node:crypto';
import type { StackOutputs, StackParameters } from './stack-contract.ts';

/** The description of the cloud enqueue's template; Media Batch recognises its stacks by it. */
export const ENUMERATOR_DESCRIPTION = 'Media Batch: enqueues a bucket with Step Functions';

/** Outputs of that template. */
export const ENUMERATOR_OUTPUTS = {
  machine: 'EnumeratorArn',
  bucket: 'SourceBucket',
  version: 'EnumeratorVersion',
} as const;

/**
 * The version of that template which belongs to this code; a test compares the two. Each release with a changed template
 * takes the next whole number. A part that is under way meets the new sender and function, so they must take its input.
 */
export const ENUMERATOR_VERSION = 1;

/** What its stack is told of the pipeline. */
export type EnumeratorParameters = Readonly<
  Record<'SourceBucket' | 'WorkQueueUrl' | 'WorkQueueArn' | 'ResultsTable', string> &
    Partial<Pick<StackParameters, 'LogRetentionDays' | 'PermissionsBoundaryArn'>>
>;

/** Longest name of a stack (CloudFormation API, CreateStack). */
const MAX_NAME = 128;
const DIGITS = 8;
const MAX_PIPELINE = MAX_NAME - '-enqueue-'.length - DIGITS;

/** @returns how the names of a pipeline's cloud enqueues begin */
export function enumeratorPrefix(stackName: string): string {
  return `${stackName.slice(0, MAX_PIPELINE)}-enqueue-`;
}

/** @returns the name of the stack that enqueues one bucket for a pipeline */
export function enumeratorName(stackName: string, bucket: string): string {
  // The names of two pipelines may differ only in what is cut.
  const text = stackName.length > MAX_PIPELINE ? `${stackName}/${bucket}` : bucket;
  return enumeratorPrefix(stackName) + createHash('sha256').update(text).digest('hex').slice(0, DIGITS);
}

/** @param parameters those of the pipeline, of which the cloud enqueue shares two */
export function enumeratorParameters(
  bucket: string,
  { workQueueUrl, workQueueArn, resultsTable }: StackOutputs,
  { LogRetentionDays, PermissionsBoundaryArn }: Readonly<Record<string, string>>,
): EnumeratorParameters {
  return {
    SourceBucket: bucket,
    WorkQueueUrl: workQueueUrl,
    WorkQueueArn: workQueueArn,
    ResultsTable: resultsTable,
    ...(LogRetentionDays !== undefined && { LogRetentionDays }),
    ...(PermissionsBoundaryArn !== undefined && { PermissionsBoundaryArn }),
  };
}

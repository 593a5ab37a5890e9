import { DeployError, MediaBatchError } from '../../core/errors.ts';
import type { BucketOwners, BucketStore } from '../../core/files/bucket-store.ts';
import { checkListable, type S3Prefix } from '../../core/files/s3-location.ts';
import type { CloudRuns } from '../../core/batch/cloud-runs.ts';
import {
  ENUMERATOR_DESCRIPTION,
  ENUMERATOR_OUTPUTS,
  ENUMERATOR_VERSION,
  enumeratorName,
  enumeratorParameters,
  enumeratorPrefix,
} from '../../core/stack/enumerator-contract.ts';
import type { StackOutputs } from '../../core/stack/stack-contract.ts';
import type { Stack, StackService } from '../../core/stack/stack-service.ts';
import { visibleText } from '../../core/visible-text.ts';
import { deployStack, type DeployOptions } from './deploy-stack.ts';
import { existingStack, outputsOf } from './pipeline.ts';
import { deletePipeline, type OperationOptions, type OperationOutcome } from './stack-operations.ts';

/** The stack that enqueues one bucket for a pipeline. */
export interface EnumeratorStack {
  readonly name: string;
  readonly bucket: string;
  /** ARN of its state machine; undefined while the stack is being made */
  readonly machine: string | undefined;
  /** as CloudFormation names it */
  readonly status: string;
  /** of its template; 0 where the stack does not say it */
  readonly version: number;
  /** what it was told of the pipeline */
  readonly parameters: Stack['parameters'];
}

/**
 * @returns true where a stack must be updated before it enqueues: an older template made it, or the pipeline has been made
 * anew since, with another queue or table
 */
export function isOutdated(stack: EnumeratorStack, pipeline: StackOutputs): boolean {
  return stack.version < ENUMERATOR_VERSION || isElsewhere(stack, pipeline);
}

/** @returns true where a stack sends to a queue, or counts in a table, that the pipeline does not have */
export function isElsewhere({ parameters }: EnumeratorStack, pipeline: StackOutputs): boolean {
  const { WorkQueueUrl, ResultsTable } = parameters;
  return WorkQueueUrl !== pipeline.workQueueUrl || ResultsTable !== pipeline.resultsTable;
}

/**
 * Refuses the removal of a stack while a run of it goes on: AWS would end the run with what it has not sent.
 * @throws MediaBatchError `conflict`; AwsError
 */
export async function checkRemovable(
  { machine, bucket }: EnumeratorStack,
  cloudRuns: Pick<CloudRuns, 'isBusy'>,
  signal?: AbortSignal,
): Promise<void> {
  if (machine === undefined || !(await cloudRuns.isBusy(machine, signal))) return;
  throw new MediaBatchError(
    'conflict',
    `The bucket "${visibleText(bucket)}" is being enqueued in the cloud: pause or cancel that, then remove its cloud enqueue.`,
  );
}

/**
 * Refuses a place that Step Functions cannot list, and says so before anything is made: its reader takes general purpose
 * buckets of the same account and region only (Developer Guide, "ItemReader").
 * @param pipeline where it is, and the caller's own account
 * @throws InvalidInputError for another kind of bucket, MediaBatchError `cloud-enqueue-refused`; AwsError where the bucket
 * may not be listed
 */
export async function checkCloudPlace(
  { bucket, prefix }: S3Prefix,
  pipeline: { readonly region: string; readonly account: string },
  services: { readonly buckets: BucketStore; readonly bucketOwners: BucketOwners },
  signal?: AbortSignal,
): Promise<void> {
  checkListable(bucket);
  const home = await services.buckets.region(bucket, signal);
  const instead = 'enqueue it from the editor, or deploy a pipeline there';
  if (home !== pipeline.region)
    throw refused(`The bucket "${bucket}" is in ${home} and the pipeline in ${pipeline.region}: ${instead}.`);
  await services.buckets.level({ bucket, prefix, max: 1 }, signal);
  if (!(await services.bucketOwners.isOwn(bucket, pipeline.account, signal)))
    throw refused(`The bucket "${bucket}" belongs to another AWS account than the pipeline: ${instead}.`);
}

function refused(reason: string): MediaBatchError {
  return new MediaBatchError('cloud-enqueue-refused', reason);
}

export interface EnumeratorRequest {
  /** the pipeline's stack */
  readonly stackName: string;
  readonly bucket: string;
  readonly templateBody: string;
}

/**
 * Makes or updates the stack that enqueues a bucket, with the pipeline's log retention, permissions boundary and tags.
 * @returns the stack; undefined where the review declined
 * @throws what `deployStack` and `outputsOf` throw
 */
export async function deployEnumerator(
  { stackName, bucket, templateBody }: EnumeratorRequest,
  stacks: StackService,
  options: DeployOptions = {},
): Promise<EnumeratorStack | undefined> {
  const pipeline = await existingStack(stackName, stacks, options.signal);
  const name = enumeratorName(stackName, bucket);
  const parameters = enumeratorParameters(bucket, outputsOf(stackName, pipeline), pipeline.parameters);
  const request = { stackName: name, templateBody, parameters, tags: pipeline.tags };
  const end = await deployStack(request, stacks, options);
  if (end.outcome === 'declined') return undefined;
  const machine = end.outputs[ENUMERATOR_OUTPUTS.machine];
  if (machine === undefined)
    throw new DeployError(
      'not-deployed',
      name,
      `The stack "${name}" has no state machine: delete it and try again.`,
    );
  const status = end.outcome === 'updated' ? 'UPDATE_COMPLETE' : 'CREATE_COMPLETE';
  return { name, bucket, machine, status, version: ENUMERATOR_VERSION, parameters: end.parameters };
}

/** @returns the stack that enqueues a bucket for a pipeline; undefined where there is none. @throws AwsError */
export async function findEnumerator(
  stackName: string,
  bucket: string,
  stacks: StackService,
  signal?: AbortSignal,
): Promise<EnumeratorStack | undefined> {
  const name = enumeratorName(stackName, bucket);
  return enumeratorOf(name, await stacks.describe(name, signal));
}

/** @returns a pipeline's cloud enqueues, by name. @throws AwsError */
export async function listEnumerators(
  stackName: string,
  stacks: StackService,
  signal?: AbortSignal,
): Promise<readonly EnumeratorStack[]> {
  const all = await stacks.list(signal, ENUMERATOR_DESCRIPTION);
  const own = all.filter(({ name }) => name.startsWith(enumeratorPrefix(stackName)));
  const found = await Promise.all(
    own.map(async ({ name }) => enumeratorOf(name, await stacks.describe(name, signal))),
  );
  // The name of another pipeline may begin with this one's prefix.
  const isOwn = ({ name, bucket }: EnumeratorStack): boolean => name === enumeratorName(stackName, bucket);
  return found.filter((each) => each !== undefined).filter(isOwn);
}

/** Deletes the stack. Its batches and their counts stay. See `checkRemovable`. @throws as `deletePipeline` */
export function removeEnumerator(
  name: string,
  stacks: StackService,
  options: OperationOptions = {},
): Promise<OperationOutcome> {
  return deletePipeline(name, stacks, options);
}

function enumeratorOf(name: string, stack: Stack | undefined): EnumeratorStack | undefined {
  if (!stack || stack.status === 'REVIEW_IN_PROGRESS') return undefined;
  const { outputs, parameters, status } = stack;
  const version = Number(outputs[ENUMERATOR_OUTPUTS.version] ?? 0);
  const bucket = outputs[ENUMERATOR_OUTPUTS.bucket] ?? parameters['SourceBucket'];
  if (bucket === undefined) return undefined;
  return { name, bucket, machine: outputs[ENUMERATOR_OUTPUTS.machine], status, version, parameters };
}
